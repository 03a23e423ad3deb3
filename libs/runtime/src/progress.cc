#include "progress.h"

#include <algorithm>
#include <utility>

namespace every::runtime {
namespace {

using invocation::Branch;
using workflow::Edge;

int strength(TaskState verdict) {
  switch (verdict) {
    case TaskState::kCancelled:
      return 3;
    case TaskState::kFailed:
      return 2;
    case TaskState::kSkipped:
      return 1;
    default:
      return 0;
  }
}

/// Names the task at the root, not every task on the way: a chain of a thousand would make a message of a thousand sentences.
core::Error dependency_error(const std::string& source, const NodeOutcome& outcome) {
  const core::Error unknown{core::ErrorCode::kInternal, "no reason is recorded", {}};
  const core::Error& error = outcome.error ? *outcome.error : unknown;
  const std::string_view root = error.find("cause");
  const std::string_view why =
      root.empty() ? std::string_view(error.message) : error.find("cause_message");
  const std::string culprit = root.empty() ? source : std::string(root);
  const std::string what =
      root.empty() ? ", which failed: " : ", which did not run because " + culprit + " failed: ";
  return core::Error{
      core::ErrorCode::kDependencyFailed,
      "not run: it awaits " + source + what + std::string(why),
      {{"awaited", source}, {"cause", culprit}, {"cause_message", std::string(why)}}};
}

}  // namespace

NodeOutcome replayed(std::shared_ptr<Known> known) {
  NodeOutcome outcome;
  outcome.state = TaskState::kOk;
  outcome.value = known->value;
  outcome.receipt = known->record->cid;
  outcome.known = std::move(known);
  outcome.replayed = true;
  return outcome;
}

Progress::Progress(const workflow::Graph& graph, const std::vector<std::string>& names)
    : graph_(graph), names_(names), states_(graph.nodes.size()), unsettled_(graph.nodes.size()) {
  for (const std::uint32_t node : graph.order) {
    State& state = states_[node];
    for (const Edge& edge : graph.nodes[node].needs) {
      ++state.waiting;
      if (edge.await.branch != Branch::kOk) state.plain = false;
      if (edge.node == Edge::kOutside) {
        state.plain = state.plain && edge.await.branch == Branch::kOk;
        continue;
      }
      state.plain = state.plain && states_[edge.node].plain;
      if (edge.await.branch != Branch::kOk) states_[edge.node].handled = true;
    }
  }
  for (std::uint32_t node = 0; node < states_.size(); ++node) {
    if (states_[node].waiting == 0) ready_.push_back(node);
  }
}

std::vector<std::uint32_t> Progress::take_ready() {
  auto ready = std::exchange(ready_, {});
  // One may have been settled without its turn: its outcome was recorded before.
  std::erase_if(ready, [this](std::uint32_t node) { return settled(node); });
  return ready;
}
std::vector<std::uint32_t> Progress::take_settled() {
  return std::exchange(settled_, {});
}

std::string Progress::name(std::uint32_t node) const {
  const std::uint32_t task = graph_.nodes[node].task;
  return task < names_.size() && !names_[task].empty() ? names_[task]
                                                       : "task " + std::to_string(task);
}

void Progress::record(std::uint32_t node, NodeOutcome outcome) {
  states_[node].outcome = std::move(outcome);
  --unsettled_;
  settled_.push_back(node);
  to_visit_.push_back(node);
}

void Progress::settle(std::uint32_t node, NodeOutcome outcome) {
  if (settled(node)) return;
  if (outcome.state == TaskState::kFailed && fatal(node) && !culprit_) culprit_ = node;
  record(node, std::move(outcome));
  tell_dependants();
}

void Progress::settle_outside(const ipld::Cid& instruction, NodeOutcome outcome) {
  outside_.emplace_back(instruction, outcome);
  for (std::uint32_t node = 0; node < states_.size(); ++node) {
    for (const Edge& edge : graph_.nodes[node].needs) {
      if (edge.node == Edge::kOutside && edge.await.instruction == instruction)
        need_settled(node, edge, outcome, false);
    }
  }
  tell_dependants();
}

// Breadth first over what was just settled, without recursion: a chain may be a million long.
void Progress::tell_dependants() {
  for (std::size_t i = 0; i < to_visit_.size(); ++i) {
    const std::uint32_t done = to_visit_[i];
    for (const std::uint32_t dependant : graph_.nodes[done].feeds) {
      for (const Edge& edge : graph_.nodes[dependant].needs) {
        if (edge.node == done)
          need_settled(dependant, edge, states_[done].outcome, states_[done].tainted);
      }
    }
  }
  to_visit_.clear();
}

const NodeOutcome* Progress::find_outside(const ipld::Cid& instruction) const {
  const auto found = std::find_if(outside_.begin(), outside_.end(),
                                  [&](const auto& entry) { return entry.first == instruction; });
  return found == outside_.end() ? nullptr : &found->second;
}

void Progress::need_settled(std::uint32_t node, const Edge& edge, const NodeOutcome& outcome,
                            bool outcome_tainted) {
  State& state = states_[node];
  if (settled(node)) return;
  // Made only where it is said: most needs are met.
  const auto source = [&] {
    return edge.node == Edge::kOutside ? "instruction " + edge.await.instruction.render()
                                       : "task " + name(edge.node);
  };
  const auto ask = [&](TaskState verdict, core::ErrorCode code, const std::string& before,
                       const std::string& after) {
    if (strength(verdict) <= strength(state.verdict)) return;
    state.verdict = verdict;
    state.reason = core::Error{code, before + source() + after, {{"awaited", source()}}};
  };
  switch (outcome.state) {
    case TaskState::kOk:
      if (edge.await.branch == Branch::kError) {
        ask(TaskState::kSkipped, core::ErrorCode::kDependencyFailed,
            "skipped: it awaits an error of ", ", which succeeded");
      }
      state.tainted = state.tainted || outcome_tainted;
      break;
    case TaskState::kFailed:
      if (edge.await.branch == Branch::kOk &&
          strength(TaskState::kFailed) > strength(state.verdict)) {
        state.verdict = TaskState::kFailed;
        state.reason = dependency_error(source(), outcome);
      }
      state.tainted = true;
      break;
    case TaskState::kSkipped:
      ask(TaskState::kSkipped, core::ErrorCode::kDependencyFailed, "skipped: it awaits ",
          ", which was skipped");
      break;
    case TaskState::kCancelled:
      ask(TaskState::kCancelled, core::ErrorCode::kCancelled, "cancelled with ", "");
      break;
    case TaskState::kPending:
      return;
  }
  if (--state.waiting > 0) return;
  if (state.verdict == TaskState::kOk) {
    ready_.push_back(node);
    return;
  }
  NodeOutcome decided;
  decided.state = state.verdict;
  decided.error = state.reason;
  record(node, std::move(decided));
}

void Progress::cancel_rest(const core::Error& error) {
  for (const std::uint32_t node : graph_.order) {
    if (settled(node)) continue;
    NodeOutcome outcome;
    outcome.state = TaskState::kCancelled;
    outcome.error = error;
    record(node, std::move(outcome));
  }
  to_visit_.clear();
  ready_.clear();
}

}  // namespace every::runtime
