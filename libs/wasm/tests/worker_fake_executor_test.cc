#include <future>

#include <gtest/gtest.h>

#include "every/ipld/dag_cbor.h"
#include "every/wasm/testing/fake_executor.h"

namespace every::wasm::testing {
namespace {

using core::ErrorCode;

TaskSpec task(std::string function, ipld::List args) {
  TaskSpec spec{FakeExecutor::standard_component(), std::move(function), std::move(args), {}, {}};
  return spec;
}

core::Result<ipld::Value> decoded(const TaskOutcome& outcome) {
  if (!outcome.value) return core::fail(outcome.value.error());
  return ipld::dag_cbor::decode(*outcome.value);
}

/// Starts a task and gives its outcome.
std::future<TaskOutcome> begin(Executor& executor, TaskSpec spec, Executor::TaskId* id = nullptr) {
  auto promise = std::make_shared<std::promise<TaskOutcome>>();
  auto future = promise->get_future();
  const auto started = executor.start(std::move(spec), nullptr, [promise](TaskOutcome outcome) {
    promise->set_value(std::move(outcome));
  });
  if (id != nullptr) *id = started;
  return future;
}

class FakeExecutorTest : public ::testing::Test {
 protected:
  static void prepare(Executor& executor) {
    ASSERT_TRUE(
        executor.prepare(FakeExecutor::standard_component(), FakeExecutor::standard_bytes()));
  }
};

TEST_F(FakeExecutorTest, RunsAFunctionOnItsThreads) {
  FakeExecutor executor;
  prepare(executor);
  const auto outcome = begin(executor, task("add", {3.1, 5.2})).get();
  ASSERT_TRUE(decoded(outcome));
  EXPECT_EQ(*decoded(outcome), ipld::Value(3.1 + 5.2));
  EXPECT_EQ(executor.executions("add"), 1);
}

TEST_F(FakeExecutorTest, RefusesAComponentThatWasNotPrepared) {
  FakeExecutor executor;
  EXPECT_EQ(begin(executor, task("add", {1.0, 2.0})).get().value.error().code,
            ErrorCode::kNotFound);
}

TEST_F(FakeExecutorTest, DoesNothingByItselfInManualMode) {
  FakeExecutor executor(FakeMode::kManual);
  prepare(executor);
  auto first = begin(executor, task("add", {1.0, 2.0}));
  auto second = begin(executor, task("add", {1.0, 2.0}));
  EXPECT_EQ(executor.counts().executed, 0);
  EXPECT_TRUE(executor.run_one());
  EXPECT_EQ(executor.counts().executed, 1);
  EXPECT_EQ(executor.run_all(), 1);
  EXPECT_FALSE(executor.run_one());
}

TEST_F(FakeExecutorTest, KeepsTasksAtTheGateUntilTheyAreReleased) {
  FakeExecutor executor;
  prepare(executor);
  executor.hold();
  auto first = begin(executor, task("add", {1.0, 2.0}));
  auto second = begin(executor, task("echo", {"x"}));
  ASSERT_TRUE(executor.wait_for_held(2));
  executor.release(1);
  EXPECT_TRUE(first.get().value);
  EXPECT_EQ(executor.held(), std::vector<std::string>{"echo"});
  executor.release_all();
  EXPECT_TRUE(second.get().value);
}

TEST_F(FakeExecutorTest, CancelsATaskAtTheGateWithoutRunningIt) {
  FakeExecutor executor;
  prepare(executor);
  executor.hold();
  Executor::TaskId id = 0;
  auto outcome = begin(executor, task("add", {1.0, 2.0}), &id);
  executor.cancel(id);
  EXPECT_EQ(outcome.get().value.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(executor.counts().executed, 0);
}

TEST_F(FakeExecutorTest, CancelsARunningTask) {
  FakeExecutor executor;
  prepare(executor);
  Executor::TaskId id = 0;
  auto outcome = begin(executor, task("slow", {}), &id);
  executor.cancel(id);
  EXPECT_EQ(outcome.get().value.error().code, ErrorCode::kCancelled);
}

TEST_F(FakeExecutorTest, EndsASlowTaskAtItsTimeLimit) {
  FakeExecutor executor;
  prepare(executor);
  auto spec = task("slow", {});
  spec.limits.time = std::chrono::milliseconds(1);
  EXPECT_EQ(begin(executor, std::move(spec)).get().value.error().code, ErrorCode::kTimeout);
}

TEST_F(FakeExecutorTest, AnswersEverythingWhenStopped) {
  FakeExecutor executor;
  prepare(executor);
  executor.hold();
  std::vector<std::future<TaskOutcome>> outcomes;
  for (int i = 0; i < 10; ++i) outcomes.push_back(begin(executor, task("slow", {})));
  executor.release(3);
  executor.stop();
  for (auto& outcome : outcomes) EXPECT_EQ(outcome.get().value.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(begin(executor, task("add", {1.0, 2.0})).get().value.error().code,
            ErrorCode::kUnavailable);
}

TEST_F(FakeExecutorTest, RunsInsideStartInInlineMode) {
  FakeExecutor executor(FakeMode::kInline);
  prepare(executor);
  bool done = false;
  executor.start(task("trap", {}), nullptr, [&](TaskOutcome outcome) {
    done = true;
    EXPECT_EQ(outcome.value.error().code, ErrorCode::kGuestTrap);
  });
  EXPECT_TRUE(done);
}

}  // namespace
}  // namespace every::wasm::testing
