#include "fixtures.h"
#include <gtest/gtest.h>

#include "every/ipld/dag_cbor.h"
#include "every/ipld/dag_json.h"

namespace every::ipld {
namespace {

using tests::from_hex;

/// source: https://ipld.io/specs/codecs/dag-cbor/fixtures/cross-codec/
struct Fixture {
  std::string name;
  core::Bytes cbor;
  std::string cbor_cid;
  std::string json;
  std::string json_cid;
};

void PrintTo(const Fixture& fixture, std::ostream* out) {
  *out << fixture.name;
}

std::vector<Fixture> fixtures() {
  std::vector<Fixture> all;
  for (const auto& row : tests::read_rows("cross_codec.tsv")) {
    all.push_back({row.at(0), from_hex(row.at(1)), row.at(2),
                   std::string(core::as_text(from_hex(row.at(3)))), row.at(4)});
  }
  return all;
}

class CrossCodecTest : public testing::TestWithParam<Fixture> {};

TEST_P(CrossCodecTest, CborDecodesAndEncodesToTheSameBytes) {
  const auto value = dag_cbor::decode(GetParam().cbor);
  ASSERT_TRUE(value.has_value()) << value.error().message;
  EXPECT_EQ(dag_cbor::encode(*value), GetParam().cbor);
}

TEST_P(CrossCodecTest, JsonDecodesToTheValueOfTheCbor) {
  const auto value = dag_json::decode(GetParam().json);
  ASSERT_TRUE(value.has_value()) << value.error().message;
  EXPECT_EQ(dag_json::decode(GetParam().json, dag_json::Strictness::kBlock),
            dag_cbor::decode(GetParam().cbor));
}

TEST_P(CrossCodecTest, CborEncodesToTheTextOfTheJson) {
  const auto text = dag_json::encode(dag_cbor::decode(GetParam().cbor).value());
  ASSERT_TRUE(text.has_value()) << text.error().message;
  EXPECT_EQ(*text, GetParam().json);
}

TEST_P(CrossCodecTest, HasTheCidsOfTheFixture) {
  EXPECT_EQ(Cid::of(Codec::kDagCbor, HashCode::kSha2_256, GetParam().cbor).render(),
            GetParam().cbor_cid);
  EXPECT_EQ(Cid::of(Codec::kDagJson, HashCode::kSha2_256, core::as_bytes(GetParam().json)).render(),
            GetParam().json_cid);
}

INSTANTIATE_TEST_SUITE_P(Spec, CrossCodecTest, testing::ValuesIn(fixtures()),
                         [](const auto& test) { return tests::test_name(test.param.name); });

}  // namespace
}  // namespace every::ipld
