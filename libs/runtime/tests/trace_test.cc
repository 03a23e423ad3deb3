// What a task's record says of when it was worked on, by which way and at what cost.
#include <thread>

#include "sharing_support.h"

namespace every::runtime {
namespace {

using invocation::Miss;
using invocation::Trace;
using invocation::Way;
using wasm::testing::kFakeFuel;
using wasm::testing::kFakePeakMemory;

class TraceTest : public testing::NodeFixture {
 protected:
  /// The same run as the store has it.
  std::shared_ptr<const RunAnswer> stored(const RunAnswer& run) {
    for (;;) {
      const auto kept = node_->get_run(run.id);
      EXPECT_TRUE(kept) << kept.error().message;
      // A run that is being written is answered from memory.
      if (!kept || (*kept)->tasks[0].kept == 0) return kept ? *kept : nullptr;
      std::this_thread::yield();
    }
  }
};

TEST_F(TraceTest, ATaskThatRanSaysWhenAndWhatItCost) {
  const auto answer = run(tasks({task("a", "add", "[1, 2]")}));
  const TaskAnswer& task = answer->tasks[0];
  EXPECT_EQ(task.trace.way, Way::kRan);
  EXPECT_GE(task.trace.ready, answer->accepted);
  EXPECT_GE(task.trace.started, task.trace.ready);
  EXPECT_GE(task.trace.ended, task.trace.started);
  EXPECT_GE(task.kept, task.trace.ended);
  EXPECT_GT(task.trace.run_time.count(), 0);
  EXPECT_EQ(task.trace.peak_memory_bytes, kFakePeakMemory);
  EXPECT_EQ(task.trace.fuel, 0u) << "not metered";
  EXPECT_EQ(task.trace.bytes_in, 2u) << "1 and 2 in a byte each";
  EXPECT_EQ(task.trace.bytes_out, 9u) << "a float";
}

TEST_F(TraceTest, TheRecordSaysTheSame) {
  const auto answer = run(tasks({task("a", "add", "[1, 2]"), task("b", "divide", "[1, 0]")}));
  const auto kept = stored(*answer);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->tasks[0].trace, answer->tasks[0].trace);
  EXPECT_EQ(kept->tasks[1].trace, answer->tasks[1].trace);
  EXPECT_EQ(kept->tasks[1].trace.way, Way::kRan) << "it failed, but it ran";
  EXPECT_EQ(kept->tasks[1].trace.bytes_out, 0u);
}

TEST_F(TraceTest, FuelIsSaidWhereItIsMetered) {
  const auto answer = run(
      R"({"tasks":[{"meta":{"fuel":1000},"run":{"name":"a","input":{"func":"add","args":[1,2]}}}]})");
  EXPECT_EQ(answer->tasks[0].trace.fuel, kFakeFuel);
}

TEST_F(TraceTest, AKnownResultIsAHitThatStartedNothing) {
  run(tasks({task("a", "add", "[1, 2]")}));
  const auto answer = run(tasks({task("a", "add", "[1, 2]")}));
  const Trace& trace = answer->tasks[0].trace;
  EXPECT_EQ(trace.way, Way::kHit);
  EXPECT_GE(trace.ready, answer->accepted);
  EXPECT_GE(trace.ended, trace.ready);
  EXPECT_EQ(trace.started, 0);
  EXPECT_EQ(trace.peak_memory_bytes, 0u);
}

TEST_F(TraceTest, SaysWhyWhatIsKnownWasNotUsed) {
  const std::string add = tasks({task("a", "add", "[1, 2]")});
  const auto first = run(add);
  EXPECT_EQ(first->tasks[0].trace.miss, Miss::kNotKnown);
  const auto fresh = run(add, Reuse::kFresh);
  EXPECT_EQ(fresh->tasks[0].trace.miss, Miss::kFresh);
  ASSERT_TRUE(node_->sharing()->forget(*first->tasks[0].receipt, Sharing::Dependants::kLeave));
  const auto again = run(add);
  EXPECT_EQ(again->tasks[0].trace.way, Way::kRan);
  EXPECT_EQ(again->tasks[0].trace.miss, Miss::kForgotten);
  EXPECT_EQ(run(add)->tasks[0].trace.miss, Miss::kNotKnown) << "a hit";
}

TEST_F(TraceTest, SaysThatAFailuresValueReachedIt) {
  const auto answer = run(tasks(
      {task("bad", "divide", "[1, 0]"), task("rescue", "echo", "[\"{{needs.bad.error}}\"]")}));
  EXPECT_EQ(answer->tasks[1].trace.miss, Miss::kFailure);
}

TEST_F(TraceTest, EqualTasksOfAWorkflowShareAnExecution) {
  const auto answer = run(tasks({task("a", "add", "[1, 2]"), task("b", "add", "[1, 2]")}));
  EXPECT_EQ(answer->tasks[0].trace.way, Way::kRan);
  EXPECT_EQ(answer->tasks[1].trace.way, Way::kJoined);
  EXPECT_EQ(answer->tasks[1].trace.started, answer->tasks[0].trace.started);
  const auto kept = stored(*answer);
  EXPECT_EQ(kept->tasks[1].trace.way, Way::kJoined);
}

TEST_F(TraceTest, ARunThatSharesAnothersExecutionSaysSo) {
  executor_->hold();
  const auto first = submit(tasks({task("a", "add", "[20, 22]")}));
  ASSERT_TRUE(executor_->wait_for_held(1));
  const auto second = submit(tasks({task("b", "add", "[20, 22]"), task("c", "add", "[1, 1]")}));
  ASSERT_TRUE(executor_->wait_for_held(2));
  executor_->release_all();
  const auto answer = wait(second);
  wait(first);
  // b joined, or its turn came when the result was known already.
  EXPECT_NE(answer->tasks[0].trace.way, Way::kRan);
  EXPECT_EQ(answer->tasks[1].trace.way, Way::kRan);
}

TEST_F(TraceTest, NothingIsExecutedForWhoIsSkippedOrAwaitsAFailure) {
  const auto skipped = run(
      tasks({task("good", "add", "[1, 2]"), task("rescue", "echo", "[\"{{needs.good.error}}\"]")}));
  EXPECT_EQ(skipped->tasks[1].trace.way, Way::kNone);
  EXPECT_EQ(skipped->tasks[1].trace.started, 0);
  EXPECT_GT(skipped->tasks[1].trace.ended, 0);
  const auto failed = run(
      tasks({task("bad", "divide", "[1, 0]"), task("after", "echo", "[" + output("bad") + "]")}));
  EXPECT_EQ(failed->tasks[1].trace.way, Way::kNone);
}

TEST_F(TraceTest, ATaskUnderWayShowsHowFarItIs) {
  executor_->hold();
  const auto handle =
      submit(tasks({task("a", "add", "[1, 2]"), task("after", "echo", "[" + output("a") + "]")}));
  ASSERT_TRUE(executor_->wait_for_held(1));
  const auto now = node_->get_run(handle->id());
  ASSERT_TRUE(now);
  EXPECT_EQ((*now)->tasks[0].trace.way, Way::kNotRecorded);
  EXPECT_GT((*now)->tasks[0].trace.started, 0);
  EXPECT_EQ((*now)->tasks[0].trace.ended, 0);
  EXPECT_EQ((*now)->tasks[1].trace, Trace()) << "it waits for the first";
  executor_->release_all();
  wait(handle);
}

TEST_F(TraceTest, WhatIsCancelledSaysWhetherItHadStarted) {
  executor_->hold();
  const auto handle =
      submit(tasks({task("a", "add", "[1, 2]"), task("after", "echo", "[" + output("a") + "]")}));
  ASSERT_TRUE(executor_->wait_for_held(1));
  handle->cancel();
  const auto answer = wait(handle);
  EXPECT_EQ(answer->tasks[0].trace.way, Way::kRan);
  EXPECT_GE(answer->tasks[0].trace.ended, answer->tasks[0].trace.started);
  EXPECT_EQ(answer->tasks[1].trace.way, Way::kNone);
  executor_->release_all();
}

TEST(TraceOriginTest, SaysThatAnImportedResultWasNotTrusted) {
  testing::Machine near(1);
  testing::Machine far(2);
  near.serve_dice();
  far.serve_dice();
  far.import(near.export_all({near.receipt_of_roll()}));
  const auto ran = far.roll();
  EXPECT_EQ(ran->tasks[0].trace.way, Way::kRan);
  EXPECT_EQ(ran->tasks[0].trace.miss, Miss::kUntrusted);
}

TEST(TraceOriginTest, SaysWhichNodeAResultRestsOn) {
  testing::Machine near(1);
  testing::Machine far(2, {1});
  near.serve_dice();
  far.serve_dice();
  const std::string near_peer = testing::key_of(1).public_key().peer_id();
  const std::string far_peer = testing::key_of(2).public_key().peer_id();
  const auto made = near.roll();
  EXPECT_EQ(made->node, near_peer);
  EXPECT_EQ(made->tasks[0].node, near_peer);
  far.import(near.export_all({made->tasks[0].receipt->render()}));
  const auto hit = far.roll();
  EXPECT_EQ(hit->tasks[0].trace.way, Way::kHit);
  EXPECT_EQ(hit->node, far_peer);
  EXPECT_EQ(hit->tasks[0].node, near_peer);
}

}  // namespace
}  // namespace every::runtime
