// What every kind of block store promises.
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "every/blocks/blocks.h"
#include "every/sql/testing/temp_dir.h"

namespace every::blocks {
namespace {

using core::ErrorCode;
using ipld::Cid;
using ipld::Codec;
using ipld::HashCode;

Block block_of(const std::string& text, Codec codec = Codec::kRaw,
               HashCode hash = HashCode::kSha2_256) {
  return {Cid::of(codec, hash, core::as_bytes(text)), core::to_bytes(text)};
}

enum class Kind { kMemory, kSqliteDurable, kSqliteRelaxed };

class BlockStoreContractTest : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (GetParam() == Kind::kMemory) {
      store_ = make_memory_blocks();
      return;
    }
    auto opened = open_sqlite_blocks(
        dir_ / "blocks.db", GetParam() == Kind::kSqliteDurable ? Sync::kDurable : Sync::kRelaxed);
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  }
  core::Status put(const Block& block) { return store_->put({&block, 1}); }
  sql::testing::TempDir dir_;
  std::unique_ptr<BlockStore> store_;
};
std::string kind_name(const ::testing::TestParamInfo<Kind>& info) {
  return info.param == Kind::kMemory          ? "Memory"
         : info.param == Kind::kSqliteDurable ? "SqliteDurable"
                                              : "SqliteRelaxed";
}
INSTANTIATE_TEST_SUITE_P(All, BlockStoreContractTest,
                         ::testing::Values(Kind::kMemory, Kind::kSqliteDurable,
                                           Kind::kSqliteRelaxed),
                         kind_name);

TEST_P(BlockStoreContractTest, GivesBackWhatWasPut) {
  const Block block = block_of("hello");
  ASSERT_TRUE(put(block));
  EXPECT_EQ(store_->find(block.cid).value(), block.bytes);
  EXPECT_TRUE(store_->has(block.cid).value());
}

TEST_P(BlockStoreContractTest, AnAbsentBlockIsAValueNotAnError) {
  EXPECT_EQ(store_->find(block_of("none").cid).value(), std::nullopt);
  EXPECT_FALSE(store_->has(block_of("none").cid).value());
}

TEST_P(BlockStoreContractTest, KeepsAnEmptyBlock) {
  const Block block = block_of("");
  ASSERT_TRUE(put(block));
  EXPECT_EQ(store_->find(block.cid).value(), core::Bytes());
}

TEST_P(BlockStoreContractTest, KeepsBlocksOfEveryHashFunction) {
  for (const HashCode hash : {HashCode::kSha2_256, HashCode::kSha2_512, HashCode::kSha3_256}) {
    const Block block = block_of("hash", Codec::kDagCbor, hash);
    ASSERT_TRUE(put(block));
    EXPECT_EQ(store_->find(block.cid).value(), block.bytes);
  }
}

TEST_P(BlockStoreContractTest, AnIdentityCidIsAlwaysThere) {
  const Block block = block_of("inline", Codec::kRaw, HashCode::kIdentity);
  EXPECT_TRUE(store_->has(block.cid).value());
  EXPECT_EQ(store_->find(block.cid).value(), block.bytes);
  EXPECT_TRUE(put(block));
}

TEST_P(BlockStoreContractTest, FindsABlockByEveryCidOfItsBytes) {
  const Block version_1 = block_of("same bytes", Codec::kDagPb);
  const Cid version_0 =
      Cid::make(0, Codec::kDagPb, {HashCode::kSha2_256, core::to_bytes(version_1.cid.digest())})
          .value();
  ASSERT_TRUE(put(version_1));
  EXPECT_EQ(store_->find(version_0).value(), version_1.bytes);
}

TEST_P(BlockStoreContractTest, RefusesABlockThatDoesNotHashToItsCidAndKeepsNothing) {
  const std::vector<Block> blocks = {block_of("good"),
                                     {block_of("bad").cid, core::to_bytes("changed")}};
  const auto refused = store_->put(blocks);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kIntegrity);
  EXPECT_NE(refused.error().message.find(block_of("bad").cid.render()), std::string::npos);
  EXPECT_FALSE(store_->has(block_of("good").cid).value());
}

TEST_P(BlockStoreContractTest, PuttingTwiceChangesNothing) {
  const Block block = block_of("twice");
  ASSERT_TRUE(put(block));
  ASSERT_TRUE(put(block));
  const std::vector<Block> both = {block, block};
  ASSERT_TRUE(store_->put(both));
  EXPECT_EQ(store_->find(block.cid).value(), block.bytes);
}

TEST_P(BlockStoreContractTest, PuttingNothingIsFine) {
  EXPECT_TRUE(store_->put({}));
}

TEST_P(BlockStoreContractTest, KeepsABlockOfManyMegabytes) {
  const Block block = block_of(std::string(9 << 20, 'x'));
  ASSERT_TRUE(put(block));
  EXPECT_EQ(store_->find(block.cid).value(), block.bytes);
}

TEST_P(BlockStoreContractTest, ManyThreadsPutAndFindAtOnce) {
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 100; ++i) {
        // Every second block is put by all of them.
        const Block block =
            block_of("block " + std::to_string(i) + (i % 2 == 0 ? "" : std::to_string(t)));
        if (!put(block)) ++wrong;
        const auto found = store_->find(block.cid);
        if (!found || *found != block.bytes) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace every::blocks
