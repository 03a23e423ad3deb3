#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "active_run.h"
#include "known.h"
#include "run_id.h"
#include "run_log.h"
#include "run_metrics.h"
#include "trust.h"

#include "every/blocks/blocks.h"
#include "every/core/guarded.h"
#include "every/core/thread_pool.h"
#include "every/runtime/node.h"

namespace every::runtime {

/// Runs workflows: plans, starts what is ready, shares executions, records, tells.
///
/// One lock guards everything that changes; under it nothing blocks. Whatever may block (the store's reads, content, compiling, callbacks
/// of others) happens on the pools, or after the lock is let go, through Held::after.
class Scheduler : public std::enable_shared_from_this<Scheduler> {
 public:
  /// The parts outlive the scheduler.
  Scheduler(const NodeOptions& options, wasm::Executor& executor, store::Store& store,
            blocks::BlockStore& blocks, blocks::WebFiles* web_files, const core::Logger& logger,
            const core::Clock& clock, core::Metrics& metrics, core::CrashPlan* crash);
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  /// Called after each batch that was committed, on the store's thread; must not block. Before the first run.
  void on_commit(std::function<void()> told) { on_commit_ = std::move(told); }

  /// Sees every event of every run. Before the first run.
  void observe(RunObserver everything) { everything_ = std::move(everything); }

  /// Takes a new run. errors: those of Node::submit
  [[nodiscard]] core::Result<std::shared_ptr<ActiveRun>> submit(RunRequest request,
                                                                RunObserver observer);
  /// Takes up an unfinished run under its own id, with what is recorded of it; one whose record says `paused` stays so.
  [[nodiscard]] core::Result<std::shared_ptr<ActiveRun>> resume(RunRequest request,
                                                                const store::RunRecord& record);

  // Steering (scheduler_steer.cc). They wait for the disk; errors of all: kConflict the run is over; kIo, kResourceExhausted it could not be
  // noted and is as it was.
  enum class Changed : std::uint8_t { kYes, kNo };
  /// Nothing more of the run starts; what is under way ends. out: kNo it was paused already
  [[nodiscard]] core::Result<Changed> pause(const std::shared_ptr<ActiveRun>& run);
  /// A paused run goes on. out: kNo it was under way already
  [[nodiscard]] core::Result<Changed> go_on(const std::shared_ptr<ActiveRun>& run);
  /// Lets one ready task of a paused run start. in: task   its name; none: the first in the workflow's order
  /// out: its index. errors: kConflict the run is not paused, or nothing (or not that task) is ready; kNotFound no such task
  [[nodiscard]] core::Result<std::uint32_t> step(const std::shared_ptr<ActiveRun>& run,
                                                 const std::optional<std::string>& task);
  /// Tasks of a paused run that are ready, in the workflow's order.
  [[nodiscard]] std::vector<std::uint32_t> ready_tasks(const ActiveRun& run);
  void cancel(const std::shared_ptr<ActiveRun>& run, core::Error why);
  [[nodiscard]] std::shared_ptr<ActiveRun> find(const std::string& id);
  [[nodiscard]] RunAnswer snapshot(const ActiveRun& run);
  /// As RunHandle::watch.
  [[nodiscard]] std::shared_ptr<void> watch(const std::shared_ptr<ActiveRun>& run,
                                            RunObserver observer);
  /// Whether a run has ended whose last records are on their way.
  [[nodiscard]] bool has_unwritten() const;
  [[nodiscard]] std::size_t active() const;
  /// Runs that are under way, or over and not yet on the disk.
  [[nodiscard]] std::vector<std::shared_ptr<const ActiveRun>> under_way() const;
  struct Load {
    std::size_t runs = 0;     ///< under way, paused ones left out
    std::size_t queued = 0;   ///< executions that wait for a worker
    std::size_t started = 0;  ///< executions a worker has
  };
  [[nodiscard]] Load load() const;
  /// Which receipts are believed here.
  [[nodiscard]] const Trust& trust() const { return trust_; }
  /// A result of an instruction is to be looked up anew.
  void forget(const ipld::Cid& instruction) { memo_.erase(instruction); }
  /// Results may be dropped from the store from now on, until end_dropping: runs that use known ones write them anew with their own records. Blocks until what was
  /// on its way to the store before is there. out: no run that is under way has a smaller id; empty: none is. errors: kUnavailable the node is stopping, or
  /// the store does not write; end_dropping is called in any case
  [[nodiscard]] core::Result<std::string> begin_dropping();
  void end_dropping();
  /// The components whose tasks fail and whose results are no hits: all of them, from now on. in: component_of   of what a receipt answers; outlives this
  using ComponentOf = std::function<std::optional<ipld::Cid>(const store::ReceiptRecord&)>;
  void set_quarantine(std::vector<store::QuarantineRecord> records, ComponentOf component_of);
  /// Compiles a component of the block store unless it is. Blocks. errors: kNotFound it is not here; those of Executor::prepare
  [[nodiscard]] core::Status ensure_component(const invocation::Instruction& instruction);
  /// The function an instruction calls, its component compiled if need be. Blocks. errors: those of ensure_component and ComponentInfo::find
  [[nodiscard]] core::Result<std::shared_ptr<const wit::Function>> function_of(
      const invocation::Instruction& instruction);
  /// Type of what an instruction gives, its component compiled for that if need be; null when it cannot be told. Blocks.
  [[nodiscard]] wit::TypePtr result_type_of(const invocation::Instruction& instruction);
  /// Waits for what is under way until the deadline, then lets go of it unfinished: it resumes at the next start.
  void stop(core::Deadline deadline);

 private:
  /// The lock, and what to do once it is let go.
  class Held {
   public:
    explicit Held(Scheduler& scheduler) : lock_(scheduler.mutex_) {}
    ~Held();
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;
    void after(std::move_only_function<void()> action) { actions_.push_back(std::move(action)); }

   private:
    std::unique_lock<std::mutex> lock_;
    std::vector<std::move_only_function<void()>> actions_;
  };

  using RunPtr = std::shared_ptr<ActiveRun>;
  using FlightPtr = std::shared_ptr<Flight>;

  void reach(core::CrashPoint point) {
    if (crash_ != nullptr) crash_->reach(point);
  }
  void interrupt(const std::vector<RunPtr>& left);
  [[nodiscard]] core::Result<RunPtr> admit(RunRequest request, RunObserver observer);
  void schedule(const RunPtr& run);
  /// Outcomes that are recorded of a run that is taken up: told and recorded once is enough.
  void restore(ActiveRun& run);
  [[nodiscard]] std::optional<NodeOutcome> recorded_outcome(const store::TaskRecord& row);
  // On the service pool.
  void plan(const RunPtr& run);
  [[nodiscard]] bool plan_from_memory(
      const RunPtr& run);  // on the caller's thread; false: it needs plan()
  [[nodiscard]] bool has_begun(const ipld::Cid& workflow);
  /// in: misses   by node, or none at all: nothing is known of those that are not known
  void begin(const RunPtr& run, run_log::Seen seen, std::vector<std::shared_ptr<Known>> known,
             const std::vector<invocation::Miss>& misses);
  void settle_outside_awaits(const RunPtr& run);
  void prepare_all(const RunPtr& run, const std::vector<std::uint32_t>& nodes);
  void prepare(const RunPtr& run, std::uint32_t node);
  /// The component's file, from the block store or from the web, where it is kept then.
  [[nodiscard]] core::Result<core::Bytes> find_component(
      const ipld::Cid& component, const invocation::Instruction& instruction);
  [[nodiscard]] core::Status check_quarantine(const std::optional<ipld::Cid>& component);
  [[nodiscard]] core::Status check_quarantine(const invocation::Instruction& instruction);
  [[nodiscard]] core::Status check_quarantine(const store::ReceiptRecord& record);
  /// What may be used; else null, and why not in `miss`, which is left alone otherwise. in: drops   as it was before the record was read
  [[nodiscard]] std::shared_ptr<Known> to_known(store::ReceiptRecord record, invocation::Miss& miss,
                                                std::uint64_t drops);
  /// errors: kInternal it is not prepared; those of ComponentInfo::find
  [[nodiscard]] core::Result<std::shared_ptr<const wit::Function>> find_function(
      const ipld::Cid& component, const std::string& func);
  [[nodiscard]] wit::TypePtr result_type_of(const ActiveRun& run, std::uint32_t node);
  [[nodiscard]] core::Result<wasm::TaskSpec> make_spec(const RunPtr& run, std::uint32_t node);
  [[nodiscard]] core::Result<ipld::List> arguments(const RunPtr& run, std::uint32_t node,
                                                   const wit::Function& function,
                                                   const wasm::Limits& limits);
  [[nodiscard]] std::shared_ptr<Known> look_up(const ipld::Cid& instruction,
                                               invocation::Miss& miss);
  [[nodiscard]] std::shared_ptr<Known> look_up(const ipld::Cid& instruction) {
    invocation::Miss miss{};
    return look_up(instruction, miss);
  }
  [[nodiscard]] std::shared_ptr<Known> look_up_stored(const ipld::Cid& instruction,
                                                      invocation::Miss& miss);
  /// Why a receipt is no hit; none: it is.
  [[nodiscard]] std::optional<invocation::Miss> unusable(const store::ReceiptRecord& record,
                                                         const invocation::Receipt& receipt);
  void complete(const FlightPtr& flight, wasm::TaskOutcome outcome);
  [[nodiscard]] core::Result<std::shared_ptr<Known>> make_known(const Flight& flight,
                                                                const core::Bytes& value) const;
  void check_against_known(const std::shared_ptr<Known>& fresh);
  // Under the lock.
  void advance(Held& held, const RunPtr& run);
  void prepare_soon(Held& held, const RunPtr& run, std::vector<std::uint32_t> nodes);
  [[nodiscard]] bool is_quick(const ActiveRun& run, std::uint32_t node) const;
  void settle(Held& held, const RunPtr& run, std::uint32_t node, NodeOutcome outcome);
  void launch(Held& held, const RunPtr& run, std::uint32_t node, wasm::TaskSpec spec,
              const ipld::Cid& ran, std::uint64_t bytes_in);
  void enqueue(const FlightPtr& flight, const std::string& queue);
  void pump(Held& held);
  [[nodiscard]] FlightPtr next_queued();
  void leave(Held& held, const FlightPtr& flight, const ActiveRun& run);
  void finish_if_done(Held& held, const RunPtr& run);
  void flush(Held& held, const RunPtr& run);
  void hold_back(Held& held, ActiveRun& run);
  void let_go(Held& held, const RunPtr& run);
  [[nodiscard]] core::Result<Changed> mark(const RunPtr& run, RunState state);
  [[nodiscard]] bool is_resting(const ActiveRun& run) const;
  void release_slot(const Flight& flight);
  /// What an execution came to, beside its result.
  struct Cost {
    wasm::TaskStats stats = {};
    core::WallNanos ended = 0;
    std::uint64_t bytes_out = 0;
  };
  void fail_waiters(Held& held, const FlightPtr& flight, const core::Error& error,
                    const Cost& cost);
  static void note_execution(const RunPtr& run, std::uint32_t node, const Flight& flight,
                             const Cost& cost);
  void note_line(Held& held, const FlightPtr& flight, GuestLine line);
  // Any thread, without the lock.
  void start(const FlightPtr& flight);
  void committed(const RunPtr& run, std::vector<std::uint32_t> nodes,
                 const std::vector<std::shared_ptr<Known>>& known, const core::Status& status);
  void emit(const RunPtr& run);
  /// An event on its way out, with what it says and who is told, read under the lock.
  struct Telling {
    ActiveRun::Event event;
    std::vector<TaskAnswer> answers;
    std::vector<std::shared_ptr<Watcher>> watchers;
  };
  [[nodiscard]] std::vector<Telling> take_tellings(const RunPtr& run);  // under the lock
  void tell(const RunPtr& run, const Telling& telling);
  void tell_task(const RunPtr& run, const Telling& telling);
  void tell_line(const RunPtr& run, const Telling& telling);
  void tell_standing(const RunPtr& run, const Telling& telling);
  void tell_end(const RunPtr& run);
  void publish(const RunPtr& run, const std::shared_ptr<const RunAnswer>& answer);
  void join(const RunPtr& run, const std::shared_ptr<Watcher>& watcher);
  void tick();
  [[nodiscard]] wasm::Limits limits_of(const invocation::Task& task) const;
  [[nodiscard]] NodeOutcome failure(const ActiveRun& run, std::uint32_t node,
                                    core::Error error) const;

  const NodeOptions options_;
  wasm::Executor& executor_;
  store::Store& store_;
  blocks::BlockStore& blocks_;
  blocks::WebFiles* web_files_;  // may be null
  const core::Logger& logger_;
  const core::Clock& clock_;
  const RunMetrics metrics_;
  std::function<void()> on_commit_;
  RunObserver everything_;        // may be null
  core::CrashPlan* const crash_;  // may be null
  const Trust trust_;
  RunIds run_ids_;
  std::atomic<bool> any_quarantined_ = false;
  std::atomic<std::uint64_t> drops_ = 0;  // changes under the lock; odd: results are being dropped
  struct Quarantine {
    std::vector<store::QuarantineRecord> records;
    ComponentOf component_of;
  };
  core::Guarded<Quarantine> quarantine_;
  MemoCache memo_;
  core::ThreadPool service_;
  core::ThreadPool compiler_;

  mutable std::mutex mutex_;
  std::condition_variable idle_;       // a run ended, or a paused one has nothing under way
  std::condition_variable begun_one_;  // a run was planned
  std::unordered_map<std::string, RunPtr> runs_;
  std::unordered_map<std::string, RunPtr>
      unwritten_;  // ended, the last of their records on the way
  std::size_t active_tasks_ = 0;
  std::unordered_set<ipld::Cid>
      begun_;  // workflows that ran in this process, the last few thousand
  std::unordered_map<ipld::Cid, FlightPtr> flights_;     // shared ones, by instruction
  std::map<std::string, std::deque<FlightPtr>> queues_;  // ready to start, by run
  std::deque<std::string> turn_;  // runs with something queued, whose turn it is first
  std::vector<FlightPtr> started_;
  std::size_t short_started_ = 0;
  std::size_t long_started_ = 0;
  bool stopping_ = false;
  bool stopped_ = false;
  std::condition_variable tick_wake_;
  bool ticker_sleeps_ = false;  ///< until a run comes
  std::thread ticker_;
};

}  // namespace every::runtime
