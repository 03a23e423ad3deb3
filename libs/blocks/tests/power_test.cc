// A block that was put is there after the power went, and what is there hashes to its name.
#include <gtest/gtest.h>

#include "every/blocks/blocks.h"
#include "every/blocks/examine.h"
#include "every/sql/testing/fault_vfs.h"
#include "every/sql/testing/temp_dir.h"

namespace every::blocks {
namespace {

using Rest = sql::testing::DiskModel::Rest;

Block block_of(int n) {
  core::Bytes bytes(static_cast<std::size_t>(n % 7) * 5000 + 10, static_cast<std::uint8_t>(n));
  auto cid = ipld::Cid::of(ipld::Codec::kRaw, ipld::HashCode::kSha2_256, bytes);
  return {std::move(cid), std::move(bytes)};
}

TEST(BlocksPowerTest, WhatWasPutIsThereWhateverElseReachedTheDisk) {
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    const sql::testing::TempDir dir;
    const sql::testing::TempDir after;
    const int put = 5 + static_cast<int>(seed) * 6;
    {
      sql::testing::FaultVfs vfs;
      const auto store = open_sqlite_blocks(dir / "blocks.db", Sync::kDurable);
      ASSERT_TRUE(store) << store.error().message;
      for (int i = 0; i < put; ++i) {
        const Block block = block_of(i);
        ASSERT_TRUE((*store)->put({&block, 1}));
      }
      vfs.power_off(after.path(), seed == 0 ? Rest::kNone : Rest::kSome, seed);
    }
    const auto store = open_sqlite_blocks(after / "blocks.db", Sync::kDurable);
    ASSERT_TRUE(store) << store.error().message;
    for (int i = 0; i < put; ++i) {
      const auto found = (*store)->find(block_of(i).cid);
      ASSERT_TRUE(found && *found) << seed << ": " << i;
    }
    EXPECT_TRUE(examine_blocks(after / "blocks.db")->sound());
  }
}

TEST(BlocksRepairTest, SoundBlocksStayAndDamagedOnesGo) {
  const sql::testing::TempDir dir;
  const auto file = dir / "blocks.db";
  {
    const auto store = open_sqlite_blocks(file, Sync::kDurable);
    ASSERT_TRUE(store);
    for (int i = 0; i < 30; ++i) {
      const Block block = block_of(i);
      ASSERT_TRUE((*store)->put({&block, 1}));
    }
  }
  {
    auto connection = *sql::Connection::open(file, {});
    ASSERT_TRUE(connection->execute("UPDATE blocks SET bytes = zeroblob(3) WHERE id IN (2, 9)"));
  }
  EXPECT_EQ(examine_blocks(file)->unsound_by_table.at("blocks"), 2u);
  const auto saved = prepare_repair(file);
  ASSERT_TRUE(saved) << saved.error().message;
  EXPECT_EQ(saved->rows.at("blocks"), 28u);
  ASSERT_TRUE(sql::finish_repair(file));
  const auto store = open_sqlite_blocks(file, Sync::kDurable);
  int there = 0;
  for (int i = 0; i < 30; ++i) there += (*store)->find(block_of(i).cid)->has_value() ? 1 : 0;
  EXPECT_EQ(there, 28);
}

}  // namespace
}  // namespace every::blocks
