// What every kind of store promises.
#include <future>
#include <latch>
#include <thread>
#include <vector>

#include "records.h"

#include "every/sql/testing/temp_dir.h"

namespace every::store {
namespace {

using core::ErrorCode;
using namespace testing;

class StoreContractTest : public ::testing::TestWithParam<Durability> {
 protected:
  [[nodiscard]] core::Status commit(Batch batch) {
    return store_->commit_and_wait(std::move(batch));
  }
  /// Of a receipt, written when it suits the store.
  static Batch soon(ReceiptRecord record) {
    Batch batch = batch_of(std::move(record));
    batch.urgency = Batch::Urgency::kSoon;
    return batch;
  }
  [[nodiscard]] bool find(int n) {
    const auto found = store_->find_by_instruction(instruction(n));
    return found && *found;
  }
  sql::testing::TempDir dir_;
  std::unique_ptr<Store> store_ = open(dir_ / "store.db", GetParam());
};
std::string durability_name(const ::testing::TestParamInfo<Durability>& info) {
  return info.param == Durability::kDurable   ? "Durable"
         : info.param == Durability::kRelaxed ? "Relaxed"
                                              : "Memory";
}
INSTANTIATE_TEST_SUITE_P(All, StoreContractTest,
                         ::testing::Values(Durability::kDurable, Durability::kRelaxed,
                                           Durability::kMemory),
                         durability_name);

TEST_P(StoreContractTest, GivesAReceiptBackByItsInstruction) {
  const auto written = receipt(1);
  EXPECT_OK(commit(batch_of(written)));
  const auto found = store_->find_by_instruction(instruction(1));
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->cid, written.cid);
  EXPECT_EQ((*found)->instruction, written.instruction);
  EXPECT_EQ((*found)->ran, written.ran);
  EXPECT_EQ((*found)->block, written.block);
  EXPECT_EQ((*found)->provenance, Provenance::kLocal);
  EXPECT_EQ((*found)->profile, 1u);
  EXPECT_EQ((*found)->engine, "test engine");
  EXPECT_EQ((*found)->created, 1001);
}

TEST_P(StoreContractTest, FindsNothingForAnUnknownInstruction) {
  EXPECT_OK(commit(batch_of(receipt(1))));
  const auto found = store_->find_by_instruction(instruction(2));
  ASSERT_TRUE(found);
  EXPECT_FALSE(*found);
}

TEST_P(StoreContractTest, SaysWhatIsCertainlyNotRecordedOnceItHasReadWhatIs) {
  EXPECT_OK(commit(batch_of(receipt(1))));
  Batch begun;
  begun.runs.push_back(run("r1"));
  EXPECT_OK(commit(std::move(begun)));
  store_.reset();
  store_ = open(dir_ / "store.db", GetParam());
  while (store_->may_know(instruction(2)) == Store::Recorded::kPerhaps) std::this_thread::yield();
  const auto before =
      GetParam() == Durability::kMemory ? Store::Recorded::kNo : Store::Recorded::kPerhaps;
  EXPECT_EQ(store_->may_know(instruction(1)), before);
  EXPECT_EQ(store_->may_know(run("r1").workflow), before);
  EXPECT_OK(commit(batch_of(receipt(2))));
  EXPECT_EQ(store_->may_know(instruction(2)), Store::Recorded::kPerhaps);
}

TEST_P(StoreContractTest, MayBeClosedWhileItReadsWhatIsRecorded) {
  EXPECT_OK(commit(batch_of(receipt(1))));
  static_cast<void>(store_->may_know(instruction(1)));
  EXPECT_OK(store_->close());
  static_cast<void>(store_->may_know(instruction(1)));
}

TEST_P(StoreContractTest, GivesAReceiptsBlockByItsCid) {
  const auto written = receipt(1);
  EXPECT_OK(commit(batch_of(written)));
  EXPECT_EQ(store_->find_receipt_block(written.cid).value(), written.block);
  EXPECT_EQ(store_->find_receipt_block(receipt(2).cid).value(), std::nullopt);
}

TEST_P(StoreContractTest, AFailuresReceiptIsReadableButNoMemoHit) {
  Batch batch;
  const auto failed = receipt(1);
  batch.failures.push_back({failed.cid, "r1", failed.block});
  batch.failures.push_back({failed.cid, "r2", failed.block});
  EXPECT_OK(commit(std::move(batch)));
  EXPECT_EQ(store_->find_receipt_block(failed.cid).value(), failed.block);
  EXPECT_FALSE(store_->find_by_instruction(instruction(1)).value());
}

TEST_P(StoreContractTest, KeepsTheFirstReceiptWhenTheSameCidArrivesTwice) {
  auto first = receipt(1);
  auto second = first;
  second.created = 99;
  EXPECT_OK(commit(batch_of(first)));
  EXPECT_OK(commit(batch_of(second)));
  EXPECT_EQ((*store_->find_by_instruction(instruction(1)))->created, first.created);
  EXPECT_EQ(store_->health().conflicts, 0u);
}

TEST_P(StoreContractTest, AnotherResultIsCountedKeptReadableAndNeverTheHit) {
  const auto first = receipt(1, 7);
  const auto other = receipt(1, 8, "two");
  EXPECT_OK(commit(batch_of(first)));
  EXPECT_OK(commit(batch_of(other)));
  EXPECT_OK(commit(batch_of(other)));
  EXPECT_EQ(store_->health().conflicts, 1u);
  EXPECT_EQ((*store_->find_by_instruction(instruction(1)))->cid, first.cid);
  EXPECT_EQ(store_->find_receipt_block(other.cid).value(), other.block);
}

TEST_P(StoreContractTest, TheSameResultByAnotherInvocationIsNoConflict) {
  EXPECT_OK(commit(batch_of(receipt(1, 7, "one"))));
  EXPECT_OK(commit(batch_of(receipt(1, 7, "two"))));
  EXPECT_EQ(store_->health().conflicts, 0u);
  EXPECT_EQ((*store_->find_by_instruction(instruction(1)))->cid, receipt(1, 7, "one").cid);
}

TEST_P(StoreContractTest, LocalWinsOverImported) {
  EXPECT_OK(commit(batch_of(receipt(1, 7, "far", Provenance::kImported))));
  EXPECT_EQ((*store_->find_by_instruction(instruction(1)))->provenance, Provenance::kImported);
  EXPECT_OK(commit(batch_of(receipt(1, 7, "near"))));
  EXPECT_EQ((*store_->find_by_instruction(instruction(1)))->cid, receipt(1, 7, "near").cid);
  EXPECT_OK(commit(batch_of(receipt(1, 7, "farther", Provenance::kImported))));
  EXPECT_EQ((*store_->find_by_instruction(instruction(1)))->cid, receipt(1, 7, "near").cid);
}

TEST_P(StoreContractTest, AnImportedReceiptBecomesLocalWhenItIsMadeHere) {
  EXPECT_OK(commit(batch_of(receipt(1, 7, "one", Provenance::kImported))));
  EXPECT_OK(commit(batch_of(receipt(1, 7, "one"))));
  EXPECT_EQ((*store_->find_by_instruction(instruction(1)))->provenance, Provenance::kLocal);
  EXPECT_OK(commit(batch_of(receipt(1, 7, "one", Provenance::kImported))));
  EXPECT_EQ((*store_->find_by_instruction(instruction(1)))->provenance, Provenance::kLocal);
}

Batch standing(const ReceiptRecord& record, Standing standing, core::WallNanos decided) {
  Batch batch;
  batch.standings.push_back({record.cid, standing, decided});
  return batch;
}

AttestationRecord attestation(const ReceiptRecord& record, const std::string& by) {
  auto block = *ipld::dag_cbor::encode(ipld::Value(by));
  return {record.cid, ipld::Cid::of_dag_cbor(block), std::move(block)};
}

TEST_P(StoreContractTest, RemembersWhichTaskMadeAReceipt) {
  auto made = receipt(1);
  made.run = "r1";
  made.task = 3;
  EXPECT_OK(commit(batch_of(made)));
  const auto found = store_->find_receipt(made.cid).value();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->run, "r1");
  EXPECT_EQ(found->task, 3u);
  EXPECT_FALSE(store_->find_receipt(receipt(2).cid).value());
}

TEST_P(StoreContractTest, AForgottenReceiptIsKeptAndNeverTheHit) {
  EXPECT_OK(commit(batch_of(receipt(1, 7, "one"))));
  EXPECT_OK(commit(batch_of(receipt(1, 7, "two"))));
  EXPECT_OK(commit(standing(receipt(1, 7, "one"), Standing::kForgotten, 5000)));
  EXPECT_EQ((*store_->find_by_instruction(instruction(1)))->cid, receipt(1, 7, "two").cid);
  EXPECT_OK(commit(standing(receipt(1, 7, "two"), Standing::kForgotten, 5000)));
  EXPECT_FALSE(store_->find_by_instruction(instruction(1)).value());
  EXPECT_TRUE(store_->find_receipt_block(receipt(1, 7, "one").cid).value());
  EXPECT_EQ(store_->find_receipt(receipt(1, 7, "one").cid).value()->decided, 5000);
  EXPECT_EQ(store_->receipts_of(instruction(1)).value().size(), 2u);
}

TEST_P(StoreContractTest, AForgottenReceiptIsAHitAgainOnlyWhenItIsMadeSince) {
  const auto before = receipt(1);
  EXPECT_OK(commit(batch_of(before)));
  EXPECT_OK(commit(standing(before, Standing::kForgotten, 5000)));
  EXPECT_OK(commit(batch_of(before)));  // on its way to the disk when it was forgotten
  EXPECT_OK(commit(batch_of(receipt(1, 7, "one", Provenance::kImported))));
  EXPECT_OK(commit(standing(before, Standing::kTrusted, 6000)));
  EXPECT_FALSE(store_->find_by_instruction(instruction(1)).value());
  auto since = before;
  since.created = 7000;
  EXPECT_OK(commit(batch_of(since)));
  const auto found = store_->find_by_instruction(instruction(1)).value();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->standing, Standing::kAsItCame);
}

TEST_P(StoreContractTest, OnlyAnImportedReceiptCanBeTrustedOrVerified) {
  const auto far = receipt(1, 7, "far", Provenance::kImported);
  EXPECT_OK(commit(batch_of(far)));
  EXPECT_OK(commit(batch_of(receipt(2))));
  EXPECT_OK(commit(standing(far, Standing::kVerified, 5)));
  EXPECT_OK(commit(standing(receipt(2), Standing::kTrusted, 5)));
  EXPECT_EQ(store_->find_receipt(far.cid).value()->standing, Standing::kVerified);
  EXPECT_EQ(store_->find_receipt(receipt(2).cid).value()->standing, Standing::kAsItCame);
}

TEST_P(StoreContractTest, TheStandingOfAnUnknownReceiptIsRefused) {
  const auto refused = commit(standing(receipt(1), Standing::kForgotten, 5));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, core::ErrorCode::kNotFound);
}

TEST_P(StoreContractTest, KeepsTheAttestationsOfReceiptsItHas) {
  Batch batch = batch_of(receipt(1));
  batch.attestations = {attestation(receipt(1), "ann"), attestation(receipt(1), "bob"),
                        attestation(receipt(2), "ann"), attestation(receipt(1), "bob")};
  EXPECT_OK(commit(std::move(batch)));
  const auto found = store_->attestations_of(receipt(1).cid).value();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_NE(found[0].cid, found[1].cid);
  EXPECT_EQ(found[0].receipt, receipt(1).cid);
  EXPECT_TRUE(store_->attestations_of(receipt(2).cid).value().empty());
}

TEST_P(StoreContractTest, ListsReceiptsInTheOrderTheyWereKept) {
  for (int n = 1; n <= 5; ++n) EXPECT_OK(commit(batch_of(receipt(n))));
  const auto first = store_->list_receipts(0, 3).value();
  ASSERT_EQ(first.size(), 3u);
  EXPECT_EQ(first[0].record->cid, receipt(1).cid);
  const auto rest = store_->list_receipts(first.back().id, 3).value();
  ASSERT_EQ(rest.size(), 2u);
  EXPECT_EQ(rest[1].record->cid, receipt(5).cid);
}

TEST_P(StoreContractTest, AComponentIsInQuarantineUntilItIsReleased) {
  Batch batch;
  batch.quarantined.push_back(
      {cid_of("component"), instruction(1), receipt(1).cid, receipt(1, 8).cid, 9});
  EXPECT_OK(commit(batch));
  batch.quarantined[0].since = 10;
  EXPECT_OK(commit(batch));
  const auto found = store_->quarantined().value();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].since, 9);
  EXPECT_EQ(found[0].other, receipt(1, 8).cid);
  Batch release;
  release.released.push_back(cid_of("component"));
  EXPECT_OK(commit(release));
  EXPECT_TRUE(store_->quarantined().value().empty());
}

TEST_P(StoreContractTest, GivesARunBackAndItsEnd) {
  EXPECT_OK(commit(batch_of(run("r1"))));
  auto found = store_->find_run("r1").value();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, "name of r1");
  EXPECT_EQ(found->workflow, run("r1").workflow);
  EXPECT_EQ(found->workflow_block, run("r1").workflow_block);
  EXPECT_EQ(found->extra, (core::Bytes{1, 2, 3}));
  EXPECT_EQ(found->task_count, 2u);
  EXPECT_EQ(found->status, RunStatus::kRunning);
  EXPECT_EQ(found->accepted, 5);
  EXPECT_EQ(found->finished, 0);

  Batch batch;
  batch.ends.push_back({"r1", RunStatus::kFailed, "guest_trap", "it stopped", 9});
  EXPECT_OK(commit(std::move(batch)));
  found = store_->find_run("r1").value();
  EXPECT_EQ(found->status, RunStatus::kFailed);
  EXPECT_EQ(found->error_code, "guest_trap");
  EXPECT_EQ(found->error_message, "it stopped");
  EXPECT_EQ(found->finished, 9);
}

TEST_P(StoreContractTest, RefusesASecondRunOfTheSameIdAndKeepsNothingOfItsBatch) {
  EXPECT_OK(commit(batch_of(run("r1"))));
  Batch batch = batch_of(receipt(1));
  batch.runs.push_back(run("r1"));
  const auto refused = commit(std::move(batch));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_NE(refused.error().message.find("r1"), std::string::npos);
  EXPECT_FALSE(store_->find_by_instruction(instruction(1)).value());
}

TEST_P(StoreContractTest, RefusesTheEndOfAnUnknownRun) {
  Batch batch;
  batch.ends.push_back({"none", RunStatus::kCompleted, "", "", 9});
  const auto refused = commit(std::move(batch));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kNotFound);
}

TEST_P(StoreContractTest, ABatchThatFailsHarmsNoOther) {
  EXPECT_OK(commit(batch_of(run("r0"))));
  std::vector<std::future<core::Status>> outcomes;
  for (int i = 0; i < 50; ++i) {
    auto done = std::make_shared<std::promise<core::Status>>();
    outcomes.push_back(done->get_future());
    Batch batch = batch_of(receipt(i));
    batch.runs.push_back(run(i % 5 == 0 ? "r0" : "r" + std::to_string(i)));
    store_->commit(std::move(batch),
                   [done](core::Status status) { done->set_value(std::move(status)); });
  }
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(outcomes[i].get().has_value(), i % 5 != 0) << i;
    EXPECT_EQ(store_->find_by_instruction(instruction(i)).value().has_value(), i % 5 != 0) << i;
  }
}

TEST_P(StoreContractTest, ListsRunsNewestFirstAndFromAPlace) {
  for (const char* id : {"a", "b", "c", "d"}) EXPECT_OK(commit(batch_of(run(id))));
  const auto ids = [](const std::vector<RunRecord>& runs) {
    std::string all;
    for (const auto& one : runs) all += one.id;
    return all;
  };
  EXPECT_EQ(ids(store_->list_runs(10, "").value()), "dcba");
  EXPECT_EQ(ids(store_->list_runs(2, "").value()), "dc");
  EXPECT_EQ(ids(store_->list_runs(2, "c").value()), "ba");
  Batch batch;
  batch.ends.push_back({"b", RunStatus::kCompleted, "", "", 9});
  EXPECT_OK(commit(std::move(batch)));
  EXPECT_EQ(store_->unfinished_runs().value(), (std::vector<std::string>{"a", "c", "d"}));
}

TEST_P(StoreContractTest, KnowsTheWorkflowsOfItsRuns) {
  EXPECT_OK(commit(batch_of(run("r1", "this"))));
  EXPECT_TRUE(store_->knows_workflow(run("x", "this").workflow).value());
  EXPECT_FALSE(store_->knows_workflow(run("x", "that").workflow).value());
}

TEST_P(StoreContractTest, GivesTheTasksOfARunInOrderTheLastWordOnEach) {
  Batch batch = batch_of(run("r1"));
  const auto made = receipt(1);
  batch.tasks.push_back({.run = "r1",
                         .task = 1,
                         .status = TaskStatus::kFailed,
                         .instruction = instruction(2),
                         .receipt = std::nullopt,
                         .replayed = false,
                         .error_code = "timeout",
                         .error_message = "too long"});
  batch.tasks.push_back(task("r1", 0, made));
  EXPECT_OK(commit(std::move(batch)));
  auto again = task("r1", 0, made);
  again.replayed = true;
  Batch second;
  second.tasks.push_back(again);
  EXPECT_OK(commit(std::move(second)));
  const auto tasks = store_->tasks_of("r1").value();
  ASSERT_EQ(tasks.size(), 2u);
  EXPECT_EQ(tasks[0].receipt, made.cid);
  EXPECT_TRUE(tasks[0].replayed);
  EXPECT_EQ(tasks[1].status, TaskStatus::kFailed);
  EXPECT_EQ(tasks[1].error_message, "too long");
  EXPECT_FALSE(tasks[1].receipt);
}

TEST_P(StoreContractTest, KeepsTheTraceOfATask) {
  Batch batch = batch_of(run("r1"));
  batch.tasks = {task("r1", 0, receipt(1)), task("r1", 1, receipt(2))};
  batch.tasks[0].trace = trace();
  batch.tasks[1].trace.way = invocation::Way::kHit;
  batch.tasks[1].trace.fuel = UINT64_MAX;
  EXPECT_OK(commit(std::move(batch)));
  const auto tasks = store_->tasks_of("r1").value();
  ASSERT_EQ(tasks.size(), 2u);
  EXPECT_EQ(tasks[0].trace, trace());
  EXPECT_EQ(tasks[1].trace.way, invocation::Way::kHit);
  EXPECT_EQ(tasks[1].trace.fuel, static_cast<std::uint64_t>(INT64_MAX))
      << "as much as SQLite holds";
}

TEST_P(StoreContractTest, GivesTheLastLogLinesOfARunInOrderOfWriting) {
  Batch batch = batch_of(run("r1"));
  for (int i = 0; i < 5; ++i) {
    batch.logs.push_back(
        {"r1", 0, 10 - i, core::LogLevel::kWarn, "guest:rust:add", "line " + std::to_string(i)});
    batch.logs.push_back({"r2", 0, 0, core::LogLevel::kInfo, "c", "other"});
  }
  EXPECT_OK(commit(std::move(batch)));
  const auto lines = store_->logs_of("r1", 3).value();
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0].message, "line 2");
  EXPECT_EQ(lines[2].message, "line 4");
  EXPECT_EQ(lines[2].level, core::LogLevel::kWarn);
  EXPECT_EQ(lines[2].category, "guest:rust:add");
  EXPECT_EQ(lines[2].time, 6);
}

TEST_P(StoreContractTest, CountsResumptionsUntilANewReceipt) {
  EXPECT_OK(commit(batch_of(run("r1"))));
  EXPECT_EQ(store_->count_resumption("r1").value(), 1u);
  EXPECT_EQ(store_->count_resumption("r1").value(), 2u);
  EXPECT_EQ(store_->find_run("r1").value()->resumptions, 2u);

  Batch replayed;
  replayed.tasks.push_back(task("r1", 0, receipt(1)));
  replayed.tasks.back().replayed = true;
  EXPECT_OK(commit(std::move(replayed)));
  EXPECT_EQ(store_->find_run("r1").value()->resumptions, 2u);

  Batch made = batch_of(receipt(1));
  made.tasks.push_back(task("r1", 0, receipt(1)));
  EXPECT_OK(commit(std::move(made)));
  EXPECT_EQ(store_->find_run("r1").value()->resumptions, 0u);
  EXPECT_EQ(store_->count_resumption("r1").value(), 1u);
}

TEST_P(StoreContractTest, CannotCountAResumptionOfAnUnknownRun) {
  const auto count = store_->count_resumption("none");
  ASSERT_FALSE(count);
  EXPECT_EQ(count.error().code, ErrorCode::kNotFound);
}

TEST_P(StoreContractTest, KeepsAReceiptOfManyMegabytes) {
  const core::Bytes content(20 << 20, 0xab);
  auto block = *ipld::dag_cbor::encode(ipld::Value(ipld::Map{{"out", ipld::Value(content)}}));
  ReceiptRecord big = receipt(1);
  big.cid = ipld::Cid::of_dag_cbor(block);
  big.block = std::move(block);
  EXPECT_OK(commit(batch_of(big)));
  EXPECT_EQ((*store_->find_by_instruction(instruction(1)))->block, big.block);
}

TEST_P(StoreContractTest, TenThousandReceiptsAreAllFound) {
  constexpr int kCount = 10'000;
  std::latch left(kCount);
  std::atomic<int> failed = 0;
  for (int i = 0; i < kCount; ++i) {
    store_->commit(batch_of(receipt(i)), [&](core::Status status) {
      if (!status) ++failed;
      left.count_down();
    });
  }
  left.wait();
  EXPECT_EQ(failed, 0);
  for (int i = 0; i < kCount; ++i) {
    const auto found = store_->find_by_instruction(instruction(i));
    ASSERT_TRUE(found && *found) << i;
    ASSERT_EQ((*found)->created, 1000 + i);
  }
}

TEST_P(StoreContractTest, CallbacksComeOnceInTheOrderOfCommits) {
  std::vector<int> order;
  std::promise<void> done;
  for (int i = 0; i < 200; ++i) {
    store_->commit(batch_of(receipt(i)), [&, i](core::Status) {
      order.push_back(i);
      if (i == 199) done.set_value();
    });
  }
  done.get_future().wait();
  ASSERT_EQ(order.size(), 200u);
  for (int i = 0; i < 200; ++i) EXPECT_EQ(order[i], i);
}

TEST_P(StoreContractTest, ReadersSeeWhatWasAcknowledgedWhileOthersWrite) {
  constexpr int kCount = 400;
  std::vector<std::thread> threads;
  std::atomic<int> missing = 0;
  for (int writer = 0; writer < 3; ++writer) {
    threads.emplace_back([&, writer] {
      for (int i = 0; i < kCount; ++i) {
        const int n = writer * kCount + i;
        if (!store_->commit_and_wait(batch_of(receipt(n)))) ++missing;
        const auto found = store_->find_by_instruction(instruction(n));
        if (!found || !*found) ++missing;
      }
    });
  }
  for (int reader = 0; reader < 2; ++reader) {
    threads.emplace_back([&] {
      for (int i = 0; i < 3 * kCount; ++i) {
        if (!store_->find_by_instruction(instruction(i))) ++missing;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(missing, 0);
}

TEST_P(StoreContractTest, CloseWritesWhatIsQueued) {
  std::atomic<int> done = 0;
  for (int i = 0; i < 500; ++i) {
    store_->commit(batch_of(receipt(i)), [&](core::Status status) {
      if (status) ++done;
    });
  }
  EXPECT_OK(store_->close());
  EXPECT_EQ(done, 500);
}

TEST_P(StoreContractTest, WhatNobodyWaitsForIsWrittenAllTheSame) {
  std::promise<core::Status> written;
  store_->commit(soon(receipt(1)),
                 [&](core::Status status) { written.set_value(std::move(status)); });
  EXPECT_OK(written.get_future().get());
  EXPECT_TRUE(find(1));
}

TEST_P(StoreContractTest, WhatNobodyWaitsForIsWrittenBeforeWhatCameAfterIt) {
  bool written = false;
  store_->commit(soon(receipt(1)),
                 [&](const core::Status& status) { written = status.has_value(); });
  EXPECT_OK(commit(batch_of(receipt(2))));
  EXPECT_TRUE(written);
  EXPECT_TRUE(find(1));
}

TEST_P(StoreContractTest, CloseWritesWhatNobodyWaitsFor) {
  bool written = false;
  store_->commit(soon(receipt(1)),
                 [&](const core::Status& status) { written = status.has_value(); });
  EXPECT_OK(store_->close());
  EXPECT_TRUE(written);
}

TEST_P(StoreContractTest, ACommitAfterCloseIsUnavailable) {
  EXPECT_OK(store_->close());
  const auto refused = commit(batch_of(receipt(1)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
}

TEST_P(StoreContractTest, IsHealthyFromTheStart) {
  EXPECT_TRUE(store_->health().writable);
  EXPECT_TRUE(store_->health().problem.empty());
}

TEST(StatusTest, EveryStatusHasItsWord) {
  EXPECT_EQ(render_status(RunStatus::kRunning), "running");
  EXPECT_EQ(render_status(RunStatus::kQuarantined), "quarantined");
  EXPECT_EQ(render_status(TaskStatus::kOk), "ok");
  EXPECT_EQ(render_status(TaskStatus::kSkipped), "skipped");
}

TEST_P(StoreContractTest, FindsARunByItsSubmissionKey) {
  auto written = run("r1");
  written.submission_key = "order 1";
  written.submission_digest = {1, 2, 3};
  EXPECT_OK(commit(batch_of(written)));
  const auto found = store_->find_submission("order 1");
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->run, "r1");
  EXPECT_EQ((*found)->digest, (core::Bytes{1, 2, 3}));
  EXPECT_FALSE(store_->find_submission("order 2").value());
}

TEST_P(StoreContractTest, ASecondRunUnderAKeyIsRefusedWhole) {
  auto first = run("r1");
  first.submission_key = "order 1";
  EXPECT_OK(commit(batch_of(first)));
  auto second = run("r2");
  second.submission_key = "order 1";
  const auto refused = commit(batch_of(second));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_FALSE(store_->find_run("r2").value());
  EXPECT_EQ((*store_->find_submission("order 1"))->run, "r1");
}

TEST(StoreLogTest, StaysShortHoweverMuchIsWritten) {
  sql::testing::TempDir dir;
  constexpr std::int64_t kPages = 64;
  const auto store = open(dir / "store.db", Durability::kRelaxed, kPages);
  constexpr int kReceipts = 3000;
  constexpr int kAtOnce = 50;
  constexpr std::size_t kBytes = 16'384;
  std::uintmax_t longest = 0;
  for (int first = 0; first < kReceipts; first += kAtOnce) {
    std::latch written(kAtOnce);
    for (int i = first; i < first + kAtOnce; ++i) {
      ReceiptRecord record = receipt(i, i);
      record.block.resize(kBytes, 7);
      record.cid = ipld::Cid::of_dag_cbor(record.block);
      store->commit(batch_of(std::move(record)), [&](const core::Status& status) {
        EXPECT_TRUE(status);
        written.count_down();
      });
    }
    written.wait();
    longest = std::max(longest, std::filesystem::file_size(dir / "store.db-wal"));
  }
  // Three times the pages, and what comes in one commit.
  EXPECT_LT(longest, (3 * kPages + 1000) * 4096);
  EXPECT_OK(store->close());
}

}  // namespace
}  // namespace every::store
