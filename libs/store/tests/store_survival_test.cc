// What survives a killed process, and who may hold a store.
#include <fstream>
#include <vector>

#include "records.h"
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "every/sql/connection.h"
#include "every/sql/testing/temp_dir.h"

namespace every::store {
namespace {

using core::ErrorCode;
using namespace testing;

class StoreSurvivalTest : public ::testing::TestWithParam<Durability> {
 protected:
  /// Commits receipts in a process of its own, which is killed once `acknowledged` of them are; returns how many were.
  int commit_until_killed(int acknowledged, int batch_size) {
    std::array<int, 2> told{};
    if (::pipe(told.data()) != 0) std::abort();
    const pid_t child = ::fork();
    if (child == 0) {
      auto store = open_store({.file = file_, .durability = GetParam(), .log_pages = log_pages_});
      if (!store) ::_exit(1);
      std::ignore = (*store)->commit_and_wait(batch_of(run("r1")));
      for (int i = 0;; i += batch_size) {
        Batch batch;
        for (int j = 0; j < batch_size; ++j) batch.receipts.push_back(receipt(i + j));
        (*store)->commit(std::move(batch), [fd = told[1]](core::Status status) {
          const char result = status ? 'y' : 'n';
          if (::write(fd, &result, 1) != 1) ::_exit(1);
        });
      }
    }
    ::close(told[1]);
    int count = 0;
    char result = 0;
    while (count < acknowledged && ::read(told[0], &result, 1) == 1 && result == 'y') ++count;
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    while (::read(told[0], &result, 1) == 1 && result == 'y') ++count;
    ::close(told[0]);
    return count * batch_size;
  }
  sql::testing::TempDir dir_;
  std::filesystem::path file_ = dir_ / "store.db";
  std::int64_t log_pages_ = StoreOptions().log_pages;
};
INSTANTIATE_TEST_SUITE_P(OnDisk, StoreSurvivalTest,
                         ::testing::Values(Durability::kDurable, Durability::kRelaxed));

TEST_P(StoreSurvivalTest, WhatWasAcknowledgedSurvivesAKill) {
  for (const int acknowledged : {1, 30, 700, 701}) {
    // While the log is moved, too.
    if (acknowledged > 700) log_pages_ = kShortLog;
    std::filesystem::remove(file_);
    std::filesystem::remove(file_.string() + "-wal");
    std::filesystem::remove(file_.string() + "-shm");
    const int written = commit_until_killed(acknowledged, 1);
    ASSERT_GE(written, acknowledged);
    const auto store = open(file_, GetParam());
    for (int i = 0; i < written; ++i) {
      const auto found = store->find_by_instruction(instruction(i));
      ASSERT_TRUE(found && *found) << i << " of " << written;
    }
  }
}

TEST_P(StoreSurvivalTest, ABatchIsThereWholeOrNotAtAllAfterAKill) {
  constexpr int kSize = 7;
  const int written = commit_until_killed(20, kSize);
  const auto store = open(file_, GetParam());
  for (int i = 0; i < written + 100 * kSize; i += kSize) {
    int there = 0;
    for (int j = 0; j < kSize; ++j)
      there += store->find_by_instruction(instruction(i + j)).value() ? 1 : 0;
    EXPECT_TRUE(there == 0 || there == kSize) << there;
  }
}

TEST_P(StoreSurvivalTest, AKilledRunIsUnfinishedAndItsResumptionsStayCounted) {
  commit_until_killed(1, 1);
  {
    const auto store = open(file_, GetParam());
    ASSERT_EQ(store->unfinished_runs().value().size(), 1u);
    EXPECT_EQ(store->count_resumption("r1").value(), 1u);
  }
  const auto store = open(file_, GetParam());
  EXPECT_EQ(store->count_resumption("r1").value(), 2u);
  Batch batch;
  batch.tasks.push_back(task("r1", 0, receipt(1)));
  EXPECT_OK(store->commit_and_wait(std::move(batch)));
  EXPECT_EQ(store->find_run("r1").value()->resumptions, 0u);
}

TEST_P(StoreSurvivalTest, ClosingLeavesOneFileWithEverything) {
  {
    const auto store = open(file_, GetParam());
    EXPECT_OK(store->commit_and_wait(batch_of(receipt(1))));
    ASSERT_TRUE(store->find_by_instruction(instruction(1)).value());
    EXPECT_OK(store->close());
  }
  EXPECT_FALSE(std::filesystem::exists(file_.string() + "-wal"));
  EXPECT_TRUE(open(file_, GetParam())->find_by_instruction(instruction(1)).value());
}

TEST_P(StoreSurvivalTest, ConflictsStayCountedAcrossAStart) {
  {
    const auto store = open(file_, GetParam());
    EXPECT_OK(store->commit_and_wait(batch_of(receipt(1, 7))));
    EXPECT_OK(store->commit_and_wait(batch_of(receipt(1, 8))));
  }
  EXPECT_EQ(open(file_, GetParam())->health().conflicts, 1u);
}

TEST_P(StoreSurvivalTest, OnlyOneHoldsAStore) {
  auto first = open(file_, GetParam());
  const auto second = open_store({.file = file_, .durability = GetParam()});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kConflict);
  first.reset();
  EXPECT_TRUE(open_store({.file = file_, .durability = GetParam()}));
}

TEST_P(StoreSurvivalTest, AStoreOfANewerVersionIsRefusedByName) {
  open(file_, GetParam()).reset();
  {
    auto connection = *sql::Connection::open(file_, {});
    ASSERT_TRUE(connection->execute("PRAGMA user_version = 99"));
  }
  const auto refused = open_store({.file = file_, .durability = GetParam()});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnsupported);
  EXPECT_NE(refused.error().message.find("99"), std::string::npos);
}

}  // namespace
}  // namespace every::store
