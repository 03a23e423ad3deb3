#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "every/core/error.h"
#include "every/ipld/cid.h"
#include "every/ipld/value.h"
#include "every/runtime/run.h"

namespace every::runtime {

/// Where a run that is told to go on does so.
enum class GoOn : std::uint8_t {
  kHere,         ///< in this process
  kAtNextStart,  ///< this process ends with its work: where a node is started next. Runs it has under way go on all the same
};

/// What became of a run that was to be paused or to go on.
struct Steered {
  std::shared_ptr<const RunAnswer> run;  ///< as it stands
  enum class Change : std::uint8_t {
    kMade,
    kNone,   ///< it was so before
    kNoted,  ///< … at the next start of a node
  } change = Change::kMade;
};

/// A step that has begun.
struct Step {
  std::shared_ptr<RunHandle> run;
  std::uint32_t task = 0;  ///< index of the task that was let go
};

/// What a new run is made of another with.
struct ForkRequest {
  std::string task;                 ///< name of the first task that is done anew
  std::optional<std::string> name;  ///< of the new run; none: as the other
  ipld::Map arguments =
      {};  ///< of that task, what changes: name or number from 0 → value as JSON has it, or an await
  std::optional<ipld::Cid> component = {};  ///< in place of that task's, wherever it is done anew
  Start start = Start::kAtOnce;
};

/// A task of which another instruction became.
struct TaskChange {
  std::uint32_t task = 0;
  std::string name;
  ipld::Cid was;
  ipld::Cid now;
  std::vector<std::string> why;  ///< for a person: `argument b: 2 → 5`
};

/// A run that was made of another.
struct Forked {
  std::shared_ptr<RunHandle> run;
  ForkedFrom from;
  std::vector<std::uint32_t> anew;  ///< what is done anew, in the workflow's order
  std::vector<TaskChange> changes;  ///< in the workflow's order
};

/// How the runs of a node are paused, stepped through and taken up. thread: any.
///
/// What is said of a run is durable on return: a run that was paused stays so whatever happens to the node, until somebody lets it go on. A pause
/// does not count against its time limit nor its resumptions. source: docs/decisions/0056
/// errors of all: kNotFound no such run; kConflict its state forbids it, with what to do; kIo, kResourceExhausted nothing could be noted, and nothing
///                changed
class Steering {
 public:
  virtual ~Steering() = default;
  /// No further task of the run starts; tasks under way end and are recorded.
  [[nodiscard]] virtual core::Result<Steered> pause(const std::string& id) = 0;
  /// A paused run goes on, one in quarantine leaves it.
  [[nodiscard]] virtual core::Result<Steered> resume(const std::string& id, GoOn where) = 0;
  /// Lets one ready task of a paused run start and does not wait for it. in: task   its name; none: the first that is ready
  /// errors: kNotFound no such task; kUnavailable the run would have to be taken up, and this process ends with its work (GoOn::kAtNextStart)
  [[nodiscard]] virtual core::Result<Step> step(const std::string& id,
                                                const std::optional<std::string>& task,
                                                GoOn where) = 0;
  /// The tasks of a paused run that could start, by name, in the workflow's order; none of a run that is not held here.
  [[nodiscard]] virtual std::vector<std::string> ready(const std::string& id) = 0;
  /// Makes a new run of the workflow of another, which stays as it is: what one task does not depend on is taken as known, the task and all that
  /// depend on it are done anew, whatever is known of them. On return the new run is on disk.
  /// errors: those of plan_fork and Node::submit; kUnsupported the other run's workflow is not kept
  [[nodiscard]] virtual core::Result<Forked> fork(const std::string& id, ForkRequest request) = 0;
  /// A paused run of an earlier process as one that can be watched; null when it is no such run.
  [[nodiscard]] virtual core::Result<std::shared_ptr<RunHandle>> take_up(const std::string& id) = 0;
};

}  // namespace every::runtime
