#include "every/ipld/dag_pb.h"

#include "fixtures.h"
#include <gtest/gtest.h>

namespace every::ipld::dag_pb {
namespace {

using tests::from_hex;

/// source: https://ipld.io/specs/codecs/dag-pb/fixtures/cross-codec/
struct Fixture {
  std::string name;
  core::Bytes block;
  std::string cid;
};

void PrintTo(const Fixture& fixture, std::ostream* out) {
  *out << fixture.name;
}

std::vector<Fixture> fixtures() {
  std::vector<Fixture> all;
  for (const auto& row : tests::read_rows("dag_pb.tsv"))
    all.push_back({row.at(0), from_hex(row.at(1)), row.at(2)});
  return all;
}

class DagPbFixtureTest : public testing::TestWithParam<Fixture> {};

TEST_P(DagPbFixtureTest, DecodesAndEncodesToTheSameBytes) {
  const auto node = decode(GetParam().block);
  ASSERT_TRUE(node.has_value()) << node.error().message;
  EXPECT_EQ(encode(*node), GetParam().block);
}

TEST_P(DagPbFixtureTest, HasTheCidOfTheFixture) {
  EXPECT_EQ(Cid::of(Codec::kDagPb, HashCode::kSha2_256, GetParam().block).render(), GetParam().cid);
}

INSTANTIATE_TEST_SUITE_P(Spec, DagPbFixtureTest, testing::ValuesIn(fixtures()),
                         [](const auto& test) { return tests::test_name(test.param.name); });

struct BadBlock {
  const char* name;
  const char* hex;
};

void PrintTo(const BadBlock& block, std::ostream* out) {
  *out << block.name;
}

class DagPbRefusalTest : public testing::TestWithParam<BadBlock> {};

TEST_P(DagPbRefusalTest, IsMalformed) {
  const auto node = decode(from_hex(GetParam().hex));
  ASSERT_FALSE(node.has_value());
  EXPECT_EQ(node.error().code, core::ErrorCode::kMalformed) << node.error().message;
}

// The first eight: the IPLD project's negative fixtures (github.com/ipld/codec-fixtures).
INSTANTIATE_TEST_SUITE_P(
    Spec, DagPbRefusalTest,
    testing::Values(
        BadBlock{"LinkWithNoHash", "1200"}, BadBlock{"DataAndLinkWithNoHash", "12000a050001020304"},
        BadBlock{"LinkWithZeroHash", "12020a00"}, BadBlock{"LinkWithJustEmptyName", "12021200"},
        BadBlock{"LinkWithJustSomeName", "120b1209736f6d65206e616d65"},
        BadBlock{"LinkWithJustZeroTsize", "12021800"},
        BadBlock{"LinkWithJustNonzeroTsize", "120318f207"},
        BadBlock{"DataBetweenLinks",
                 "12240a221220cf92fdefcdc34cac009c8b05eb662be0618db9de55ecd42785e9ec6712f8df650a040"
                 "8021806"
                 "12240a221220cf92fdefcdc34cac009c8b05eb662be0618db9de55ecd42785e9ec6712f8df65"},
        BadBlock{"DataTwice", "0a000a00"}, BadBlock{"UnknownField", "1a00"},
        BadBlock{"DataAsNumber", "0801"},
        BadBlock{"NameBeforeHash", "120d12000a09015500050001020304"},
        BadBlock{"NameTwice", "120f0a0901550005000102030412001200"},
        BadBlock{"DataCutOff", "0a0500"}, BadBlock{"LinkCutOff", "120b0a0901550005000102"},
        BadBlock{"CidWithBytesLeftOver", "120c0a0a01550005000102030405"},
        BadBlock{"LengthNotMinimal", "0a8000"},
        BadBlock{"LengthOver64Bits", "0affffffffffffffffff02"}, BadBlock{"Group", "0b"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(DagPbTest, AcceptsDataBeforeLinks) {
  const auto node = decode(from_hex("0a0101120b0a09015500050001020304"));
  ASSERT_TRUE(node.has_value()) << node.error().message;
  EXPECT_EQ(node->links.size(), 1);
  EXPECT_EQ(node->data, core::Bytes{1});
}

TEST(DagPbTest, KeepsTheOrderLinksAreFoundIn) {
  const auto node =
      decode(from_hex("120e0a09015500050001020304120162120e0a09015500050001020304120161"));
  ASSERT_TRUE(node.has_value()) << node.error().message;
  EXPECT_EQ(node->links[0].name, "b");
  EXPECT_EQ(node->links[1].name, "a");
}

TEST(DagPbTest, DoesNotWriteLinksOutOfOrder) {
  const Cid cid = Cid::of(Codec::kRaw, HashCode::kSha2_256, {});
  const auto block = encode({{{cid, "b", 0}, {cid, "a", 0}}, std::nullopt});
  ASSERT_FALSE(block.has_value());
  EXPECT_EQ(block.error().code, core::ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace every::ipld::dag_pb
