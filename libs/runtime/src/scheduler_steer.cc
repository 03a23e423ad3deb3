// Runs that are paused, go on, or are taken a step at a time; and what is recorded of a run that is taken up again.

#include <algorithm>
#include <future>
#include <utility>

#include "scheduler.h"

#include "every/core/text.h"

namespace every::runtime {
namespace {

using core::ErrorCode;

std::unexpected<core::Error> over(const ActiveRun& run, std::string_view what) {
  return core::fail(core::Error{ErrorCode::kConflict,
                                "run " + run.id + " is over, there is nothing to " +
                                    std::string(what) + ": it is " +
                                    std::string(render_state(run.state)),
                                {{"run", run.id}}});
}

/// First tasks of the nodes that are held back, in the workflow's order.
std::vector<std::uint32_t> ready_of(const ActiveRun& run) {
  std::vector<std::uint32_t> tasks;
  for (const std::uint32_t node : run.held) tasks.push_back(run.graph.nodes[node].task);
  std::ranges::sort(tasks);
  return tasks;
}

core::Result<std::uint32_t> find_task(const ActiveRun& run, const std::string& name) {
  const std::vector<std::string>& names = run.request.workflow.task_names;
  const auto found = std::ranges::find(names, name);
  if (found != names.end()) return static_cast<std::uint32_t>(found - names.begin());
  const std::string_view near = core::nearest(name, names);
  return core::fail(ErrorCode::kNotFound,
                    "run " + run.id + " has no task '" + name + "'" +
                        (near.empty() ? "; `every runs show " + run.id + "` lists them"
                                      : "; did you mean " + std::string(near) + "?"));
}

void note_standing(ActiveRun& run, RunState state) {
  run.events.push_back(
      {.kind = state == RunState::kPaused ? RunEvent::Kind::kPaused : RunEvent::Kind::kResumed,
       .after_commit = run.next_commit});
}

std::string quoted_names(const ActiveRun& run, const std::vector<std::uint32_t>& tasks) {
  std::vector<std::string> names;
  for (const std::uint32_t task : tasks)
    names.push_back("'" + run.request.workflow.task_names[task] + "'");
  return core::join_words(names);
}

}  // namespace

// What has not begun is held back; what a worker has goes on to its end.
void Scheduler::hold_back(Held& held, ActiveRun& run) {
  run.paused = true;
  run.state = RunState::kPaused;
  run.time_left = run.deadline - clock_.steady();
  for (std::uint32_t node = 0; node < run.flights.size(); ++node) {
    FlightPtr& flight = run.flights[node];
    if (!flight || flight->stage != Flight::Stage::kQueued) continue;
    leave(held, std::exchange(flight, nullptr), run);
    run.held.push_back(node);
  }
}

void Scheduler::let_go(Held& held, const RunPtr& run) {
  run->paused = false;
  run->state = RunState::kRunning;
  run->stepping.clear();
  run->deadline = clock_.steady() + run->time_left;
  if (run->begun) advance(held, run);
}

/// Nothing of it is under way, and nothing of it starts by itself.
bool Scheduler::is_resting(const ActiveRun& run) const {
  return run.paused && run.stepping.empty() &&
         std::ranges::none_of(run.flights,
                              [](const FlightPtr& flight) { return flight != nullptr; });
}

// The change is made at once and told when it is durable. A batch of the run carries the mark, so that it comes neither before the run's record
// nor after its end.
core::Result<Scheduler::Changed> Scheduler::mark(const RunPtr& run, RunState state) {
  const bool pausing = state == RunState::kPaused;
  const auto noted = std::make_shared<std::promise<core::Status>>();
  auto status = noted->get_future();
  Changed changed = Changed::kNo;
  {
    Held held(*this);
    if (run->finished) return over(*run, pausing ? "pause" : "resume");
    if (stopped_)
      return core::fail(ErrorCode::kUnavailable, "the node is stopping; try again when it is back");
    if (run->paused != pausing) {
      changed = Changed::kYes;
      note_standing(*run, state);
    }
    run->pending.marks.push_back({run->id, to_status(state)});
    run->pending_told.push_back(
        [noted](const core::Status& written) { noted->set_value(written); });
    if (changed == Changed::kYes && pausing) hold_back(held, *run);
    flush(held, run);
    if (changed == Changed::kYes && !pausing) let_go(held, run);
    held.after([self = shared_from_this(), run] { self->emit(run); });
    pump(held);
  }
  const core::Status written = status.get();
  if (!written) {
    Held held(*this);
    if (changed == Changed::kYes && !run->finished && run->paused == pausing) {
      if (pausing) {
        let_go(held, run);
      } else {
        hold_back(held, *run);
      }
      note_standing(*run, pausing ? RunState::kRunning : RunState::kPaused);
      held.after([self = shared_from_this(), run] { self->emit(run); });
    }
    return core::fail(core::Error(written.error())
                          .in("run " + run->id + " cannot be " + (pausing ? "paused" : "resumed") +
                              " and is as it was"));
  }
  reach(core::CrashPoint::kRunMarked);
  return changed;
}

core::Result<Scheduler::Changed> Scheduler::pause(const RunPtr& run) {
  return mark(run, RunState::kPaused);
}

core::Result<Scheduler::Changed> Scheduler::go_on(const RunPtr& run) {
  return mark(run, RunState::kRunning);
}

std::vector<std::uint32_t> Scheduler::ready_tasks(const ActiveRun& run) {
  const Held held(*this);
  return ready_of(run);
}

core::Result<std::uint32_t> Scheduler::step(const RunPtr& run,
                                            const std::optional<std::string>& task) {
  {
    // What is ready is known once the run is planned, which takes a moment.
    std::unique_lock lock(mutex_);
    begun_one_.wait(lock, [&] { return run->begun || run->finished || stopped_; });
  }
  Held held(*this);
  if (run->finished) return over(*run, "step through");
  if (stopped_)
    return core::fail(ErrorCode::kUnavailable, "the node is stopping; try again when it is back");
  if (!run->paused)
    return core::fail(core::Error{ErrorCode::kConflict,
                                  "run " + run->id +
                                      " is not paused, so it takes no single steps: "
                                      "`every runs pause " +
                                      run->id + "` first",
                                  {{"run", run->id}}});
  const std::vector<std::uint32_t> ready = ready_of(*run);
  std::uint32_t chosen = 0;
  if (task) {
    EVERY_TRY_ASSIGN(chosen, find_task(*run, *task));
    const std::uint32_t node = run->graph.node_of[chosen];
    if (run->progress.settled(node))
      return core::fail(ErrorCode::kConflict,
                        "task '" + *task + "' has ended already: it is " +
                            std::string(render_state(run->progress.outcome(node).state)));
    if (std::ranges::find(run->held, node) == run->held.end()) {
      const bool under_way = run->flights[node] != nullptr || run->stepping.contains(node);
      return core::fail(
          ErrorCode::kConflict,
          "task '" + *task + "' " +
              (under_way ? "is under way already" : "awaits others that have not ended") +
              (ready.empty() ? "; nothing is ready" : "; ready is " + quoted_names(*run, ready)));
    }
  } else if (ready.empty()) {
    return core::fail(ErrorCode::kConflict,
                      "no task of run " + run->id +
                          " is ready: what is under way has to end first; `every runs show " +
                          run->id + "` shows it");
  } else {
    chosen = ready.front();
  }
  const std::uint32_t node = run->graph.node_of[chosen];
  std::erase(run->held, node);
  run->stepping.insert(node);
  run->traces[node].ready = clock_.wall();
  if (run->planned[node] && !run->progress.tainted(node)) {
    settle(held, run, node, replayed(run->planned[node]));
  } else {
    prepare_soon(held, run, {node});
  }
  return chosen;
}

std::optional<NodeOutcome> Scheduler::recorded_outcome(const store::TaskRecord& row) {
  NodeOutcome outcome;
  outcome.receipt = row.receipt;
  outcome.replayed = row.replayed;
  if (row.status == store::TaskStatus::kFailed) {
    outcome.state = TaskState::kFailed;
    outcome.error = recorded_error(row.error_code, row.error_message);
    // What failed for want of another follows from that one.
    if (!outcome.error || outcome.error->code == ErrorCode::kDependencyFailed) return std::nullopt;
    const auto block = row.receipt ? store_.find_receipt_block(*row.receipt) : std::nullopt;
    if (block && *block) outcome.failure_block = **block;
    return outcome;
  }
  if (row.status != store::TaskStatus::kOk || !row.receipt) return std::nullopt;
  outcome.state = TaskState::kOk;
  const std::uint64_t drops = drops_;
  auto found = store_.find_receipt(*row.receipt);
  if (!found) return std::nullopt;
  if (*found) {
    // A receipt that may be no hit any more: its task runs again.
    invocation::Miss miss{};
    outcome.known = to_known(std::move(**found), miss, drops);
    if (!outcome.known) return std::nullopt;
    outcome.value = outcome.known->value;
    return outcome;
  }
  // True for this run only: a failure's value reached it.
  const auto block = store_.find_receipt_block(*row.receipt);
  if (!block || !*block) return std::nullopt;
  auto receipt = invocation::Receipt::decode(**block, *row.receipt);
  if (!receipt || receipt->out.tag == invocation::Outcome::Tag::kError) return std::nullopt;
  outcome.value = std::make_shared<const ipld::Value>(std::move(receipt->out.value));
  outcome.failure_block = **block;
  return outcome;
}

void Scheduler::restore(ActiveRun& run) {
  const auto rows = store_.tasks_of(run.id);
  if (!rows) {
    logger_.warn("workflow.resume", "workflow",
                 "what is recorded of run " + run.id +
                     " cannot be read, its tasks are looked up anew: " + rows.error().message,
                 {{"run", run.id}});
    return;
  }
  std::vector<const store::TaskRecord*> row_of(run.graph.nodes.size(), nullptr);
  for (const store::TaskRecord& row : *rows) {
    if (row.task >= run.graph.node_of.size()) continue;
    const std::uint32_t node = run.graph.node_of[row.task];
    if (run.graph.nodes[node].instruction == row.instruction) row_of[node] = &row;
  }
  // In an order that respects awaits: what a failure's value reached is known before it is settled itself.
  for (const std::uint32_t node : run.graph.order) {
    if (row_of[node] == nullptr || run.progress.settled(node) ||
        !check_quarantine(run.task_of(node).run))
      continue;
    if (auto outcome = recorded_outcome(*row_of[node]))
      run.progress.settle(node, std::move(*outcome));
  }
  run.restored.resize(run.graph.nodes.size());
  for (std::uint32_t node = 0; node < row_of.size(); ++node)
    run.restored[node] = row_of[node] != nullptr && run.progress.settled(node);
  for (const store::TaskRecord& row : *rows) {
    if (row.task >= run.graph.node_of.size()) continue;
    const std::uint32_t node = run.graph.node_of[row.task];
    if (run.restored[node] && row.task == run.graph.nodes[node].task) run.traces[node] = row.trace;
  }
}

}  // namespace every::runtime
