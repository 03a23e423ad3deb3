#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "worker/frame.h"
#include "worker/messages.h"
#include "worker/process.h"

#include "every/core/cancel.h"
#include "every/wasm/worker_pool.h"

namespace every::wasm::worker {

using SteadyClock = std::chrono::steady_clock;

/// A task from start() to its on_done.
struct PoolTask {
  Executor::TaskId id = 0;
  ipld::Cid component;
  std::string function;
  Limits limits;
  Payload payload;  ///< of its kStart frame, kept for another try
  Executor::OnLog on_log;
  Executor::OnDone on_done;
  SteadyClock::time_point begun;                    ///< when it was first in line in its worker
  std::optional<SteadyClock::time_point> must_end;  ///< then its worker is killed
  std::uint64_t log_lines = 0;
  int retries = 0;
  int moves = 0;  ///< away from lost workers, blamed on others
  bool cancelled = false;
  bool done = false;
};
using TaskPtr = std::shared_ptr<PoolTask>;

/// One place for a worker process, and the process in it.
struct WorkerSlot {
  enum class State { kEmpty, kStarting, kReady, kDying };
  State state = State::kEmpty;
  std::size_t index = 0;
  Process process;
  std::optional<Channel> channel;
  std::deque<Frame> outbox;
  bool socket_full = false;
  bool readable = false;       ///< something came, or the other end closed; the loop's
  std::deque<TaskPtr> shorts;  ///< sent, in order; the first `threads` of them run
  std::vector<TaskPtr> longs;  ///< running for longer than `long_after`
  std::set<ipld::Cid> loaded;
  std::string death;  ///< why we killed it; empty: it ended by itself
  TaskPtr culprit;    ///< the task it was killed for
  core::Error culprit_error;
  SteadyClock::time_point since;  ///< starting: when it was started
  SteadyClock::time_point next_ping;
  int unanswered = 0;                  ///< pings
  SteadyClock::time_point not_before;  ///< empty: the next try
  int failures = 0;                    ///< processes lost in a row without a task done
  bool did_work = false;
};

/// The node's side: queue, workers and one thread that listens to them, watches them and calls back.
///
/// Everything mutable is guarded by `mutex_`, except that only the loop's thread receives from channels and makes or closes them.
/// Callbacks run on the loop's thread without the lock.
class WorkerPool final : public Executor {
 public:
  explicit WorkerPool(WorkerPoolOptions options);
  ~WorkerPool() override;
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Starts the first processes. errors: they cannot be started at all
  [[nodiscard]] core::Status open();

  [[nodiscard]] core::Result<std::shared_ptr<const ComponentInfo>> prepare(
      const ipld::Cid& cid, core::BytesView bytes) override;
  [[nodiscard]] core::Result<std::shared_ptr<const ComponentInfo>> prepare_known(
      const ipld::Cid& cid) override;
  [[nodiscard]] std::shared_ptr<const ComponentInfo> find_prepared(
      const ipld::Cid& cid) const override;
  TaskId start(TaskSpec spec, OnLog on_log, OnDone on_done) override;
  void cancel(TaskId id) override;
  void stop() override;
  [[nodiscard]] std::size_t concurrency() const override;
  [[nodiscard]] std::size_t appetite() const override;

 private:
  using InfoResult = core::Result<std::shared_ptr<const ComponentInfo>>;
  using Callback = std::move_only_function<void()>;
  /// What came from a worker, decoded before the lock is taken.
  struct Event {
    FrameType type = FrameType::kPong;
    std::uint64_t id = 0;
    std::optional<TaskOutcome> outcome;
    std::optional<LogLine> line;
    std::optional<InfoResult> loaded;
  };
  struct Prepared {
    std::shared_ptr<const ComponentInfo> info;
    Payload load;  ///< of a kLoad frame: with the bytes when there is no cache
  };
  struct Preparation {
    std::condition_variable ended;
    std::optional<InfoResult> result;
  };

  // pool_prepare.cc
  [[nodiscard]] InfoResult prepare_now(const ipld::Cid& cid, core::BytesView bytes);
  /// Loads it from the cache, from which workers are told to load it from now on.
  [[nodiscard]] InfoResult prepare_from_cache(const ipld::Cid& cid);
  [[nodiscard]] InfoResult load_from_cache(const ipld::Cid& cid);
  [[nodiscard]] InfoResult compile(const ipld::Cid& cid, const Payload& load);

  // pool_loop.cc: the loop's thread
  void loop(std::promise<core::Status>& opened);
  [[nodiscard]] int wait_milliseconds();
  void wait_for_events();
  void receive(WorkerSlot& slot);
  void handle(WorkerSlot& slot, Event& event);
  void handle_log(WorkerSlot& slot, Event& event);
  void handle_done(WorkerSlot& slot, Event& event);
  void run_callbacks(std::unique_lock<std::mutex>& lock);
  void shut_down(std::unique_lock<std::mutex>& lock);
  void wake();

  // pool_dispatch.cc, with the lock held
  void dispatch();
  [[nodiscard]] WorkerSlot* choose(const PoolTask& task);
  void send_task(WorkerSlot& slot, const TaskPtr& task);
  void begin_first(WorkerSlot& slot, SteadyClock::time_point now);
  void flush(WorkerSlot& slot);
  void finish(const TaskPtr& task, TaskOutcome outcome);
  void remove_from(WorkerSlot& slot, const TaskPtr& task);
  void note_duration(SteadyClock::duration took);
  [[nodiscard]] std::size_t ahead() const;
  [[nodiscard]] TaskPtr find_in(const WorkerSlot& slot, TaskId id) const;

  // pool_supervise.cc: the loop's thread, with the lock held
  void tick(SteadyClock::time_point now);
  void tick_worker(WorkerSlot& slot, SteadyClock::time_point now);
  void start_worker(WorkerSlot& slot, SteadyClock::time_point now);
  void kill_worker(WorkerSlot& slot, std::string why);
  void kill_for(WorkerSlot& slot, const TaskPtr& culprit, core::Error error);
  void reap(WorkerSlot& slot, SteadyClock::time_point now);
  void settle_tasks(WorkerSlot& slot, const std::string& end);
  void retry_or_fail(const TaskPtr& task, const std::string& end, std::size_t company);
  void move_or_fail(const TaskPtr& task, const std::string& end);
  void fail_all_queued();
  [[nodiscard]] bool hopeless() const;

  const WorkerPoolOptions options_;
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<WorkerSlot>> slots_;
  std::deque<TaskPtr> queue_;
  std::unordered_map<TaskId, TaskPtr> tasks_;
  std::vector<Callback> callbacks_;
  std::map<ipld::Cid, Prepared> prepared_;
  std::map<ipld::Cid, std::shared_ptr<Preparation>> preparing_;
  std::map<std::uint64_t, std::pair<WorkerSlot*, std::promise<InfoResult>>> loads_;
  std::condition_variable compiler_free_;
  std::size_t compiling_ = 0;
  std::map<ipld::Cid, std::pair<core::Error, SteadyClock::time_point>>
      beyond_limits_;  ///< what no compiler got through, and until when it is not tried
  std::condition_variable preparations_changed_;
  std::size_t preparations_running_ = 0;
  core::CancelSource stop_preparations_;
  TaskId next_id_ = 1;
  std::string start_failure_;
  int start_failures_ = 0;  ///< in a row, of all workers
  bool ticking_ = false;
  bool stopping_ = false;
  core::UniqueFd wake_fd_;
  std::thread thread_;
  std::atomic<std::thread::id> loop_id_;
  std::atomic<SteadyClock::duration> typical_{
      std::chrono::seconds(1)};  ///< of a task; a moving mean
  SteadyClock::time_point last_busy_;
  std::mutex stop_mutex_;
};

}  // namespace every::wasm::worker
