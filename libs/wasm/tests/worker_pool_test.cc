#include "every/wasm/worker_pool.h"

#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <filesystem>
#include <future>
#include <mutex>

#include "worker_test_component.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "every/ipld/dag_cbor.h"
#include "every/wasm/testing/fake_executor.h"

namespace every::wasm::testing {
namespace {

using core::ErrorCode;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

ipld::Cid cid_of(std::string_view bytes) {
  return ipld::Cid::of(ipld::Codec::kRaw, ipld::HashCode::kSha2_256, core::as_bytes(bytes));
}

/// A started task: its lines and its outcome.
class Started {
 public:
  Started(Executor& pool, TaskSpec spec) {
    id_ = pool.start(
        std::move(spec),
        [this](LogLine line) {
          const std::lock_guard lock(mutex_);
          lines_.push_back(std::move(line));
          changed_.notify_all();
        },
        [this](TaskOutcome outcome) {
          const std::lock_guard lock(mutex_);
          EXPECT_FALSE(outcome_) << "ended twice";
          outcome_ = std::move(outcome);
          changed_.notify_all();
        });
  }
  Started(const Started&) = delete;
  Started& operator=(const Started&) = delete;

  TaskOutcome& wait() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, 60s, [&] { return outcome_.has_value(); })) {
      outcome_ = TaskOutcome{core::fail(ErrorCode::kInternal, "the test waited in vain"), {}};
    }
    return *outcome_;
  }
  /// The process that runs it, as it says itself in its line number `index`.
  pid_t pid(std::size_t index = 0) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, 60s, [&] { return lines_.size() > index; })) return 0;
    return std::stoi(lines_[index].message);
  }
  ErrorCode code() { return wait().value ? ErrorCode::kInternal : wait().value.error().code; }
  std::string message() { return wait().value ? "" : wait().value.error().message; }
  ipld::Value value() {
    if (!wait().value) return wait().value.error().message;
    return ipld::dag_cbor::decode(*wait().value).value_or(ipld::Value());
  }
  std::size_t line_count() {
    const std::lock_guard lock(mutex_);
    return lines_.size();
  }
  [[nodiscard]] Executor::TaskId id() const { return id_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<LogLine> lines_;
  std::optional<TaskOutcome> outcome_;
  Executor::TaskId id_ = 0;
};

TaskSpec standard(std::string function, ipld::List args) {
  return {FakeExecutor::standard_component(), std::move(function), std::move(args), {}, {}};
}
TaskSpec command(std::string what) {
  return {cid_of(kCommands), "command", {std::move(what)}, {}, {}};
}

class WorkerPoolTest : public ::testing::Test {
 protected:
  static WorkerPoolOptions options(std::string threads = "8", std::string mode = "") {
    WorkerPoolOptions options;
    options.command = {EVERY_TEST_WORKER, std::move(threads)};
    if (!mode.empty()) options.command.push_back(std::move(mode));
    options.workers = 2;
    return options;
  }
  void open(const WorkerPoolOptions& options) {
    auto made = make_worker_pool(options);
    ASSERT_TRUE(made) << made.error().message;
    pool_ = std::move(*made);
    ASSERT_TRUE(pool_->prepare(FakeExecutor::standard_component(), FakeExecutor::standard_bytes()));
    ASSERT_TRUE(pool_->prepare(cid_of(kCommands), core::as_bytes(kCommands)));
  }
  std::unique_ptr<Executor> pool_;
};

TEST_F(WorkerPoolTest, RunsATaskInAnotherProcess) {
  open(options());
  Started task(*pool_, command("pid"));
  EXPECT_NE(task.value(), ipld::Value(getpid()));
  EXPECT_EQ(task.value(), ipld::Value(task.pid()));
}

TEST_F(WorkerPoolTest, KnowsWhatAPreparedComponentOffers) {
  open(options());
  const auto info = pool_->find_prepared(FakeExecutor::standard_component());
  ASSERT_TRUE(info);
  ASSERT_FALSE(info->functions.empty());
  EXPECT_EQ(wit::render(*info->functions[0]), "func(a: f64, b: f64) -> f64");
}

TEST_F(WorkerPoolTest, RunsAThousandTasksAtOnce) {
  open(options());
  std::deque<Started> tasks;
  for (int i = 0; i < 1000; ++i) tasks.emplace_back(*pool_, standard("add-integers", {i, 1}));
  for (int i = 0; i < 1000; ++i)
    EXPECT_EQ(tasks[static_cast<std::size_t>(i)].value(), ipld::Value(i + 1));
}

TEST_F(WorkerPoolTest, CarriesSixtyFourMebibytesBothWays) {
  open(options());
  core::Bytes bytes(std::size_t{64} << 20, 0xab);
  bytes.back() = 1;
  auto spec = standard("echo-bytes", {bytes});
  spec.limits.result_bytes = std::uint64_t{65} << 20;
  Started task(*pool_, std::move(spec));
  ASSERT_TRUE(task.wait().value) << task.message();
  EXPECT_TRUE(task.value() == ipld::Value(bytes));
}

TEST_F(WorkerPoolTest, DeliversTheLinesOfATask) {
  open(options());
  Started task(*pool_, standard("log", {"hello", 500}));
  EXPECT_EQ(task.value(), ipld::Value(500));
  EXPECT_EQ(task.line_count(), 500);
}

TEST_F(WorkerPoolTest, PassesOnHowATaskFailed) {
  open(options());
  Started task(*pool_, standard("divide", {1.0, 0.0}));
  EXPECT_EQ(task.code(), ErrorCode::kGuestTrap);
  EXPECT_THAT(task.message(), HasSubstr("not able to run fn divide"));
  EXPECT_EQ(task.line_count(), 1);
}

TEST_F(WorkerPoolTest, NamesAFunctionThatIsNotThere) {
  open(options());
  EXPECT_EQ(Started(*pool_, standard("nonsense", {})).code(), ErrorCode::kNotFound);
}

TEST_F(WorkerPoolTest, RefusesAComponentThatWasNotPrepared) {
  open(options());
  EXPECT_EQ(Started(*pool_, {cid_of("unknown"), "add", {}, {}, {}}).code(), ErrorCode::kNotFound);
}

TEST_F(WorkerPoolTest, RefusesAnArgumentThatCannotBeSent) {
  open(options());
  EXPECT_EQ(Started(*pool_, standard("echo", {std::nan("")})).code(), ErrorCode::kInvalidArgument);
}

TEST_F(WorkerPoolTest, CancelsARunningTask) {
  open(options());
  Started task(*pool_, command("slow"));
  ASSERT_NE(task.pid(), 0);
  pool_->cancel(task.id());
  EXPECT_EQ(task.code(), ErrorCode::kCancelled);
}

TEST_F(WorkerPoolTest, CancelsTasksThatWait) {
  auto settings = options("1");
  settings.workers = 1;
  open(settings);
  Started first(*pool_, command("slow"));
  ASSERT_NE(first.pid(), 0);
  std::deque<Started> waiting;
  for (int i = 0; i < 50; ++i) waiting.emplace_back(*pool_, command("slow"));
  for (auto& task : waiting) pool_->cancel(task.id());
  for (auto& task : waiting) EXPECT_EQ(task.code(), ErrorCode::kCancelled);
  pool_->cancel(first.id());
  EXPECT_EQ(first.code(), ErrorCode::kCancelled);
}

TEST_F(WorkerPoolTest, ATaskAloneInAWorkerThatIsKilledFailsByName) {
  open(options());
  Started task(*pool_, command("hang"));
  ASSERT_GT(task.pid(), 0);
  kill(task.pid(), SIGKILL);
  EXPECT_EQ(task.code(), ErrorCode::kGuestTrap);
  EXPECT_THAT(task.message(),
              HasSubstr("the worker process running fn command was lost (signal 9)"));
}

TEST_F(WorkerPoolTest, NewWorkersTakeThePlaceOfLostOnes) {
  open(options());
  for (int i = 0; i < 6; ++i)
    EXPECT_EQ(Started(*pool_, command(i % 2 == 0 ? "abort" : "segv")).code(),
              ErrorCode::kGuestTrap);
  EXPECT_EQ(Started(*pool_, standard("add-integers", {1, 2})).value(), ipld::Value(3));
}

TEST_F(WorkerPoolTest, SaysHowAWorkerEnded) {
  open(options());
  EXPECT_THAT(Started(*pool_, command("abort")).message(), HasSubstr("signal 6"));
  EXPECT_THAT(Started(*pool_, command("exit")).message(), HasSubstr("exit code 3"));
}

TEST_F(WorkerPoolTest, TasksBesideTheOneThatCrashesAreRunAllTheSame) {
  auto settings = options("1");
  settings.workers = 1;
  settings.long_after = 1h;
  open(settings);
  Started crash(*pool_, command("hang"));
  ASSERT_GT(crash.pid(), 0);
  std::deque<Started> good;
  for (int i = 0; i < 10; ++i) good.emplace_back(*pool_, standard("add-integers", {i, 1}));
  kill(crash.pid(0), SIGKILL);
  // It had company, so it is tried once more, by itself.
  ASSERT_GT(crash.pid(1), 0);
  EXPECT_NE(crash.pid(0), crash.pid(1));
  kill(crash.pid(1), SIGKILL);
  EXPECT_EQ(crash.code(), ErrorCode::kGuestTrap);
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(good[static_cast<std::size_t>(i)].value(), ipld::Value(i + 1));
}

TEST_F(WorkerPoolTest, ANeighbourOfACrashSurvivesByASecondTry) {
  auto settings = options("8");
  settings.workers = 1;
  settings.threads = 2;
  open(settings);
  Started neighbour(*pool_, command("slow"));
  ASSERT_GT(neighbour.pid(0), 0);
  Started crash(*pool_, command("abort"));
  EXPECT_EQ(crash.code(), ErrorCode::kGuestTrap) << crash.message();
  ASSERT_GT(neighbour.pid(1), 0);
  pool_->cancel(neighbour.id());
  EXPECT_EQ(neighbour.code(), ErrorCode::kCancelled) << neighbour.message();
}

TEST_F(WorkerPoolTest, AStoppedWorkerIsReplaced) {
  auto settings = options();
  settings.stuck_after = 100ms;
  open(settings);
  Started task(*pool_, command("slow"));
  ASSERT_GT(task.pid(), 0);
  kill(task.pid(), SIGSTOP);
  EXPECT_EQ(task.code(), ErrorCode::kGuestTrap);
  EXPECT_THAT(task.message(), HasSubstr("did not answer"));
  EXPECT_EQ(Started(*pool_, standard("add-integers", {1, 2})).value(), ipld::Value(3));
}

TEST_F(WorkerPoolTest, ATaskDeafToItsTimeLimitIsEndedWithItsWorker) {
  auto settings = options();
  settings.grace = 10ms;
  open(settings);
  auto spec = command("hang");
  spec.limits.time = 10ms;
  Started task(*pool_, std::move(spec));
  EXPECT_EQ(task.code(), ErrorCode::kTimeout);
  EXPECT_THAT(task.message(), HasSubstr("fn command"));
}

TEST_F(WorkerPoolTest, ATaskDeafToCancellationIsEndedWithItsWorker) {
  auto settings = options();
  settings.grace = 10ms;
  open(settings);
  Started task(*pool_, command("hang"));
  ASSERT_GT(task.pid(), 0);
  pool_->cancel(task.id());
  EXPECT_EQ(task.code(), ErrorCode::kCancelled);
}

TEST_F(WorkerPoolTest, TwentyEndlessGuestsDoNotStopGoodWork) {
  open(options("32"));
  std::deque<Started> endless;
  for (int i = 0; i < 20; ++i) endless.emplace_back(*pool_, command("slow"));
  for (auto& task : endless) ASSERT_NE(task.pid(), 0);
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(Started(*pool_, standard("add-integers", {i, 1})).value(), ipld::Value(i + 1));
  for (auto& task : endless) pool_->cancel(task.id());
  for (auto& task : endless) EXPECT_EQ(task.code(), ErrorCode::kCancelled);
}

TEST_F(WorkerPoolTest, StopEndsEverythingUnderWay) {
  open(options());
  std::deque<Started> tasks;
  for (int i = 0; i < 30; ++i) tasks.emplace_back(*pool_, command("hang"));
  ASSERT_GT(tasks.front().pid(), 0);
  pool_->stop();
  for (auto& task : tasks) EXPECT_EQ(task.code(), ErrorCode::kCancelled);
  EXPECT_EQ(Started(*pool_, standard("add", {1.0, 2.0})).code(), ErrorCode::kUnavailable);
}

TEST_F(WorkerPoolTest, StopLeavesNoProcessBehind) {
  open(options());
  Started task(*pool_, command("hang"));
  ASSERT_GT(task.pid(), 0);
  pool_->stop();
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST_F(WorkerPoolTest, LeaksNoDescriptor) {
  const auto count = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  };
  const auto before = count();
  open(options());
  EXPECT_EQ(Started(*pool_, command("abort")).code(), ErrorCode::kGuestTrap);
  Started big(*pool_, standard("echo-bytes", {core::Bytes(1 << 20)}));
  EXPECT_TRUE(big.wait().value);
  pool_.reset();
  EXPECT_EQ(count(), before);
}

TEST_F(WorkerPoolTest, AGuestThatFloodsTheLogLosesItsWorkerAtTheLimit) {
  open(options());
  auto spec = command("flood");
  spec.limits.log_lines = 100;
  Started task(*pool_, std::move(spec));
  EXPECT_EQ(task.code(), ErrorCode::kGuestTrap);
  EXPECT_LE(task.line_count(), 200);
}

TEST_F(WorkerPoolTest, RefusesAComponentThatIsNone) {
  open(options());
  const auto refused = pool_->prepare(cid_of("no component"), core::as_bytes("no component"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kMalformed);
}

TEST_F(WorkerPoolTest, ACompilerThatCrashesTakesNothingAlong) {
  open(options());
  const auto refused = pool_->prepare(cid_of(kKillsTheCompiler), core::as_bytes(kKillsTheCompiler));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kResourceExhausted);
  EXPECT_THAT(refused.error().message, HasSubstr("signal 6"));
  EXPECT_EQ(Started(*pool_, standard("add-integers", {1, 2})).value(), ipld::Value(3));
}

TEST_F(WorkerPoolTest, CompilingHasATimeLimit) {
  open(options());
  auto settings = options();
  settings.compile_time = 300ms;
  auto impatient = make_worker_pool(settings);
  ASSERT_TRUE(impatient);
  const auto refused =
      (*impatient)->prepare(cid_of(kCompilesForever), core::as_bytes(kCompilesForever));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kTimeout);
}

TEST_F(WorkerPoolTest, StopEndsACompilation) {
  open(options());
  auto compiling = std::async(std::launch::async, [&] {
    return pool_->prepare(cid_of(kCompilesForever), core::as_bytes(kCompilesForever));
  });
  pool_->stop();
  const auto refused = compiling.get();
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().code == ErrorCode::kCancelled ||
              refused.error().code == ErrorCode::kUnavailable);
}

TEST_F(WorkerPoolTest, ABinaryThatIsNotThereIsAnError) {
  WorkerPoolOptions settings;
  settings.command = {"/nonexistent/worker"};
  const auto made = make_worker_pool(settings);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("/nonexistent/worker"));
}

class BadWorkerTest : public ::testing::TestWithParam<std::string> {};

TEST_P(BadWorkerTest, MakesPreparationFailAndTheNodeLiveOn) {
  WorkerPoolOptions settings;
  settings.command = {EVERY_TEST_WORKER, "1", GetParam()};
  settings.workers = 2;
  settings.compile_time = 500ms;
  auto pool = make_worker_pool(settings);
  ASSERT_TRUE(pool);
  const auto refused =
      (*pool)->prepare(FakeExecutor::standard_component(), FakeExecutor::standard_bytes());
  EXPECT_FALSE(refused);
  (*pool)->stop();
}

INSTANTIATE_TEST_SUITE_P(Kinds, BadWorkerTest, ::testing::Values("exits", "silent", "garbage"),
                         [](const auto& name) { return name.param; });

}  // namespace
}  // namespace every::wasm::testing
