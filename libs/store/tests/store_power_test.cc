// What is there after the power went: each durability keeps what it promises and no more is asked of it.
#include <future>

#include "records.h"

#include "every/sql/connection.h"
#include "every/sql/testing/fault_vfs.h"
#include "every/sql/testing/temp_dir.h"

namespace every::store {
namespace {

using namespace testing;
using Rest = sql::testing::DiskModel::Rest;

class StorePowerTest : public ::testing::TestWithParam<Durability> {
 protected:
  /// Commits receipts and lets the power go after so many were acknowledged, while more are on their way.
  void write_until(int acknowledged, Rest rest, std::uint64_t seed,
                   std::int64_t log_pages = StoreOptions().log_pages) {
    sql::testing::FaultVfs vfs;
    const auto store = open(dir_ / "store.db", GetParam(), log_pages);
    std::atomic<int> told = 0;
    std::promise<void> enough;
    for (int i = 0; i < acknowledged + 50; ++i) {
      store->commit(batch_of(receipt(i, i)), [&](const core::Status& status) {
        EXPECT_TRUE(status);
        if (++told == acknowledged) {
          // On the writer's thread, between two commits: nothing after this one is acknowledged, and some is written.
          vfs.power_off(after_.path(), rest, seed);
          enough.set_value();
        }
      });
    }
    enough.get_future().wait();
    EXPECT_OK(store->close());
  }
  /// How many receipts are there after the power came back, from the first on without a gap.
  int there() {
    const auto store = open(after_ / "store.db", GetParam());
    if (!store) return -1;
    int count = 0;
    while (true) {
      const auto found = store->find_by_instruction(instruction(count));
      EXPECT_TRUE(found) << found.error().message;
      if (!found || !*found) break;
      EXPECT_EQ((*found)->block, receipt(count, count).block);
      ++count;
    }
    for (int i = count; i < count + 60; ++i)
      EXPECT_FALSE(*store->find_by_instruction(instruction(i))) << "a later one without an earlier";
    auto connection = *sql::Connection::open(after_ / "store.db", {});
    EXPECT_TRUE(connection->check_integrity());
    return count;
  }
  sql::testing::TempDir dir_;
  sql::testing::TempDir after_;
};
INSTANTIATE_TEST_SUITE_P(OnDisk, StorePowerTest,
                         ::testing::Values(Durability::kDurable, Durability::kRelaxed));

TEST_P(StorePowerTest, WhatWasSyncedAloneIsASoundStore) {
  write_until(300, Rest::kNone, 0);
  const int kept = there();
  EXPECT_GE(kept, GetParam() == Durability::kDurable ? 300 : 0);
}

TEST_P(StorePowerTest, SoIsItWithAnyPartOfTheRest) {
  for (std::uint64_t seed = 1; seed <= 24; ++seed) {
    for (const auto* name : {"store.db", "store.db-wal", "store.db-shm", "store.db-journal"}) {
      std::filesystem::remove(dir_ / name);
      std::filesystem::remove(after_ / name);
    }
    // While the log is moved, too.
    write_until(static_cast<int>(seed) * 37, Rest::kSome, seed,
                seed % 2 == 0 ? kShortLog : StoreOptions().log_pages);
    const int kept = there();
    EXPECT_GE(kept, GetParam() == Durability::kDurable ? static_cast<int>(seed) * 37 : 0) << seed;
  }
}

TEST(StoreMemoryTest, InMemoryNothingIsWrittenAndNothingSurvives) {
  sql::testing::TempDir dir;
  {
    const auto store = open(dir / "store.db", Durability::kMemory);
    EXPECT_OK(store->commit_and_wait(batch_of(receipt(1))));
    EXPECT_TRUE(*store->find_by_instruction(instruction(1)));
  }
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
  EXPECT_FALSE(*open(dir / "store.db", Durability::kMemory)->find_by_instruction(instruction(1)));
}

}  // namespace
}  // namespace every::store
