#include "every/ipld/walk.h"

#include "unixfs_files.h"
#include <gtest/gtest.h>

#include "every/ipld/dag_cbor.h"

namespace every::ipld {
namespace {

using core::ErrorCode;
using tests::BlockMap;

Cid put(BlockMap& blocks, const Value& value) {
  return blocks.put(Codec::kDagCbor, dag_cbor::encode(value).value());
}
Cid put_raw(BlockMap& blocks, std::string_view text) {
  return blocks.put(Codec::kRaw, core::as_bytes(text));
}

std::vector<Cid> walk(DagWalk walk) {
  std::vector<Cid> cids;
  for (;;) {
    auto block = walk.next();
    EXPECT_TRUE(block) << block.error().message;
    if (!block || !*block) return cids;
    EXPECT_TRUE((*block)->cid.matches((*block)->bytes).value());
    cids.push_back((*block)->cid);
  }
}

TEST(DagWalkTest, GivesParentsBeforeChildrenInTheOrderOfTheLinks) {
  BlockMap blocks;
  const Cid a = put_raw(blocks, "a");
  const Cid b = put_raw(blocks, "b");
  const Cid inner = put(blocks, Value(List{Value(b)}));
  const Cid root = put(blocks, Value(List{Value(inner), Value(a)}));
  EXPECT_EQ(walk(DagWalk({root}, blocks.source())), (std::vector{root, inner, b, a}));
}

TEST(DagWalkTest, GivesEachBlockOnceHoweverOftenItIsLinked) {
  BlockMap blocks;
  const Cid a = put_raw(blocks, "a");
  const Cid root = put(blocks, Value(List{Value(a), Value(a)}));
  EXPECT_EQ(walk(DagWalk({a, root, root}, blocks.source())), (std::vector{a, root}));
}

TEST(DagWalkTest, GivesAWholeFile) {
  BlockMap blocks;
  const auto file = unixfs::import_bytes(tests::test_content(50'000'000), blocks.sink());
  EXPECT_EQ(walk(DagWalk({file->root}, blocks.source())).size(), blocks.size());
}

TEST(DagWalkTest, EndsAtAMissingBlockOrPassesOverIt) {
  BlockMap blocks;
  const Cid gone = put_raw(blocks, "gone");
  const Cid kept = put_raw(blocks, "kept");
  const Cid root = put(blocks, Value(List{Value(gone), Value(kept)}));
  blocks.erase(gone);
  DagWalk strict({root}, blocks.source());
  EXPECT_EQ((*strict.next())->cid, root);
  EXPECT_EQ(strict.next().error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(strict.next().value());
  EXPECT_EQ(walk(DagWalk({root}, blocks.source(), MissingBlocks::kSkip)),
            (std::vector{root, kept}));
}

TEST(DagWalkTest, FollowsWhatIsInlineAndDoesNotGiveIt) {
  BlockMap blocks;
  const Cid a = put_raw(blocks, "a");
  const Cid inlined = Cid::of(Codec::kDagCbor, HashCode::kIdentity,
                              dag_cbor::encode(Value(List{Value(a)})).value());
  const Cid root = put(blocks, Value(List{Value(inlined)}));
  EXPECT_EQ(walk(DagWalk({root}, blocks.source())), (std::vector{root, a}));
}

TEST(DagWalkTest, SaysWhichBlockDoesNotParse) {
  BlockMap blocks;
  const Cid bad = blocks.put(Codec::kDagCbor, core::as_bytes("\xff"));
  DagWalk walk({bad}, blocks.source());
  const auto block = walk.next();
  ASSERT_FALSE(block);
  EXPECT_EQ(block.error().code, ErrorCode::kMalformed);
  EXPECT_NE(block.error().message.find(bad.render()), std::string::npos);
}

}  // namespace
}  // namespace every::ipld
