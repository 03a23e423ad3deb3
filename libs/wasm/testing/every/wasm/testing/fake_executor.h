#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "every/core/cancel.h"
#include "every/wasm/executor.h"

namespace every::wasm::testing {

/// What a scripted function knows of the execution it serves.
struct FakeCall {
  const TaskSpec& spec;
  core::CancelToken cancelled;
  std::function<void(LogLine)> log;

  [[nodiscard]] const ipld::List& args() const { return spec.args; }
};

using FakeBody = std::function<core::Result<ipld::Value>(const FakeCall&)>;
using SimpleBody = std::function<core::Result<ipld::Value>(const ipld::List&)>;

/// A function and what it does.
struct FakeFunction {
  wit::Function type;
  FakeBody body;
};

/// Who runs the tasks.
enum class FakeMode : std::uint8_t {
  kThreaded,  ///< threads of the executor
  kManual,    ///< the test, by run_one() and run_all(); nothing happens by itself
  kInline,    ///< whoever calls start(), before start() returns
};

/// What every execution of the fake is said to have used; fuel where its limits name some.
inline constexpr std::uint64_t kFakePeakMemory = 65'536;
inline constexpr std::uint64_t kFakeFuel = 10;

/// An Executor without guests: components are bytes the test made up, functions are C++.
///
/// Deterministic in kManual; in the other modes `hold()` keeps started tasks at a gate until released, so that a test decides
/// what is under way together. Cancellation, time limits (of bodies that wait by `wait_for_cancel`) and result limits are honoured as
/// the Executor contract says. thread: any, but for run_one()/run_all(): one thread.
class FakeExecutor final : public Executor {
 public:
  explicit FakeExecutor(FakeMode mode = FakeMode::kThreaded, std::size_t threads = 2);
  ~FakeExecutor() override;
  FakeExecutor(const FakeExecutor&) = delete;
  FakeExecutor& operator=(const FakeExecutor&) = delete;

  /// Bytes that stand for a component with these functions; its CID (raw, sha2-256) is what a real component's would be.
  ipld::Cid add_component(core::BytesView bytes, std::vector<FakeFunction> functions);
  /// The bytes of a component with `standard_functions()`, known from the start.
  [[nodiscard]] static core::BytesView standard_bytes();
  /// Its CID.
  [[nodiscard]] static ipld::Cid standard_component();

  // Executor
  [[nodiscard]] core::Result<std::shared_ptr<const ComponentInfo>> prepare(
      const ipld::Cid& cid, core::BytesView bytes) override;
  /// What was prepared once.
  [[nodiscard]] core::Result<std::shared_ptr<const ComponentInfo>> prepare_known(
      const ipld::Cid& cid) override;
  [[nodiscard]] std::shared_ptr<const ComponentInfo> find_prepared(
      const ipld::Cid& cid) const override;
  TaskId start(TaskSpec spec, OnLog on_log, OnDone on_done) override;
  void cancel(TaskId id) override;
  void stop() override;
  [[nodiscard]] std::size_t concurrency() const override { return threads_count_; }

  /// From now on started tasks wait at the gate.
  void hold();
  /// Opens the gate for the `count` tasks held longest; later ones are held as before.
  void release(std::size_t count);
  /// Opens the gate for all, and leaves it open.
  void release_all();
  /// Waits until `count` tasks are at the gate. false: not within ten seconds.
  [[nodiscard]] bool wait_for_held(std::size_t count);
  /// Functions of the tasks at the gate, longest held first.
  [[nodiscard]] std::vector<std::string> held() const;

  /// kManual: runs the oldest task that is ready (or delivers the oldest cancellation); false: there is none.
  bool run_one();
  /// kManual: runs until nothing is ready, tasks started meanwhile too; says how many.
  std::size_t run_all();

  struct Counts {
    std::size_t prepared = 0;      ///< calls of prepare that succeeded
    std::size_t started = 0;       ///< calls of start
    std::size_t executed = 0;      ///< bodies that were run
    std::size_t cancelled = 0;     ///< tasks that ended with kCancelled
    std::size_t most_running = 0;  ///< bodies running at once, at most
  };
  [[nodiscard]] Counts counts() const;
  /// How often the body of a function (its WIT name) was run.
  [[nodiscard]] std::size_t executions(const std::string& function) const;
  /// The specs of everything started, in order.
  [[nodiscard]] std::vector<TaskSpec> started() const;

 private:
  struct Task;
  struct Component {
    std::shared_ptr<const ComponentInfo> info;
    std::vector<FakeBody> bodies;
    bool prepared = false;
  };

  void work();
  void deliver_cancelled();
  void run(const std::shared_ptr<Task>& task);
  [[nodiscard]] core::Result<core::Bytes> execute(const std::shared_ptr<Task>& task);
  void finish(const std::shared_ptr<Task>& task, TaskOutcome outcome);

  const FakeMode mode_;
  const std::size_t threads_count_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<ipld::Cid, Component> components_;
  std::map<TaskId, std::shared_ptr<Task>> tasks_;
  std::deque<std::shared_ptr<Task>> ready_;
  std::deque<std::shared_ptr<Task>> held_;
  std::deque<std::shared_ptr<Task>> cancelled_;
  std::vector<TaskSpec> started_;
  std::map<std::string, std::size_t> executions_;
  Counts counts_;
  TaskId next_id_ = 1;
  std::size_t running_ = 0;
  bool holding_ = false;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

/// A function whose body sees only the arguments.
[[nodiscard]] FakeFunction make_function(std::string name, std::vector<wit::Param> params,
                                         wit::TypePtr result, SimpleBody body);
/// A function whose body sees the whole call.
[[nodiscard]] FakeFunction make_function_with_call(std::string name, std::vector<wit::Param> params,
                                                   wit::TypePtr result, FakeBody body);

/// Waits until the task is cancelled (kCancelled) or its time limit passes (kTimeout); always an error.
[[nodiscard]] core::Error wait_for_cancel(const FakeCall& call);

/// What the standard component exports:
///
/// add, subtract, multiply, divide   (a: f64, b: f64) -> f64; divide logs `Division by zero error` and traps when b is 0
/// add-integers                      (a: s64, b: s64) -> s64
/// echo                              (value: string) -> string
/// echo-bytes                        (value: list<u8>) -> list<u8>
/// join                              (values: list<string>) -> string, all put together
/// fail                              (message: string) -> result<string, string>, always the err
/// check                             (value: f64) -> result<f64, string>, err when negative
/// trap                              (), ends with kGuestTrap
/// slow                              () -> string, runs until cancelled or out of time
/// log                               (message: string, count: u32) -> u32, writes `count` lines
/// nothing                           (), no result
[[nodiscard]] std::vector<FakeFunction> standard_functions();

}  // namespace every::wasm::testing
