#include "every/ipld/links.h"

#include <gtest/gtest.h>

#include "every/ipld/dag_cbor.h"
#include "every/ipld/dag_pb.h"

namespace every::ipld {
namespace {

Cid cid_for(std::string_view content) {
  return Cid::of(Codec::kRaw, HashCode::kSha2_256, core::as_bytes(content));
}

TEST(LinksTest, FindsLinksInOrderAndAsOftenAsTheyCome) {
  const Value value = Map{{"b", List{cid_for("1"), Map{{"x", cid_for("2")}}}}, {"c", cid_for("1")}};
  const core::Bytes block = dag_cbor::encode(value).value();
  EXPECT_EQ(links_of(Cid::of_dag_cbor(block), block),
            (std::vector<Cid>{cid_for("1"), cid_for("2"), cid_for("1")}));
}

TEST(LinksTest, FindsTheLinksOfAFile) {
  const core::Bytes block =
      dag_pb::encode({{{cid_for("1"), "", 1}, {cid_for("2"), "", 1}}, std::nullopt}).value();
  EXPECT_EQ(links_of(Cid::of(Codec::kDagPb, HashCode::kSha2_256, block), block),
            (std::vector<Cid>{cid_for("1"), cid_for("2")}));
}

TEST(LinksTest, FindsNoneInRawBlocks) {
  EXPECT_EQ(links_of(cid_for("any"), core::as_bytes("any")), std::vector<Cid>());
}

TEST(LinksTest, RefusesBlocksThatDoNotParse) {
  for (const Codec codec : {Codec::kDagCbor, Codec::kDagPb, Codec::kDagJson}) {
    const auto links = links_of(Cid::of(codec, HashCode::kSha2_256, {}), core::as_bytes("\xff"));
    ASSERT_FALSE(links.has_value());
    EXPECT_EQ(links.error().code, core::ErrorCode::kMalformed);
  }
}

TEST(LinksTest, RefusesOtherCodecs) {
  const auto links = links_of(Cid::of(Codec::kLibp2pKey, HashCode::kSha2_256, {}), {});
  ASSERT_FALSE(links.has_value());
  EXPECT_EQ(links.error().code, core::ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace every::ipld
