#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "every/core/clock.h"
#include "every/core/error.h"
#include "every/invocation/trace.h"
#include "every/ipld/cid.h"
#include "every/runtime/run.h"
#include "every/workflow/short_form.h"

/// Why a task ran again, or did not.
namespace every::runtime {

/// What is recorded of how a component was built: docs/formats/build-records.md.
struct BuildNote {
  std::string language;
  core::WallNanos built = 0;                                 ///< when the record was written here
  std::vector<std::pair<std::string, std::string>> tools;    ///< name and version
  std::vector<std::pair<std::string, std::string>> options;  ///< name and value
  std::vector<std::pair<std::string, std::string>> files;    ///< path and hash
};

/// A task of a run.
struct TaskPlace {
  std::string run;
  std::string run_name;
  core::WallNanos accepted = 0;  ///< of its run
  std::uint32_t task = 0;
  std::string name;  ///< may be empty
  ipld::Cid instruction;
};

/// One field in which two instructions differ.
struct Difference {
  enum class Field : std::uint8_t {
    kComponent,
    kFunction,
    kArgument,
    kAwait,  ///< an argument that is the outcome of another instruction
    kNonce,
    kOperation,
  } field = Field::kArgument;
  std::string path;  ///< kArgument, kAwait: `args[0].width`
  std::string
      before;  ///< DAG-JSON, shortened; a CID (kComponent, kAwait: of the instruction); empty: there was none
  std::string after;
  // kComponent
  std::optional<BuildNote> before_build;
  std::optional<BuildNote> after_build;
  std::vector<std::string>
      build_changes;  ///< with both: what differs between the two, in a person's words
};
/// `component`, `function`, `argument`, `await`, `nonce`, `operation`.
[[nodiscard]] std::string_view render_field(Difference::Field field);

/// A task beside an earlier one, with what differs.
struct Change {
  TaskPlace task;
  TaskPlace earlier;
  std::vector<Difference> differences;
  std::size_t more = 0;  ///< differences beyond those listed
  std::optional<std::size_t>
      awaited_by;  ///< of the list of changes, the one whose await leads here; none for the task itself
};

/// A receipt that was used, or could not be.
struct KnownResult {
  ipld::Cid receipt;
  bool imported = false;
  core::WallNanos created = 0;
  std::optional<TaskPlace> made_by;  ///< local: the task that made it, where its run is still here
  std::string node;                  ///< peer id of who executed it; empty: not known
  std::string engine;
  std::vector<std::string> attested_by;  ///< did:key
};

struct Explanation {
  enum class Reason : std::uint8_t {
    kHit,
    kJoined,
    kPending,       ///< it has no outcome yet
    kNotRun,        ///< nothing was executed for it: `why` of its error
    kFresh,         ///< the run was to execute everything
    kFailure,       ///< a failure's value reached it
    kForgotten,     ///< a receipt was there, and was forgotten
    kUntrusted,     ///< … nobody trusted attests it
    kOtherProfile,  ///< … made in another sandbox
    kContent,       ///< … a block its result links to was missing
    kDamaged,       ///< … its row or block is damaged
    kFailedBefore,  ///< its instruction ran before and failed, which is never remembered
    kGone,          ///< its instruction ran well before, and the receipt is not here any more
    kTogether,      ///< an equal task ended while this one was under way
    kChanged,       ///< nothing equal ran before; the nearest that did differs
    kFirst,         ///< nothing like it ran before
  };
  TaskPlace task;
  std::string func;
  std::optional<ipld::Cid> component;
  TaskState state = TaskState::kPending;
  invocation::Trace trace;
  Reason reason = Reason::kFirst;
  std::string forked_from;           ///< kFresh: the run that its run was made of, if it was
  std::string sentence;              ///< the answer, for a person
  std::optional<KnownResult> known;  ///< the receipt that was used; or that was there and was not
  std::vector<ipld::Cid> missing;    ///< kContent: the blocks that are not here now
  std::optional<TaskPlace> earlier;  ///< kFailedBefore, kGone, kTogether: the equal task
  std::vector<Change>
      changes;  ///< kChanged: this task first, then, along what it awaits, to where the change began
  std::size_t runs_searched = 0;  ///< kChanged, kFirst, kGone: how many earlier runs were looked at
  bool searched_all = true;       ///< … and that these were all
};
/// `hit`, `joined`, `pending`, `not-run`, `fresh`, `failure`, `forgotten`, `untrusted`, `profile`, `content`, `damaged`, `failed-before`, `gone`, `together`,
/// `changed`, `first`.
[[nodiscard]] std::string_view render_reason(Explanation::Reason reason);

/// Answers why. Looks through what is recorded here, newest runs first, within a bound: some hundred runs. Blocks. thread: any
class Explaining {
 public:
  virtual ~Explaining() = default;
  /// in: task   its name in the workflow, its index from 0, or the CID of its instruction
  /// errors: kNotFound no such run or task (those there are are named); kUnsupported a run that came over without its workflow; kIo, kIntegrity
  [[nodiscard]] virtual core::Result<Explanation> why(const std::string& run,
                                                      const std::string& task) = 0;
  /// Of every task of a run, in their order.
  [[nodiscard]] virtual core::Result<std::vector<Explanation>> why_all(const std::string& run) = 0;
  /// Of a workflow that has not run: which of its tasks would run now, and why. Nothing runs, nothing is recorded. The tasks' run has no id, their state is pending.
  /// in: name   what the run would be called. errors: kInvalidArgument the workflow cannot be run; kIo, kIntegrity
  [[nodiscard]] virtual core::Result<std::vector<Explanation>> why_would(
      const workflow::NamedWorkflow& workflow, const std::string& name) = 0;
};

}  // namespace every::runtime
