#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "known.h"

#include "every/core/bytes.h"
#include "every/core/error.h"
#include "every/ipld/cid.h"
#include "every/ipld/value.h"
#include "every/runtime/run.h"
#include "every/workflow/graph.h"

namespace every::runtime {

/// How a node of the graph ended.
struct NodeOutcome {
  TaskState state = TaskState::kPending;
  std::shared_ptr<Known> known;              ///< ok, and memoised
  std::shared_ptr<const ipld::Value> value;  ///< ok
  std::optional<ipld::Cid> receipt;
  std::optional<core::Error> error;  ///< not ok
  core::Bytes
      failure_block;  ///< receipt that belongs to this run only: a failure's, or of an ok that a failure's value reached
  bool replayed = false;
  std::vector<GuestLine> lines;       ///< all the guest wrote, until they are taken to be recorded
  std::vector<GuestLine> last_lines;  ///< failed: the last few
};

/// The outcome of a node whose result was known before.
[[nodiscard]] NodeOutcome replayed(std::shared_ptr<Known> known);

/// Which nodes of a run may start, and what becomes of those that may not.
///
/// Pure bookkeeping: no locks, no I/O. A node is settled once; its dependants follow by their awaits:
/// `await/ok` runs on ok and fails on failed; `await/error` runs on failed and is skipped on ok; `await/*` runs on both; every await of a
/// skipped node skips, of a cancelled one cancels. Of several, cancelled beats failed beats skipped.
class Progress {
 public:
  /// `graph` and `names` (one a task, for messages) outlive this.
  Progress(const workflow::Graph& graph, const std::vector<std::string>& names);

  /// Nodes without needs in the graph, in order. Outside awaits hold a node back until `settle_outside`.
  [[nodiscard]] std::vector<std::uint32_t> take_ready();
  /// Records an outcome. Dependants decided by it are settled too and listed by take_settled(), the node itself first.
  void settle(std::uint32_t node, NodeOutcome outcome);
  /// An await on an instruction outside of the workflow has its value, or never will.
  void settle_outside(const ipld::Cid& instruction, NodeOutcome outcome);
  /// Everything not settled is cancelled with this error.
  void cancel_rest(const core::Error& error);
  /// Nodes settled since the last call, in order.
  [[nodiscard]] std::vector<std::uint32_t> take_settled();

  [[nodiscard]] const NodeOutcome& outcome(std::uint32_t node) const {
    return states_[node].outcome;
  }
  /// The lines of a settled node, for its record; the outcome keeps none.
  [[nodiscard]] std::vector<GuestLine> take_lines(std::uint32_t node) {
    return std::exchange(states_[node].outcome.lines, {});
  }
  [[nodiscard]] const NodeOutcome* find_outside(const ipld::Cid& instruction) const;
  [[nodiscard]] bool settled(std::uint32_t node) const {
    return states_[node].outcome.state != TaskState::kPending;
  }
  [[nodiscard]] bool done() const { return unsettled_ == 0; }
  [[nodiscard]] std::size_t unsettled() const { return unsettled_; }
  /// Whether a failure's value reached this node: then it is neither looked up nor remembered.
  [[nodiscard]] bool tainted(std::uint32_t node) const { return states_[node].tainted; }
  /// Whether the node's inputs can only be what its instruction says: no `await/error` or `await/*` on the way to it, nothing from outside.
  [[nodiscard]] bool plain(std::uint32_t node) const { return states_[node].plain; }
  /// Whether a failure of this node fails the run: nothing in the workflow awaits its error.
  [[nodiscard]] bool fatal(std::uint32_t node) const { return !states_[node].handled; }
  /// The first node that failed on its own with nobody awaiting its error.
  [[nodiscard]] std::optional<std::uint32_t> culprit() const { return culprit_; }

 private:
  struct State {
    NodeOutcome outcome;
    std::uint32_t waiting = 0;  // needs not settled
    bool tainted = false;
    bool plain = true;
    bool handled = false;
    // What its settled needs ask for, the strongest; and the error that goes with it.
    TaskState verdict = TaskState::kOk;
    std::optional<core::Error> reason;
  };
  void need_settled(std::uint32_t node, const workflow::Edge& edge, const NodeOutcome& outcome,
                    bool outcome_tainted);
  void tell_dependants();
  void record(std::uint32_t node, NodeOutcome outcome);
  [[nodiscard]] std::string name(std::uint32_t node) const;

  const workflow::Graph& graph_;
  const std::vector<std::string>& names_;
  std::vector<State> states_;
  std::vector<std::uint32_t> ready_;
  std::vector<std::uint32_t> settled_;
  std::vector<std::pair<ipld::Cid, NodeOutcome>> outside_;
  std::vector<std::uint32_t> to_visit_;
  std::size_t unsettled_ = 0;
  std::optional<std::uint32_t> culprit_;
};

}  // namespace every::runtime
