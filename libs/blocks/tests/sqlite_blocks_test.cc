// What a block store on disk promises beyond the contract: survival, damage, a failing disk.
#include <array>
#include <fstream>
#include <random>

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "every/blocks/blocks.h"
#include "every/sql/connection.h"
#include "every/sql/testing/fault_vfs.h"
#include "every/sql/testing/temp_dir.h"

namespace every::blocks {
namespace {

using core::ErrorCode;
using Fault = sql::testing::FaultVfs::Fault;
using ipld::Cid;

Block block_of(int n) {
  const std::string text =
      "block " + std::to_string(n) + std::string(static_cast<std::size_t>(n % 50) * 100, 'x');
  return {Cid::of(ipld::Codec::kRaw, ipld::HashCode::kSha2_256, core::as_bytes(text)),
          core::to_bytes(text)};
}

class SqliteBlocksTest : public ::testing::Test {
 protected:
  std::unique_ptr<BlockStore> open() {
    auto opened = open_sqlite_blocks(file_, Sync::kDurable);
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? std::move(*opened) : nullptr;
  }
  static core::Status put(BlockStore& store, int n) {
    const Block block = block_of(n);
    return store.put({&block, 1});
  }
  sql::testing::TempDir dir_;
  std::filesystem::path file_ = dir_ / "blocks.db";
};

TEST_F(SqliteBlocksTest, WhatWasPutIsThereAfterAKill) {
  std::array<int, 2> told{};
  ASSERT_EQ(::pipe(told.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    auto store = open_sqlite_blocks(file_, Sync::kDurable);
    for (int i = 0; store && put(**store, i); ++i) {
      if (::write(told[1], "y", 1) != 1) break;
    }
    ::_exit(1);
  }
  ::close(told[1]);
  int count = 0;
  char byte = 0;
  while (count < 200 && ::read(told[0], &byte, 1) == 1) ++count;
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  while (::read(told[0], &byte, 1) == 1) ++count;
  ::close(told[0]);
  ASSERT_GE(count, 200);
  const auto store = open();
  for (int i = 0; i < count; ++i)
    ASSERT_EQ(store->find(block_of(i).cid).value(), block_of(i).bytes) << i;
}

TEST_F(SqliteBlocksTest, ClosingLeavesOneFile) {
  {
    const auto store = open();
    ASSERT_TRUE(put(*store, 1));
    ASSERT_TRUE(store->find(block_of(1).cid).value());
  }
  EXPECT_FALSE(std::filesystem::exists(file_.string() + "-wal"));
  EXPECT_TRUE(open()->has(block_of(1).cid).value());
}

TEST_F(SqliteBlocksTest, OnlyOneHoldsAFile) {
  const auto first = open();
  const auto second = open_sqlite_blocks(file_, Sync::kDurable);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kConflict);
}

TEST_F(SqliteBlocksTest, AStoreOfANewerVersionIsRefusedByName) {
  open().reset();
  ASSERT_TRUE((*sql::Connection::open(file_, {}))->execute("PRAGMA user_version = 99"));
  const auto refused = open_sqlite_blocks(file_, Sync::kDurable);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnsupported);
}

TEST_F(SqliteBlocksTest, ADamagedBlockIsNotServedAndIsMendedByPuttingItAgain) {
  ASSERT_TRUE(put(*open(), 1));
  ASSERT_TRUE((*sql::Connection::open(file_, {}))
                  ->execute("UPDATE blocks SET bytes = zeroblob(length(bytes))"));
  const auto store = open();
  const auto found = store->find(block_of(1).cid);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kIntegrity);
  ASSERT_TRUE(put(*store, 1));
  EXPECT_EQ(store->find(block_of(1).cid).value(), block_of(1).bytes);
}

TEST_F(SqliteBlocksTest, FlippedBitsAndCutFilesAreNeverServedAsGood) {
  constexpr int kCount = 60;
  {
    const auto store = open();
    for (int i = 0; i < kCount; ++i) ASSERT_TRUE(put(*store, i));
  }
  std::ifstream in(file_, std::ios::binary);
  const std::string sound((std::istreambuf_iterator<char>(in)), {});
  std::mt19937 random(7);
  for (int i = 0; i < 150; ++i) {
    std::string content = sound;
    if (i % 5 == 0) {
      content.resize(random() % content.size());
    } else {
      content[random() % content.size()] ^= static_cast<char>(1 << (random() % 8));
    }
    std::ofstream(file_, std::ios::binary | std::ios::trunc) << content;
    std::filesystem::remove(file_.string() + "-wal");
    std::filesystem::remove(file_.string() + "-shm");
    const auto store = open_sqlite_blocks(file_, Sync::kRelaxed);
    if (!store) continue;
    for (int n = 0; n < kCount; ++n) {
      const auto found = (*store)->find(block_of(n).cid);
      if (found && *found) {
        EXPECT_EQ(**found, block_of(n).bytes);
      }
    }
  }
}

TEST_F(SqliteBlocksTest, AFullDiskFailsThePutAndNothingElse) {
  sql::testing::FaultVfs faults;
  const auto store = open();
  ASSERT_TRUE(put(*store, 1));
  faults.inject(Fault::kDiskFull);
  const auto refused = put(*store, 2);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kResourceExhausted);
  EXPECT_TRUE(store->find(block_of(1).cid).value());
  EXPECT_FALSE(store->has(block_of(2).cid).value());
  faults.inject(Fault::kNone);
  EXPECT_TRUE(put(*store, 2));
}

TEST_F(SqliteBlocksTest, AFailedSyncFailsThePutAndTheNextOneWorksAgain) {
  sql::testing::FaultVfs faults;
  const auto store = open();
  ASSERT_TRUE(put(*store, 1));
  faults.inject(Fault::kSyncFails);
  const auto refused = put(*store, 2);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kIo);
  faults.inject(Fault::kNone);
  EXPECT_TRUE(put(*store, 3));
  EXPECT_TRUE(store->find(block_of(1).cid).value());
}

}  // namespace
}  // namespace every::blocks
