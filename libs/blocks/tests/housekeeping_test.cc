// What goes from a block store, and what stays.
#include "every/blocks/housekeeping.h"

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "every/ipld/dag_cbor.h"
#include "every/ipld/unixfs.h"
#include "every/sql/connection.h"
#include "every/sql/testing/temp_dir.h"

namespace every::blocks {
namespace {

using Earlier = Collection::Earlier;

Block leaf(const std::string& text) {
  return {ipld::Cid::of(ipld::Codec::kRaw, ipld::HashCode::kSha2_256, core::as_bytes(text)),
          core::to_bytes(text)};
}
Block node(const std::vector<ipld::Cid>& links) {
  ipld::List list;
  for (const auto& link : links) list.emplace_back(link);
  auto bytes = *ipld::dag_cbor::encode(ipld::Value(std::move(list)));
  return {ipld::Cid::of_dag_cbor(bytes), std::move(bytes)};
}

class BlockHousekeepingTest : public ::testing::Test {
 protected:
  void reopen() {
    store_.reset();
    auto store = open_sqlite_blocks(dir_ / "blocks.db", Sync::kRelaxed);
    ASSERT_TRUE(store) << store.error().message;
    store_ = std::move(*store);
  }
  void SetUp() override { reopen(); }
  void put(const std::vector<Block>& blocks) { ASSERT_TRUE(store_->put(blocks)); }
  [[nodiscard]] bool has(const Block& block) { return store_->has(block.cid).value(); }
  [[nodiscard]] Housekeeping& keeping() { return *store_->housekeeping(); }
  [[nodiscard]] std::unique_ptr<Collection> begin() {
    auto collection = keeping().begin_collection();
    EXPECT_TRUE(collection) << collection.error().message;
    return collection ? std::move(*collection) : nullptr;
  }
  /// Drops to the end. out: how many blocks
  static std::uint64_t drop(Collection& collection, Earlier earlier = Earlier::kClaimed) {
    std::uint64_t blocks = 0;
    for (;;) {
      const auto some = collection.drop_some(earlier);
      EXPECT_TRUE(some) << some.error().message;
      if (!some || some->blocks == 0) return blocks;
      blocks += some->blocks;
    }
  }
  static void keep(Collection& collection, const Block& block, Depth depth = Depth::kAll) {
    ASSERT_TRUE(collection.keep(block.cid, depth));
  }

  sql::testing::TempDir dir_;
  std::unique_ptr<BlockStore> store_;
  const Block a_ = leaf("a"), b_ = leaf("b"), c_ = leaf("c");
  const Block ab_ = node({a_.cid, b_.cid});
  const Block top_ = node({ab_.cid, c_.cid});
};

TEST_F(BlockHousekeepingTest, WhatIsKeptStaysWithAllItLinksToAndTheRestGoes) {
  put({a_, b_, c_, ab_, top_});
  {
    const auto collection = begin();
    keep(*collection, ab_);
    EXPECT_EQ(collection->fate_of(a_.cid), Collection::Fate::kKept);
    EXPECT_EQ(collection->fate_of(top_.cid), Collection::Fate::kUnkept);
    EXPECT_EQ(collection->fate_of(leaf("d").cid), Collection::Fate::kAbsent);
    EXPECT_EQ(collection->unkept(Earlier::kClaimed).blocks, 2u);
    EXPECT_EQ(collection->unkept(Earlier::kClaimed).bytes, c_.bytes.size() + top_.bytes.size());
    EXPECT_EQ(drop(*collection), 2u);
  }
  EXPECT_TRUE(has(a_) && has(b_) && has(ab_));
  EXPECT_FALSE(has(c_));
  EXPECT_FALSE(has(top_));
}

TEST_F(BlockHousekeepingTest, ABlockThatIsKeptAloneKeepsNothingElse) {
  put({a_, b_, ab_});
  {
    const auto collection = begin();
    keep(*collection, ab_, Depth::kBlock);
    EXPECT_EQ(drop(*collection), 2u);
  }
  EXPECT_TRUE(has(ab_));
  EXPECT_FALSE(has(a_));
}

TEST_F(BlockHousekeepingTest, ABlockThatWasKeptAloneIsFollowedWhenItIsKeptWithAll) {
  put({a_, b_, ab_});
  const auto collection = begin();
  keep(*collection, ab_, Depth::kBlock);
  keep(*collection, ab_);
  EXPECT_EQ(drop(*collection), 0u);
}

TEST_F(BlockHousekeepingTest, TheSameBytesAsRawLeadNowhereAndAsDagCborOn) {
  put({a_, b_, ab_});
  const auto raw = ipld::Cid::of(ipld::Codec::kRaw, ipld::HashCode::kSha3_256, ab_.bytes);
  {
    const auto collection = begin();
    ASSERT_TRUE(collection->keep(raw, Depth::kAll));
    EXPECT_EQ(collection->unkept(Earlier::kClaimed).blocks, 2u);
    keep(*collection, ab_);
    EXPECT_EQ(drop(*collection), 0u);
  }
  EXPECT_TRUE(has(a_));
}

TEST_F(BlockHousekeepingTest, PinsKeepAndAreGivenUp) {
  put({a_, b_, c_, ab_});
  ASSERT_TRUE(keeping().pin(ab_.cid, PinKind::kAdded, 5));
  ASSERT_TRUE(keeping().pin(ab_.cid, PinKind::kPinned, 6));
  ASSERT_TRUE(keeping().pin_parts(top_.cid, std::vector{c_}, 7));
  const auto pins = keeping().pins().value();
  ASSERT_EQ(pins.size(), 2u);
  EXPECT_EQ(pins[0].root, ab_.cid);
  EXPECT_EQ(pins[0].kind, PinKind::kPinned);
  EXPECT_EQ(pins[0].since, 5);
  EXPECT_EQ(pins[0].parts, 0u);
  EXPECT_EQ(pins[1].parts, 1u);
  EXPECT_EQ(drop(*begin()), 0u);
  reopen();
  EXPECT_EQ(drop(*begin()), 0u);
  EXPECT_TRUE(keeping().unpin(ab_.cid).value());
  EXPECT_FALSE(keeping().unpin(ab_.cid).value());
  EXPECT_EQ(drop(*begin()), 3u);
  EXPECT_TRUE(has(c_));
}

TEST_F(BlockHousekeepingTest, AMissingPartIsPassedOver) {
  put({a_, ab_});
  const auto collection = begin();
  keep(*collection, top_);
  keep(*collection, ab_);
  EXPECT_EQ(drop(*collection), 0u);
}

TEST_F(BlockHousekeepingTest, WhatIsAskedForMeanwhileStaysWithAllItLinksTo) {
  put({a_, b_, c_, ab_, top_});
  const auto collection = begin();
  EXPECT_TRUE(has(ab_));
  EXPECT_EQ(drop(*collection), 2u);
  EXPECT_TRUE(has(a_) && has(b_) && has(ab_));
}

TEST_F(BlockHousekeepingTest, WhatIsPutMeanwhileStaysWhetherItWasThereOrNot) {
  put({a_, b_});
  const auto collection = begin();
  put({a_, c_});
  EXPECT_EQ(drop(*collection), 1u);
  EXPECT_TRUE(has(a_) && has(c_));
  EXPECT_FALSE(has(b_));
}

TEST_F(BlockHousekeepingTest, WhatIsPinnedMeanwhileStays) {
  put({a_, b_, c_, ab_});
  const auto collection = begin();
  ASSERT_TRUE(keeping().pin(ab_.cid, PinKind::kPinned, 1));
  EXPECT_EQ(drop(*collection), 1u);
  EXPECT_TRUE(has(a_) && has(b_) && has(ab_));
}

TEST_F(BlockHousekeepingTest, OnlyOneCollectionAtATimeAndTheNextOneGoesOn) {
  put({a_, b_});
  auto first = begin();
  const auto second = keeping().begin_collection();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, core::ErrorCode::kConflict);
  ASSERT_TRUE(first->drop_some(Earlier::kClaimed));
  first.reset();
  put({c_});
  EXPECT_EQ(drop(*begin()), 1u);
}

TEST_F(BlockHousekeepingTest, OfAnEarlierVersionOnlyWhatIsClaimedGoes) {
  put({a_, b_, c_, ab_});
  // As the step that brings marks leaves it.
  ASSERT_TRUE((*sql::Connection::open(dir_ / "blocks.db", {}))
                  ->execute("UPDATE earlier SET last = (SELECT max(id) FROM blocks)"));
  put({leaf("d")});
  {
    const auto collection = begin();
    ASSERT_TRUE(collection->claim(ab_.cid));
    EXPECT_EQ(collection->unkept(Earlier::kClaimed).blocks, 4u);
    EXPECT_EQ(collection->unkept(Earlier::kAll).blocks, 5u);
    EXPECT_EQ(drop(*collection), 4u);
  }
  EXPECT_TRUE(has(c_));
  EXPECT_FALSE(has(leaf("d")));
  EXPECT_EQ(drop(*begin(), Earlier::kAll), 1u);
}

TEST_F(BlockHousekeepingTest, ManyBlocksGoInShortTransactionsAndTheFileBecomesShorter) {
  std::vector<Block> blocks;
  for (int i = 0; i < 60; ++i) {
    std::string text(200'000, 'x');
    text += std::to_string(i);
    blocks.push_back(leaf(text));
  }
  put(blocks);
  const auto full = keeping().sizes().value();
  EXPECT_EQ(full.blocks, 60u);
  EXPECT_GT(full.content_bytes, 12'000'000u);
  {
    const auto collection = begin();
    int steps = 0;
    while (collection->drop_some(Earlier::kClaimed).value().blocks > 0) ++steps;
    EXPECT_GE(steps, 6);
  }
  EXPECT_GT(keeping().sizes().value().free_bytes, 12'000'000u);
  while (keeping().give_back().value() > 0) {
  }
  EXPECT_EQ(keeping().sizes().value().free_bytes, 0u);
  EXPECT_LT(std::filesystem::file_size(dir_ / "blocks.db"), full.bytes / 4);
}

TEST_F(BlockHousekeepingTest, RemembersComponents) {
  ASSERT_TRUE(keeping().note_component(b_.cid));
  ASSERT_TRUE(keeping().note_component(a_.cid));
  ASSERT_TRUE(keeping().note_component(b_.cid));
  EXPECT_EQ(keeping().components().value(), (std::vector{b_.cid, a_.cid}));
  EXPECT_EQ(keeping().sizes().value().components, 2u);
}

}  // namespace
}  // namespace every::blocks
