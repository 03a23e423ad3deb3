#include "every/runtime/steering.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <stdlib.h>

#include "every/core/guarded.h"
#include "every/runtime/testing/node_fixture.h"

namespace every::runtime {
namespace {

using core::ErrorCode;
using wasm::testing::FakeMode;

/// A node on files, so that it can be opened again.
class SteeringTest : public testing::NodeFixture {
 protected:
  SteeringTest() {
    std::string name = (std::filesystem::temp_directory_path() / "every-steer-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    reopen();
  }
  ~SteeringTest() override {
    node_.reset();
    std::filesystem::remove_all(folder_);
  }
  void reopen() {
    open(FakeMode::kThreaded,
         {.file = folder_ / "every.db", .durability = store::Durability::kRelaxed},
         {.stop_within = std::chrono::milliseconds(1)});
  }
  Steering& steering() { return *node_->steering(); }

  std::shared_ptr<RunHandle> accept(const std::string& json, Start start = Start::kAtOnce,
                                    Reuse reuse = Reuse::kMemo) {
    RunRequest request;
    request.workflow = parse(json);
    request.reuse = reuse;
    request.accept = Accept::kDurable;
    request.start = start;
    auto handle = node_->submit(std::move(request), nullptr);
    EXPECT_TRUE(handle) << handle.error().message;
    return *handle;
  }
  std::string chain() {
    return tasks({task("a", "add", "[1, 2]"), task("b", "add", "[" + output("a") + ", 10]"),
                  task("c", "add", "[" + output("b") + ", 100]")});
  }
  RunState state_of(const std::string& id) { return (*node_->get_run(id))->state; }
  struct Found {
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<TaskAnswer> answer;
  };
  /// Waits for the outcome of a task.
  static TaskAnswer outcome_of(RunHandle& run, std::uint32_t task) {
    // Shared with the observer, which may be called once more while it goes.
    const auto found = std::make_shared<Found>();
    const auto watching = run.watch([found, task](const RunEvent& event) {
      if (event.kind != RunEvent::Kind::kTask || event.task->task != task) return;
      const std::lock_guard lock(found->mutex);
      found->answer = *event.task;
      found->changed.notify_all();
    });
    std::unique_lock lock(found->mutex);
    EXPECT_TRUE(found->changed.wait_for(lock, std::chrono::seconds(60),
                                        [&] { return found->answer.has_value(); }));
    return *found->answer;
  }
  /// Lets one task run and waits for its outcome.
  TaskAnswer step(const std::string& id, const std::optional<std::string>& task = {}) {
    const auto step = steering().step(id, task, GoOn::kHere);
    if (!step) throw std::runtime_error(step.error().message);
    return outcome_of(*step->run, step->task);
  }

  std::filesystem::path folder_;
};

TEST_F(SteeringTest, NothingOfAPausedRunStartsAndWhatIsUnderWayEnds) {
  executor_->hold();
  const auto run = accept(chain());
  ASSERT_TRUE(executor_->wait_for_held(1));
  const auto paused = steering().pause(run->id());
  ASSERT_TRUE(paused) << paused.error().message;
  EXPECT_EQ(paused->change, Steered::Change::kMade);
  EXPECT_EQ(paused->run->state, RunState::kPaused);
  executor_->release_all();
  EXPECT_EQ(outcome_of(*run, 0).state, TaskState::kOk);
  EXPECT_EQ(executor_->executions("add"), 1u);
  EXPECT_EQ(step(run->id(), "b").state, TaskState::kOk);
  EXPECT_EQ(executor_->executions("add"), 2u);
  EXPECT_EQ(state_of(run->id()), RunState::kPaused);
  ASSERT_TRUE(steering().resume(run->id(), GoOn::kHere));
  EXPECT_EQ(*wait(run)->tasks[2].value, ipld::Value(113.0));
  EXPECT_EQ(executor_->executions("add"), 3u);
}

TEST_F(SteeringTest, APausedRunStaysPausedOverRestartsAndIsNotBlamed) {
  const auto run = accept(chain(), Start::kPaused);
  step(run->id());
  for (int i = 0; i < 5; ++i) {
    reopen();
    EXPECT_EQ(node_->resume_unfinished().value(), 0u);
    EXPECT_EQ(state_of(run->id()), RunState::kPaused);
    EXPECT_EQ(node_->find_active(run->id()), nullptr);
  }
  EXPECT_EQ(store_->find_run(run->id()).value()->resumptions, 0u);
  const auto resumed = steering().resume(run->id(), GoOn::kHere);
  ASSERT_TRUE(resumed) << resumed.error().message;
  if (const auto active = node_->find_active(run->id())) static_cast<void>(wait(active));
  EXPECT_EQ(state_of(run->id()), RunState::kCompleted);
  EXPECT_EQ(executor_->executions("add"), 2u) << "a is done since before";
}

TEST_F(SteeringTest, AStepRunsOneTaskAndSaysWhich) {
  const auto run = accept(chain(), Start::kPaused);
  EXPECT_EQ(step(run->id()).name, "a");
  EXPECT_EQ(steering().ready(run->id()), std::vector<std::string>{"b"});
  EXPECT_EQ(step(run->id()).name, "b");
  EXPECT_EQ(executor_->executions("add"), 2u);
  EXPECT_EQ(step(run->id()).name, "c");
  EXPECT_EQ(wait(run)->state, RunState::kCompleted);
}

TEST_F(SteeringTest, AStepOfAKnownTaskReplaysIt) {
  run(tasks({task("a", "add", "[1, 2]")}));
  const auto run = accept(chain(), Start::kPaused);
  EXPECT_TRUE(step(run->id()).replayed);
  EXPECT_FALSE(step(run->id()).replayed);
  EXPECT_EQ(state_of(run->id()), RunState::kPaused);
}

TEST_F(SteeringTest, AStepTakesTheTaskThatIsNamedOrSaysWhyNot) {
  const auto run = accept(tasks({task("a", "add", "[1, 2]"), task("b", "add", "[3, 4]"),
                                 task("c", "add", "[" + output("a") + ", 100]")}),
                          Start::kPaused);
  EXPECT_EQ(step(run->id(), "b").name, "b");
  const auto refuse = [&](const std::string& name) {
    const auto refused = steering().step(run->id(), name, GoOn::kHere);
    EXPECT_FALSE(refused);
    return refused.error();
  };
  EXPECT_EQ(refuse("b").code, ErrorCode::kConflict);
  EXPECT_NE(refuse("b").message.find("has ended already: it is ok"), std::string::npos);
  EXPECT_NE(refuse("c").message.find("awaits others that have not ended; ready is 'a'"),
            std::string::npos);
  EXPECT_EQ(refuse("nobody").code, ErrorCode::kNotFound);
}

TEST_F(SteeringTest, AStepNeedsAPausedRunWithSomethingReady) {
  executor_->hold();
  const auto run = accept(chain());
  ASSERT_TRUE(executor_->wait_for_held(1));
  const auto unpaused = steering().step(run->id(), {}, GoOn::kHere);
  ASSERT_FALSE(unpaused);
  EXPECT_NE(unpaused.error().message.find("every runs pause"), std::string::npos);
  ASSERT_TRUE(steering().pause(run->id()));
  const auto early = steering().step(run->id(), {}, GoOn::kHere);
  ASSERT_FALSE(early);
  EXPECT_NE(early.error().message.find("is ready"), std::string::npos);
  executor_->release_all();
  ASSERT_TRUE(steering().resume(run->id(), GoOn::kHere));
  EXPECT_EQ(wait(run)->state, RunState::kCompleted);
}

TEST_F(SteeringTest, WhatIsAskedTwiceIsDoneOnce) {
  const auto run = accept(chain(), Start::kPaused);
  EXPECT_EQ(steering().pause(run->id())->change, Steered::Change::kNone);
  EXPECT_EQ(steering().resume(run->id(), GoOn::kHere)->change, Steered::Change::kMade);
  static_cast<void>(wait(run));
  const auto again = steering().resume(run->id(), GoOn::kHere);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kConflict);
  const auto paused = steering().pause(run->id());
  ASSERT_FALSE(paused);
  EXPECT_EQ(paused.error().code, ErrorCode::kConflict);
  EXPECT_EQ(steering().pause("nothing").error().code, ErrorCode::kNotFound);
}

TEST_F(SteeringTest, APausedRunIsCancelled) {
  const auto run = accept(chain(), Start::kPaused);
  step(run->id());
  run->cancel();
  const auto answer = wait(run);
  EXPECT_EQ(answer->state, RunState::kCancelled);
  EXPECT_EQ(answer->tasks[0].state, TaskState::kOk);
  EXPECT_EQ(answer->tasks[2].state, TaskState::kCancelled);
}

TEST_F(SteeringTest, PausesAndResumptionsThatRaceLeaveARunThatEnds) {
  for (int round = 0; round < 20; ++round) {
    std::vector<std::string> list{task("t0", "add", "[" + std::to_string(round) + ", 0.5]")};
    for (int i = 1; i < 20; ++i)
      list.push_back(
          task("t" + std::to_string(i), "add", "[" + output("t" + std::to_string(i - 1)) + ", 1]"));
    const auto run = accept(tasks(list));
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&, i] {
        for (int n = 0; n < 10; ++n) {
          // The run may be over: then both are refused.
          if (i % 2 == 0) {
            static_cast<void>(steering().pause(run->id()));
          } else {
            static_cast<void>(steering().resume(run->id(), GoOn::kHere));
          }
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    static_cast<void>(steering().resume(run->id(), GoOn::kHere));
    EXPECT_EQ(wait(run)->state, RunState::kCompleted);
    EXPECT_EQ(executor_->executions("add"), 20u * static_cast<unsigned>(round + 1));
  }
}

TEST_F(SteeringTest, APauseAndACancellationThatRaceLeaveACancelledRun) {
  for (int round = 0; round < 20; ++round) {
    executor_->hold();
    const auto run = accept(tasks({task("a", "add", "[0.25, " + std::to_string(round) + "]"),
                                   task("b", "add", "[" + output("a") + ", 10]")}));
    ASSERT_TRUE(executor_->wait_for_held(1));
    std::thread pausing([&] { static_cast<void>(steering().pause(run->id())); });
    run->cancel();
    pausing.join();
    EXPECT_EQ(wait(run)->state, RunState::kCancelled);
    executor_->release_all();
    EXPECT_EQ(state_of(run->id()), RunState::kCancelled);
  }
}

TEST_F(SteeringTest, AWatcherIsToldThatARunIsPausedAndThatItGoesOn) {
  const auto run = accept(chain(), Start::kPaused);
  const auto kinds = std::make_shared<core::Guarded<std::vector<RunEvent::Kind>>>();
  const auto watching =
      run->watch([kinds](const RunEvent& event) { kinds->lock()->push_back(event.kind); });
  ASSERT_TRUE(steering().resume(run->id(), GoOn::kHere));
  static_cast<void>(wait(run));
  auto told = kinds->lock();
  ASSERT_GE(told->size(), 2u);
  EXPECT_EQ(told->front(), RunEvent::Kind::kPaused);
  EXPECT_EQ(told->at(1), RunEvent::Kind::kResumed);
}

TEST_F(SteeringTest, ARunThatIsTakenUpKeepsWhatIsRecordedOfItFailuresToo) {
  const auto run = accept(
      tasks({task("bad", "divide", "[1, 0]"), task("rescue", "echo", "[\"{{needs.bad.error}}\"]"),
             task("after", "add", "[1, 2]")}),
      Start::kPaused, Reuse::kFresh);
  const auto failed = step(run->id(), "bad");
  EXPECT_EQ(failed.state, TaskState::kFailed);
  const auto rescued = step(run->id(), "rescue");
  reopen();
  ASSERT_TRUE(steering().take_up(run->id()));
  const auto taken = *node_->get_run(run->id());
  EXPECT_EQ(taken->tasks[0].receipt, failed.receipt);
  EXPECT_EQ(*taken->tasks[1].value, *rescued.value);
  EXPECT_FALSE(taken->tasks[1].replayed);
  EXPECT_EQ(step(run->id()).name, "after");
  EXPECT_EQ(executor_->executions("divide") + executor_->executions("echo"), 0u);
  EXPECT_EQ(state_of(run->id()), RunState::kCompleted);
}

TEST_F(SteeringTest, AProcessThatEndsWithItsWorkOnlyNotesWhatShallGoOn) {
  const auto run = accept(chain(), Start::kPaused);
  reopen();
  const auto stepped = steering().step(run->id(), {}, GoOn::kAtNextStart);
  ASSERT_FALSE(stepped);
  EXPECT_EQ(stepped.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(stepped.error().message.find("every dev"), std::string::npos);
  EXPECT_EQ(steering().resume(run->id(), GoOn::kAtNextStart)->change, Steered::Change::kNoted);
  EXPECT_EQ(executor_->executions("add"), 0u);
  reopen();
  EXPECT_EQ(node_->resume_unfinished().value(), 1u);
  if (const auto active = node_->find_active(run->id())) static_cast<void>(wait(active));
  EXPECT_EQ(state_of(run->id()), RunState::kCompleted);
}

TEST_F(SteeringTest, AnUnfinishedRunIsPausedBeforeANodeTakesItUp) {
  executor_->hold();
  const auto run = accept(chain());
  ASSERT_TRUE(executor_->wait_for_held(1));
  reopen();
  ASSERT_TRUE(steering().pause(run->id()));
  EXPECT_EQ(node_->resume_unfinished().value(), 0u);
  EXPECT_EQ(state_of(run->id()), RunState::kPaused);
}

TEST_F(SteeringTest, ARunLeavesQuarantineWithNothingAgainstIt) {
  const auto run = accept(chain(), Start::kPaused);
  store::Batch batch;
  batch.ends.push_back({run->id(), store::RunStatus::kQuarantined, "unavailable", "went down", 9});
  ASSERT_TRUE(store_->commit_and_wait(std::move(batch)));
  reopen();
  EXPECT_EQ(state_of(run->id()), RunState::kQuarantined);
  EXPECT_FALSE(steering().step(run->id(), {}, GoOn::kHere));
  ASSERT_TRUE(steering().resume(run->id(), GoOn::kHere));
  if (const auto active = node_->find_active(run->id())) static_cast<void>(wait(active));
  EXPECT_EQ(state_of(run->id()), RunState::kCompleted);
  EXPECT_EQ(store_->find_run(run->id()).value()->resumptions, 0u);
}

TEST_F(SteeringTest, ASharedExecutionGoesOnForTheOtherRunWhenOneIsPaused) {
  executor_->hold();
  const auto first = accept(tasks({task("a", "add", "[7, 8]")}));
  const auto second = accept(tasks({task("a", "add", "[7, 8]")}));
  ASSERT_TRUE(executor_->wait_for_held(1));
  ASSERT_TRUE(steering().pause(first->id()));
  executor_->release_all();
  EXPECT_EQ(wait(second)->state, RunState::kCompleted);
  EXPECT_EQ(wait(first)->state, RunState::kCompleted)
      << "what was under way ends, and was all of it";
  EXPECT_EQ(executor_->executions("add"), 1u);
}

TEST_F(SteeringTest, TheTimeOfAPausedRunStandsStill) {
  RunRequest request;
  request.workflow = parse(chain());
  request.start = Start::kPaused;
  request.deadline = core::Deadline::after(std::chrono::milliseconds(50));
  const auto run = node_->submit(std::move(request), nullptr);
  ASSERT_TRUE(run);
  const auto waited = (*run)->wait(core::Deadline::after(std::chrono::milliseconds(300)));
  ASSERT_FALSE(waited) << "its limit would have passed several times";
  EXPECT_EQ(state_of((*run)->id()), RunState::kPaused);
}

}  // namespace
}  // namespace every::runtime
