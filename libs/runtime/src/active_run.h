#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "known.h"
#include "progress.h"

#include "every/core/clock.h"
#include "every/runtime/run.h"
#include "every/runtime/workflow_plan.h"
#include "every/store/store.h"
#include "every/wasm/executor.h"
#include "every/workflow/graph.h"

namespace every::runtime {

struct ActiveRun;

/// Somebody who looks on at a run. The observer is called by whoever tells the run's events, one call at a time.
struct Watcher {
  explicit Watcher(RunObserver the_observer) : observer(std::move(the_observer)) {}
  const RunObserver observer;
  std::unordered_map<std::uint32_t, std::size_t>
      lines;  ///< by task, how many it was told; touched by whoever tells
};

/// One execution, shared by whoever needs its result. Guarded by the scheduler's lock.
struct Flight {
  struct Waiter {
    std::shared_ptr<ActiveRun> run;
    std::uint32_t node = 0;
    wasm::Limits limits;
  };
  wasm::TaskSpec spec;  ///< moved away when it is started
  wasm::Limits limits;
  ipld::Cid instruction;
  ipld::Cid ran;   ///< invocation of the task that owns it: what its receipt says
  std::string op;  ///< function as that task submitted it
  enum class Share : std::uint8_t { kYes, kNo } share = Share::kYes;
  std::vector<Waiter> waiters;  ///< the first one owns it: its run's log, its limits
  enum class Stage : std::uint8_t { kQueued, kStarting, kStarted, kDone } stage = Stage::kQueued;
  enum class Pace : std::uint8_t {
    kShort,
    kLong
  } pace = Pace::kShort;  ///< long ones no longer count against the cores
  wasm::Executor::TaskId id = 0;
  bool cancel_wanted = false;
  core::SteadyTime started{};
  core::WallNanos started_at = 0;
  std::uint64_t bytes_in = 0;    ///< of the arguments
  std::vector<GuestLine> lines;  ///< what the guest wrote
  std::string owner_run;         ///< for the log, and where its invocation is found
  std::uint32_t owner_task = 0;  ///< index into that run's workflow
  enum class Check : std::uint8_t {
    kNo,
    kAgainstKnown
  } check = Check::kNo;  ///< whether a known result must be the same
  Flight(wasm::TaskSpec the_spec, ipld::Cid the_instruction, ipld::Cid the_ran)
      : spec(std::move(the_spec)),
        limits(spec.limits),
        instruction(std::move(the_instruction)),
        ran(std::move(the_ran)),
        op(spec.function) {}
};

/// A run under way: what it was asked with (immutable), and how far it is (guarded by the scheduler's lock).
struct ActiveRun {
  /// in: the_request   planned
  explicit ActiveRun(RunRequest the_request)
      : request(std::move(the_request)),
        graph(request.plan->graph),
        workflow_cid(request.plan->cid),
        progress(graph, request.workflow.task_names),
        planned(graph.nodes.size()),
        flights(graph.nodes.size()),
        traces(graph.nodes.size()),
        kept(graph.nodes.size()) {}

  // Immutable once the run is scheduled.
  std::string id;
  RunRequest request;
  const workflow::Graph& graph;  ///< of its plan
  ipld::Cid workflow_cid;
  RunObserver observer;
  std::string peer;  ///< id of this node; empty where it has no key
  core::WallNanos accepted = 0;
  core::SteadyTime deadline{};
  std::chrono::nanoseconds time_limit{};   ///< from being accepted to the deadline
  std::optional<store::RunRecord> record;  ///< not yet written; moves into the first batch
  std::vector<bool> anew;                  ///< by node, or empty: runs whatever is known of it
  std::vector<bool> restored;              ///< by node, or empty: its outcome was recorded before

  // Guarded by the scheduler's lock.
  Progress progress;
  std::vector<std::shared_ptr<Known>> planned;   ///< by node: what the plan found
  std::vector<std::shared_ptr<Flight>> flights;  ///< by node: under way
  std::vector<invocation::Trace> traces;         ///< by node
  std::vector<core::WallNanos> kept;             ///< by node: when its record was on disk
  std::optional<core::Error> cancelled;          ///< why, once it is
  bool finished = false;                         ///< every node settled, its end in a batch
  bool keeps_results_again = false;              ///< known results it uses may go from the store
  bool begun = false;                            ///< planned: what is ready is known
  bool paused = false;
  std::vector<std::uint32_t> held;       ///< nodes that are ready and wait for the run to go on
  std::set<std::uint32_t> stepping;      ///< … that were let go alone
  std::chrono::nanoseconds time_left{};  ///< paused: what was left of its time
  bool told_failing = false;
  RunState state = RunState::kRunning;
  std::optional<core::Error> error;
  std::optional<std::uint32_t> answer_task;
  core::WallNanos finished_at = 0;

  // Writing: one batch of a run is under way at a time; what comes meanwhile gathers in `pending`.
  store::Batch pending;
  std::vector<std::shared_ptr<Known>> pending_known;
  std::vector<std::uint32_t> pending_nodes;
  std::vector<std::move_only_function<void(const core::Status&)>>
      pending_told;  ///< who waits for the batch; they must not block
  bool committing = false;
  std::uint64_t next_commit = 1;
  std::uint64_t committed = 0;
  std::unordered_map<std::uint32_t, core::Error>
      lost;  ///< nodes whose outcome could not be written

  // Telling: events leave in order, each once the batch it waits for is durable.
  struct Event {
    RunEvent::Kind kind = RunEvent::Kind::kTask;
    std::uint32_t node = 0;
    std::uint64_t after_commit = 0;
    std::shared_ptr<Watcher> joins = {};         ///< not an event but a watcher that comes
    std::shared_ptr<const GuestLine> line = {};  ///< kLog
    std::size_t line_number = 0;                 ///< kLog: of its task
  };
  std::deque<Event> events;
  std::uint64_t last_needed_commit = 0;
  bool emitting = false;
  std::vector<std::uint32_t> told;  ///< nodes whose outcome was told, in order
  bool ended = false;               ///< the end was told, or is being told
  bool told_paused = false;         ///< the last that was told of it
  std::vector<std::weak_ptr<Watcher>> watchers;

  // The answer, for whoever waits.
  std::mutex answer_mutex;
  std::condition_variable answered;
  std::shared_ptr<const RunAnswer> answer;

  [[nodiscard]] const invocation::Task& task_of(std::uint32_t node) const {
    return request.workflow.workflow.tasks[graph.nodes[node].task];
  }
  /// What a node runs; none where its instruction does not say.
  [[nodiscard]] const std::optional<ipld::Cid>& component_of(std::uint32_t node) const {
    return graph.nodes[node].component;
  }
  /// Whether a known result of the node is used.
  [[nodiscard]] bool uses_known(std::uint32_t node) const {
    return request.reuse == Reuse::kMemo && (anew.empty() || !anew[node]);
  }
  [[nodiscard]] bool is_restored(std::uint32_t node) const {
    return !restored.empty() && restored[node];
  }
  /// A ready node may start. Under the lock.
  [[nodiscard]] bool may_start(std::uint32_t node) const {
    return !paused || stepping.contains(node);
  }
};

/// The node of a task and all that depend on it, by node. in: task   an index of another size: none
[[nodiscard]] std::vector<bool> nodes_from(const workflow::Graph& graph, std::uint32_t task);

/// What is known of a task before it ran.
[[nodiscard]] TaskAnswer describe_task(const workflow::NamedWorkflow& workflow, std::uint32_t task,
                                       const ipld::Cid& instruction,
                                       const std::optional<ipld::Cid>& component);
/// What an instruction runs; none where it does not say.
[[nodiscard]] std::optional<ipld::Cid> component_of(const invocation::Instruction& instruction);
/// How a task of a run ended, for the outside. Its node must be settled, or the task is pending.
[[nodiscard]] TaskAnswer make_task_answer(const ActiveRun& run, std::uint32_t task);
/// A run without its tasks, in that state.
[[nodiscard]] RunAnswer make_run_head(const ActiveRun& run, RunState state);
/// The whole run as it stands.
[[nodiscard]] RunAnswer make_run_answer(const ActiveRun& run);
/// State, error and answering task of a run whose nodes are all settled.
void conclude(ActiveRun& run);
/// What is known of a settled node's way that was not noted when it ended: of those that were known, and those that nothing was executed for.
void complete_trace(ActiveRun& run, std::uint32_t node, core::WallNanos now);
/// Rows for a settled node: a task's outcome each, its receipt if it is not durable yet, its failure.
void append_records(ActiveRun& run, std::uint32_t node);

/// An error as rows keep it; none without a code.
[[nodiscard]] std::optional<core::Error> recorded_error(const std::string& code,
                                                        const std::string& message);

/// What is kept beside the workflow to resume a run, and the way back.
[[nodiscard]] core::Bytes encode_extra(const RunRequest& request, const std::string& node);
[[nodiscard]] core::Result<RunRequest> decode_request(
    const store::RunRecord& record, const invocation::NormalizeUrl& normalize_url);

/// A run's record. errors: kNotFound it is not known here; kIo, kIntegrity
[[nodiscard]] core::Result<store::RunRecord> find_record(store::Store& store,
                                                         const std::string& id);
/// A run's answer from what the store knows.
[[nodiscard]] core::Result<RunAnswer> load_answer(store::Store& store,
                                                  const store::RunRecord& record,
                                                  const invocation::NormalizeUrl& normalize_url);

[[nodiscard]] store::RunStatus to_status(RunState state);
[[nodiscard]] RunState from_status(store::RunStatus status);

}  // namespace every::runtime
