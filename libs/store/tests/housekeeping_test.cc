// What goes from a store, and what stays.
#include "every/store/housekeeping.h"

#include <algorithm>

#include "records.h"

#include "every/sql/connection.h"
#include "every/sql/testing/temp_dir.h"

namespace every::store {
namespace {

using namespace testing;

class HousekeepingTest : public ::testing::TestWithParam<Durability> {
 protected:
  /// A run that is over, with two tasks (one made a receipt, one failed), a failure and a line of log.
  void add_run(const std::string& id, int number, core::WallNanos finished = 50) {
    Batch batch;
    batch.runs.push_back(run(id, "w" + id));
    batch.runs.back().submission_key = "key of " + id;
    batch.receipts.push_back(receipt(number));
    batch.tasks.push_back(task(id, 0, receipt(number)));
    batch.tasks.push_back(task(id, 1, receipt(number, 9, "failed")));
    batch.tasks.back().status = TaskStatus::kFailed;
    batch.failures.push_back(
        {receipt(number, 9, "failed").cid, id, receipt(number, 9, "failed").block});
    batch.logs.push_back({id, 0, 5, core::LogLevel::kInfo, "guest", "a line"});
    if (finished != 0) batch.ends.push_back({id, RunStatus::kCompleted, {}, {}, finished});
    EXPECT_OK(store_->commit_and_wait(std::move(batch)));
  }
  [[nodiscard]] std::vector<std::string> ended(const std::string& after = {},
                                               const std::string& before = {},
                                               std::size_t limit = 100) {
    std::vector<std::string> ids;
    const auto runs = keeping().ended_runs(after, before, limit);
    for (const EndedRun& run : *runs) ids.push_back(run.id);
    return ids;
  }
  [[nodiscard]] std::vector<std::int64_t> receipt_ids() {
    std::vector<std::int64_t> ids;
    const auto rows = store_->list_receipts(0, 100);
    for (const ListedReceipt& row : *rows) ids.push_back(row.id);
    return ids;
  }
  [[nodiscard]] Housekeeping& keeping() { return store_->housekeeping(); }
  core::Result<DroppedRuns> drop(const std::string& id) { return keeping().drop_runs({&id, 1}); }

  sql::testing::TempDir dir_;
  std::unique_ptr<Store> store_ = open(dir_ / "store.db", GetParam());
};
INSTANTIATE_TEST_SUITE_P(All, HousekeepingTest,
                         ::testing::Values(Durability::kDurable, Durability::kMemory),
                         [](const auto& kind) {
                           return kind.param == Durability::kDurable ? "OnDisk" : "InMemory";
                         });

TEST_P(HousekeepingTest, CountsWhatThereIs) {
  add_run("r1", 1);
  add_run("r2", 2, 0);
  const StoreSizes sizes = keeping().sizes().value();
  EXPECT_EQ(sizes.runs, 2u);
  EXPECT_EQ(sizes.unfinished, 1u);
  EXPECT_EQ(sizes.receipts, 2u);
  EXPECT_EQ(sizes.failures, 2u);
  EXPECT_EQ(sizes.log_lines, 2u);
  EXPECT_GT(sizes.bytes, 0u);
}

TEST_P(HousekeepingTest, ListsRunsThatAreOverOldestFirst) {
  add_run("r3", 3);
  add_run("r1", 1);
  add_run("r2", 2, 0);
  EXPECT_EQ(ended(), (std::vector<std::string>{"r1", "r3"}));
  EXPECT_EQ(ended("r1"), std::vector<std::string>{"r3"});
  EXPECT_EQ(ended("", "r3"), std::vector<std::string>{"r1"});
  EXPECT_EQ(ended("", "", 1), std::vector<std::string>{"r1"});
}

TEST_P(HousekeepingTest, RunsThatCameOverFromTheOriginalAreNotListed) {
  Batch batch = batch_of(run("r1"));
  batch.runs[0].workflow_block.clear();
  batch.ends.push_back({"r1", RunStatus::kCompleted, {}, {}, 1});
  EXPECT_OK(store_->commit_and_wait(std::move(batch)));
  EXPECT_TRUE(ended().empty());
}

TEST_P(HousekeepingTest, ADroppedRunGoesWithAllThatIsItsOwnAndItsReceiptsStay) {
  add_run("r1", 1);
  add_run("r2", 2);
  const auto dropped = drop("r1");
  ASSERT_TRUE(dropped) << dropped.error().message;
  EXPECT_EQ(dropped->runs, 1u);
  EXPECT_EQ(dropped->tasks, 2u);
  EXPECT_EQ(dropped->failures, 1u);
  EXPECT_EQ(dropped->log_lines, 1u);
  EXPECT_FALSE(store_->find_run("r1").value());
  EXPECT_TRUE(store_->tasks_of("r1").value().empty());
  EXPECT_TRUE(store_->logs_of("r1", 10).value().empty());
  EXPECT_FALSE(store_->find_receipt_block(receipt(1, 9, "failed").cid).value());
  EXPECT_FALSE(store_->find_submission("key of r1").value());
  EXPECT_TRUE(store_->find_by_instruction(instruction(1)).value());
  EXPECT_TRUE(store_->find_run("r2").value());
  EXPECT_EQ(store_->tasks_of("r2").value().size(), 2u);
}

TEST_P(HousekeepingTest, ARunWithMoreRowsThanOneTransactionTakesGoesWhole) {
  Batch batch = batch_of(run("r1"));
  for (std::uint32_t i = 0; i < 1700; ++i) {
    batch.tasks.push_back(task("r1", i, receipt(1)));
    batch.logs.push_back({"r1", i, 5, core::LogLevel::kInfo, "guest", "a line"});
  }
  batch.ends.push_back({"r1", RunStatus::kCompleted, {}, {}, 9});
  EXPECT_OK(store_->commit_and_wait(std::move(batch)));
  EXPECT_EQ(drop("r1").value().tasks, 1700u);
  EXPECT_TRUE(store_->tasks_of("r1").value().empty());
  EXPECT_EQ(keeping().sizes().value().log_lines, 0u);
}

TEST_P(HousekeepingTest, ManyRunsGoTogetherWhateverTheirSizes) {
  std::vector<std::string> ids{"unknown"};
  for (std::uint32_t i = 0; i < 60; ++i) {
    const std::string id = "r" + std::to_string(100 + i);
    Batch batch = batch_of(run(id));
    // Some have none, some more than a transaction takes.
    for (std::uint32_t line = 0; line < (i % 20) * 40; ++line)
      batch.logs.push_back({id, 0, 5, core::LogLevel::kInfo, "guest", "a line"});
    batch.ends.push_back({id, RunStatus::kCompleted, {}, {}, 9});
    EXPECT_OK(store_->commit_and_wait(std::move(batch)));
    ids.push_back(id);
  }
  add_run("r900", 900);
  const auto dropped = keeping().drop_runs(ids).value();
  EXPECT_EQ(dropped.runs, 60u);
  EXPECT_EQ(dropped.log_lines, 3u * 190u * 40u);
  EXPECT_EQ(ended().size(), 1u);
  EXPECT_EQ(keeping().finish_dropping().value().log_lines, 0u);
}

TEST_P(HousekeepingTest, NeitherUnfinishedNorPinnedNorUnknownRunsAreDropped) {
  add_run("r1", 1, 0);
  add_run("r2", 2);
  EXPECT_OK(keeping().pin({StorePin::Kind::kRun, "r2", 7}));
  for (const char* id : {"r1", "r2", "r3"}) EXPECT_EQ(drop(id).value().runs, 0u) << id;
  EXPECT_EQ(store_->tasks_of("r1").value().size(), 2u);
  EXPECT_EQ(store_->tasks_of("r2").value().size(), 2u);
  EXPECT_TRUE(ended().empty());
}

TEST_P(HousekeepingTest, WhatIsUnpinnedGoesAsTheOthersDo) {
  add_run("r1", 1);
  EXPECT_OK(keeping().pin({StorePin::Kind::kRun, "r1", 7}));
  EXPECT_OK(keeping().pin({StorePin::Kind::kRun, "r1", 8}));
  EXPECT_EQ(keeping().pins().value(), (std::vector<StorePin>{{StorePin::Kind::kRun, "r1", 7}}));
  EXPECT_TRUE(keeping().unpin(StorePin::Kind::kRun, "r1").value());
  EXPECT_FALSE(keeping().unpin(StorePin::Kind::kRun, "r1").value());
  EXPECT_EQ(drop("r1").value().runs, 1u);
}

TEST_P(HousekeepingTest, ARunsSizeIsThatOfItsRows) {
  add_run("r1", 1);
  const std::uint64_t before = keeping().bytes_of_run("r1").value();
  EXPECT_GT(before, 500u);
  Batch batch;
  batch.logs.push_back({"r1", 0, 5, core::LogLevel::kInfo, "guest", std::string(10000, 'x')});
  EXPECT_OK(store_->commit_and_wait(std::move(batch)));
  EXPECT_GE(keeping().bytes_of_run("r1").value(), before + 10000);
  EXPECT_EQ(keeping().bytes_of_run("r9").value(), 0u);
}

TEST_P(HousekeepingTest, VisitsEveryWorkflowReceiptAndReceiptOfATask) {
  for (int i = 1; i <= 3; ++i) add_run("r" + std::to_string(i), i);
  std::vector<std::string> runs;
  EXPECT_OK(keeping().each_workflow(
      [&](const std::string& id, const ipld::Cid& workflow, core::BytesView block) -> core::Status {
        EXPECT_TRUE(workflow.matches(block).value());
        runs.push_back(id);
        return {};
      }));
  EXPECT_EQ(runs, (std::vector<std::string>{"r1", "r2", "r3"}));
  std::size_t receipts = 0;
  EXPECT_OK(keeping().each_receipt([&](const Housekeeping::SeenReceipt& seen) -> core::Status {
    ++receipts;
    EXPECT_TRUE(ipld::Cid::decode(seen.cid).value().matches(seen.block).value());
    return {};
  }));
  EXPECT_EQ(receipts, 3u);
  std::size_t of_tasks = 0;
  EXPECT_OK(keeping().each_receipt_of_tasks([&](core::BytesView) -> core::Status {
    ++of_tasks;
    return {};
  }));
  EXPECT_EQ(of_tasks, 6u);
}

TEST_P(HousekeepingTest, DropsReceiptsThatNothingNeeds) {
  for (int i = 1; i <= 4; ++i) EXPECT_OK(store_->commit_and_wait(batch_of(receipt(i))));
  Batch attested;
  attested.attestations.push_back({receipt(1).cid, receipt(9).cid, receipt(9).block});
  EXPECT_OK(store_->commit_and_wait(std::move(attested)));
  EXPECT_OK(keeping().pin({StorePin::Kind::kReceipt, receipt(2).cid.render(), 1}));
  Batch used = batch_of(run("r5"));
  used.tasks.push_back(task("r5", 0, receipt(3)));
  EXPECT_OK(store_->commit_and_wait(std::move(used)));
  EXPECT_EQ(keeping().drop_receipts(receipt_ids(), "r5").value(), 1u);
  EXPECT_FALSE(store_->find_by_instruction(instruction(1)).value());
  EXPECT_TRUE(store_->attestations_of(receipt(1).cid).value().empty());
  EXPECT_TRUE(store_->find_by_instruction(instruction(2)).value()) << "pinned";
  EXPECT_TRUE(store_->find_by_instruction(instruction(3)).value()) << "of a task";
  EXPECT_TRUE(store_->find_by_instruction(instruction(4)).value()) << "the last one";
}

class GivingBackTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::uintmax_t size() const { return std::filesystem::file_size(file_); }
  void fill_and_drop(Store& store) {
    for (int i = 0; i < 40; ++i) {
      const std::string id = "r" + std::to_string(i);
      Batch batch = batch_of(run(id));
      batch.logs.push_back({id, 0, 5, core::LogLevel::kInfo, "guest", std::string(100'000, 'x')});
      batch.ends.push_back({id, RunStatus::kCompleted, {}, {}, 9});
      EXPECT_OK(store.commit_and_wait(std::move(batch)));
    }
    std::vector<std::string> ids;
    for (int i = 0; i < 40; ++i) ids.push_back("r" + std::to_string(i));
    EXPECT_EQ(store.housekeeping().drop_runs(ids).value().runs, 40u);
  }
  sql::testing::TempDir dir_;
  std::filesystem::path file_ = dir_ / "store.db";
};

TEST_F(GivingBackTest, TheFileBecomesShorterStepByStep) {
  const auto store = open(file_);
  fill_and_drop(*store);
  const std::uint64_t free = store->housekeeping().sizes().value().free_bytes;
  EXPECT_GT(free, 3'500'000u);
  std::uint64_t given = 0;
  int steps = 0;
  for (std::uint64_t step = 1; step > 0; given += step, ++steps) {
    step = store->housekeeping().give_back().value();
    EXPECT_LE(step, 2u << 20);
  }
  EXPECT_GT(steps, 2);
  EXPECT_GE(given, free);
  EXPECT_EQ(store->housekeeping().sizes().value().free_bytes, 0u);
  EXPECT_LT(size(), 1'000'000u);
}

TEST_F(GivingBackTest, AFileOfBeforeIsMadeSuchAFileWhenItIsOpened) {
  open(file_).reset();
  ASSERT_TRUE((*sql::Connection::open(file_, {}))->execute("PRAGMA auto_vacuum = NONE; VACUUM"));
  ASSERT_EQ((*sql::Connection::open(file_, {}))->query_integer("PRAGMA auto_vacuum").value(), 0);
  const auto store = open(file_);
  fill_and_drop(*store);
  EXPECT_GT(store->housekeeping().give_back().value(), 0u);
}

TEST_F(GivingBackTest, ARunThatWasNotDroppedToTheEndIsDroppedByTheNextProcess) {
  {
    const auto store = open(file_);
    Batch batch = batch_of(run("r1"));
    for (std::uint32_t i = 0; i < 10; ++i) batch.tasks.push_back(task("r1", i, receipt(1)));
    EXPECT_OK(store->commit_and_wait(std::move(batch)));
  }
  // As a process leaves it that dies between the two.
  ASSERT_TRUE((*sql::Connection::open(file_, {}))
                  ->execute("DELETE FROM runs; INSERT INTO dropping VALUES ('r1')"));
  const auto store = open(file_);
  EXPECT_EQ(store->housekeeping().finish_dropping().value().tasks, 10u);
  EXPECT_TRUE(store->tasks_of("r1").value().empty());
  EXPECT_EQ(store->housekeeping().finish_dropping().value().tasks, 0u);
}

}  // namespace
}  // namespace every::store
