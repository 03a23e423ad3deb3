#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "every/core/bytes.h"
#include "every/core/clock.h"
#include "every/core/error.h"
#include "every/core/log.h"
#include "every/invocation/trace.h"
#include "every/ipld/cid.h"
#include "every/ipld/value.h"
#include "every/wit/type.h"
#include "every/workflow/short_form.h"

namespace every::runtime {

/// Whether a run begins by itself.
enum class Start : std::uint8_t {
  kAtOnce,
  kPaused,  ///< nothing of it starts until it is told to go on, or a step at a time
};

/// The run another was made of, and the first of its tasks that is done anew, with all that depends on it: whatever is known of those.
struct ForkedFrom {
  std::string run;
  std::uint32_t task = 0;  ///< index into the workflow
  friend bool operator==(const ForkedFrom&, const ForkedFrom&) = default;
};

/// Whether known results are used.
enum class Reuse : std::uint8_t {
  kMemo,   ///< what is known is not run again
  kFresh,  ///< every task runs, whatever is known
};

/// When a run counts as accepted.
enum class Accept : std::uint8_t {
  kWithFirstReceipts,  ///< its record is committed with its first receipts: for callers that wait for the answer
  kDurable,  ///< its record is on disk before submit's callback: for callers that go away
};

/// A client's word for a request, so that asking twice runs once.
struct SubmissionKey {
  std::string key;
  core::Bytes digest;  ///< of what is asked: the same key with another digest is a mistake
};

struct WorkflowPlan;

/// A workflow to run.
struct RunRequest {
  workflow::NamedWorkflow workflow;
  /// plan_workflow() of `workflow` and nothing else; null: submit plans it.
  std::shared_ptr<const WorkflowPlan> plan = {};
  std::string name = "test";  ///< what the run is shown as
  Reuse reuse = Reuse::kMemo;
  Accept accept = Accept::kWithFirstReceipts;
  core::Deadline deadline;                       ///< none: the node's own (one hour)
  std::optional<SubmissionKey> submission = {};  ///< recorded with the run
  Start start = Start::kAtOnce;
  std::optional<ForkedFrom> fork = {};  ///< of a run that was made of another
  std::string trace_parent =
      {};  ///< W3C `traceparent` of who asks; empty: none. Recorded with the run, and told with its events
};

enum class RunState : std::uint8_t {
  kRunning,
  kCompleted,
  kFailed,
  kCancelled,
  kQuarantined,
  kPaused,  ///< nothing more of it starts until it is told to go on
};
/// `running`, `completed`, `failed`, `cancelled`, `quarantined`, `paused`.
[[nodiscard]] std::string_view render_state(RunState state);
/// Whether a run in this state has its end still before it.
[[nodiscard]] constexpr bool goes_on(RunState state) {
  return state == RunState::kRunning || state == RunState::kPaused;
}

enum class TaskState : std::uint8_t { kPending, kOk, kFailed, kSkipped, kCancelled };
/// `pending`, `ok`, `failed`, `skipped`, `cancelled`.
[[nodiscard]] std::string_view render_state(TaskState state);

/// A line a guest wrote during a run.
struct GuestLine {
  core::WallNanos time = 0;
  core::LogLevel level = core::LogLevel::kInfo;
  std::string category;
  std::string message;
  std::uint32_t task = 0;  ///< index into the workflow, where it is known
};

/// How one entry of `tasks` ended. Duplicates, skipped and cancelled ones have theirs too.
struct TaskAnswer {
  std::uint32_t task = 0;  ///< index into the workflow
  std::string name;        ///< in the workflow
  std::string func;        ///< as submitted
  std::optional<ipld::Cid> component;
  ipld::Cid instruction;
  TaskState state = TaskState::kPending;
  std::optional<ipld::Cid> receipt;          ///< of the success or of the failure
  std::shared_ptr<const ipld::Value> value;  ///< ok: the output; else null
  wit::TypePtr type;  ///< of the output, where the component is known; null otherwise
  bool replayed = false;
  std::optional<core::Error>
      error;  ///< failed, skipped, cancelled: why, in a person's words; context: task, func, cid
  std::vector<GuestLine> last_lines;  ///< failed: the last lines it wrote
  std::shared_ptr<const core::Bytes>
      receipt_block;  ///< the receipt's DAG-CBOR; null without a receipt, and in answers read from the store
  invocation::Trace
      trace;  ///< of one under way as far as it is; of a run by a version that kept none, kNotRecorded
  core::WallNanos kept =
      0;  ///< when its record was on disk, where this process wrote it and knows; 0 in answers read from the store
  std::string node;  ///< peer id of the node whose execution it rests on; empty where not known
};

/// A run as it ended (or stands).
struct RunAnswer {
  std::string id;
  std::string name;
  ipld::Cid workflow;
  RunState state = RunState::kRunning;
  std::vector<TaskAnswer> tasks;  ///< in task order, one an entry
  std::optional<std::uint32_t>
      answer;  ///< index of the task whose output is the run's: the last not skipped
  std::optional<core::Error>
      error;  ///< of a run that did not complete: the error of the first task that failed on its own
  core::WallNanos accepted = 0;
  core::WallNanos finished = 0;
  std::optional<ForkedFrom> fork = {};
  std::string node = {};  ///< peer id of the node that took it; empty where not known
};

/// Something that happened in a run. Told in order, once what it says is as durable as the node promises.
struct RunEvent {
  enum class Kind : std::uint8_t {
    kTask,     ///< a task has its outcome
    kFailing,  ///< told once, after the kTask of the task at fault: the run will end failed, whatever its other tasks do
    kEnd,      ///< the last event
    kPaused,   ///< nothing more starts; tasks under way still end
    kResumed,  ///< it goes on
    kLog,  ///< a guest wrote a line; to watchers alone, and not yet kept: a task that is run again writes it again
  } kind = Kind::kTask;
  const TaskAnswer* task = nullptr;      ///< kTask, kFailing
  std::shared_ptr<const RunAnswer> run;  ///< kEnd; kPaused, kResumed: the run without its tasks
  std::string_view run_id = {};          ///< valid during the call
  std::string_view trace_parent = {};    ///< of the run's request; valid during the call
  const GuestLine* line = nullptr;       ///< kLog
  std::size_t line_number = 0;           ///< kLog: of its task, from 0
  /// kTask to a watcher: whether it happened before the watcher came.
  enum class Told : std::uint8_t { kAsItHappens, kAfterwards } told = Told::kAsItHappens;
};
/// Called on threads of the node, or on the submitting one before submit returns (a run that is known already), one call at a time a run;
/// must not block.
using RunObserver = std::function<void(const RunEvent&)>;

/// A run in progress or over. It belongs to the node: dropping the handle detaches, and cancels nothing. thread: any.
class RunHandle {
 public:
  virtual ~RunHandle() = default;
  [[nodiscard]] virtual const std::string& id() const = 0;
  [[nodiscard]] virtual const ipld::Cid& workflow() const = 0;
  /// Waits for the end. errors: kTimeout the deadline passed (the run goes on)
  [[nodiscard]] virtual core::Result<std::shared_ptr<const RunAnswer>> wait(
      core::Deadline deadline) = 0;
  /// Looks on: the observer is told of every task that has its outcome already, then of everything that happens, the end included; what happens
  /// comes exactly once. out: looking on lasts as long as what is returned is kept
  [[nodiscard]] virtual std::shared_ptr<void> watch(RunObserver observer) = 0;
  /// Ends the run soon: tasks under way that nobody else waits for are stopped.
  virtual void cancel() = 0;
};

}  // namespace every::runtime
