// What happened in a run, told to who submitted it and to who looks on.

#include <algorithm>
#include <utility>

#include "scheduler.h"

namespace every::runtime {
namespace {

/// Answers are made under the lock, and kept until they are told.
constexpr std::size_t kMostAtOnce = 64;

}  // namespace

// One thread at a time tells a run's events; another that comes meanwhile leaves them to it.
void Scheduler::emit(const RunPtr& run) {
  for (bool mine = false;; mine = true) {
    std::vector<Telling> tellings;
    {
      const Held held(*this);
      if (run->emitting && !mine) return;
      tellings = take_tellings(run);
      run->emitting = !tellings.empty();
      if (tellings.empty()) return;
    }
    for (const Telling& telling : tellings) tell(run, telling);
  }
}

// What may leave now, up to what changes who is told: a watcher that comes, or the end.
std::vector<Scheduler::Telling> Scheduler::take_tellings(const RunPtr& run) {
  std::vector<Telling> tellings;
  const auto may_leave = [&] {
    return !run->events.empty() && run->events.front().after_commit <= run->committed;
  };
  // A watcher is held only by what is told: the last to let go of one must not do so under the lock.
  if (!may_leave()) return tellings;
  std::vector<std::shared_ptr<Watcher>> watchers;
  for (const auto& weak : run->watchers) {
    if (auto watcher = weak.lock()) watchers.push_back(std::move(watcher));
  }
  bool last = false;
  while (!last && tellings.size() < kMostAtOnce && may_leave()) {
    Telling telling{.event = std::move(run->events.front()), .answers = {}, .watchers = watchers};
    run->events.pop_front();
    const ActiveRun::Event& event = telling.event;
    last = event.joins != nullptr || event.kind == RunEvent::Kind::kEnd;
    const bool stands =
        event.kind == RunEvent::Kind::kPaused || event.kind == RunEvent::Kind::kResumed;
    if (!last && stands) run->told_paused = event.kind == RunEvent::Kind::kPaused;
    if (!last && !stands && event.kind != RunEvent::Kind::kLog) {
      if (event.kind == RunEvent::Kind::kTask) run->told.push_back(event.node);
      if (run->observer || everything_ || !watchers.empty()) {
        for (const std::uint32_t task : run->graph.nodes[event.node].tasks) {
          telling.answers.push_back(make_task_answer(*run, task));
          if (event.kind == RunEvent::Kind::kFailing) break;
        }
      }
    }
    tellings.push_back(std::move(telling));
  }
  return tellings;
}

void Scheduler::tell(const RunPtr& run, const Telling& telling) {
  if (telling.event.joins != nullptr) return join(run, telling.event.joins);
  switch (telling.event.kind) {
    case RunEvent::Kind::kTask:
    case RunEvent::Kind::kFailing:
      return tell_task(run, telling);
    case RunEvent::Kind::kLog:
      return tell_line(run, telling);
    case RunEvent::Kind::kPaused:
    case RunEvent::Kind::kResumed:
      return tell_standing(run, telling);
    case RunEvent::Kind::kEnd:
      return tell_end(run);
  }
}

void Scheduler::tell_task(const RunPtr& run, const Telling& telling) {
  for (const TaskAnswer& answer : telling.answers) {
    const RunEvent told{.kind = telling.event.kind,
                        .task = &answer,
                        .run = nullptr,
                        .run_id = run->id,
                        .trace_parent = run->request.trace_parent};
    if (run->observer) run->observer(told);
    if (everything_) everything_(told);
    for (const auto& watcher : telling.watchers) watcher->observer(told);
    reach(core::CrashPoint::kTaskTold);
  }
}

void Scheduler::tell_line(const RunPtr& run, const Telling& telling) {
  const ActiveRun::Event& event = telling.event;
  for (const auto& watcher : telling.watchers) {
    // Lines from before it came may have been told when it did.
    std::size_t& told = watcher->lines[event.line->task];
    if (event.line_number < told) continue;
    told = event.line_number + 1;
    watcher->observer(RunEvent{.kind = RunEvent::Kind::kLog,
                               .run = nullptr,
                               .run_id = run->id,
                               .line = event.line.get(),
                               .line_number = event.line_number});
  }
}

void Scheduler::tell_standing(const RunPtr& run, const Telling& telling) {
  const RunState state =
      telling.event.kind == RunEvent::Kind::kPaused ? RunState::kPaused : RunState::kRunning;
  std::shared_ptr<const RunAnswer> head;
  {
    const Held held(*this);
    head = std::make_shared<const RunAnswer>(make_run_head(*run, state));
  }
  const RunEvent told{.kind = telling.event.kind,
                      .run = head,
                      .run_id = run->id,
                      .trace_parent = run->request.trace_parent};
  if (run->observer) run->observer(told);
  if (everything_) everything_(told);
  for (const auto& watcher : telling.watchers) watcher->observer(told);
}

void Scheduler::tell_end(const RunPtr& run) {
  std::shared_ptr<const RunAnswer> answer;
  {
    const Held held(*this);
    // A state lost with a failed write was set by committed(); what was concluded stands otherwise.
    answer = std::make_shared<const RunAnswer>(make_run_answer(*run));
    if (runs_.erase(run->id) > 0) active_tasks_ -= run->graph.node_of.size();
    // A run that was known is answered before its record is written: until then it is known from here.
    if (run->committing && !stopped_) unwritten_.emplace(run->id, run);
    idle_.notify_all();
  }
  reach(core::CrashPoint::kRunAnswering);
  publish(run, answer);
  reach(core::CrashPoint::kRunAnswered);
}

void Scheduler::publish(const RunPtr& run, const std::shared_ptr<const RunAnswer>& answer) {
  const RunEvent end{.kind = RunEvent::Kind::kEnd,
                     .run = answer,
                     .run_id = run->id,
                     .trace_parent = run->request.trace_parent};
  if (run->observer) run->observer(end);
  if (everything_) everything_(end);
  {
    const std::lock_guard lock(run->answer_mutex);
    run->answer = answer;
  }
  run->answered.notify_all();
  std::vector<std::shared_ptr<Watcher>> watchers;
  {
    const Held held(*this);
    run->ended = true;  // from now on who comes is told the end at once
    for (const auto& weak : run->watchers) {
      if (auto watcher = weak.lock()) watchers.push_back(std::move(watcher));
    }
    run->watchers.clear();
  }
  for (const auto& watcher : watchers) watcher->observer(end);
}

std::shared_ptr<void> Scheduler::watch(const RunPtr& run, RunObserver observer) {
  auto watcher = std::make_shared<Watcher>(std::move(observer));
  Held held(*this);
  std::erase_if(run->watchers, [](const auto& weak) { return weak.expired(); });
  // In the queue, so that it comes between two events and never beside one.
  run->events.push_back({.joins = watcher});
  held.after([self = shared_from_this(), run] { self->emit(run); });
  return watcher;
}

void Scheduler::join(const RunPtr& run, const std::shared_ptr<Watcher>& watcher) {
  std::vector<std::uint32_t> told;
  std::vector<GuestLine> lines;
  std::shared_ptr<const RunAnswer> end;
  std::shared_ptr<const RunAnswer> paused;
  {
    const Held held(*this);
    told = run->told;
    if (run->told_paused && !run->ended)
      paused = std::make_shared<const RunAnswer>(make_run_head(*run, RunState::kPaused));
    for (std::uint32_t node = 0; node < run->flights.size(); ++node) {
      const FlightPtr& flight = run->flights[node];
      if (!flight || flight->owner_run != run->id) continue;
      lines.insert(lines.end(), flight->lines.begin(), flight->lines.end());
      watcher->lines[run->graph.nodes[node].task] = flight->lines.size();
    }
    if (run->ended) {
      const std::lock_guard lock(run->answer_mutex);
      end = run->answer;
    } else {
      run->watchers.push_back(watcher);
    }
  }
  for (const std::uint32_t node : told) {
    for (const std::uint32_t task : run->graph.nodes[node].tasks) {
      TaskAnswer answer{.instruction = run->graph.nodes[node].instruction};
      {
        const Held held(*this);
        answer = make_task_answer(*run, task);
      }
      watcher->observer(RunEvent{.kind = RunEvent::Kind::kTask,
                                 .task = &answer,
                                 .run = nullptr,
                                 .run_id = run->id,
                                 .told = RunEvent::Told::kAfterwards});
    }
  }
  std::unordered_map<std::uint32_t, std::size_t> numbers;
  for (const GuestLine& line : lines) {
    watcher->observer(RunEvent{.kind = RunEvent::Kind::kLog,
                               .run = nullptr,
                               .run_id = run->id,
                               .line = &line,
                               .line_number = numbers[line.task]++});
  }
  if (paused) {
    watcher->observer(RunEvent{.kind = RunEvent::Kind::kPaused, .run = paused, .run_id = run->id});
  }
  if (end) watcher->observer(RunEvent{.kind = RunEvent::Kind::kEnd, .run = end, .run_id = run->id});
}

void Scheduler::note_line(Held& held, const FlightPtr& flight, GuestLine line) {
  // Of the run that owns the execution: who joined it later sees the result, not the guest's words.
  const auto owner = std::find_if(
      flight->waiters.begin(), flight->waiters.end(), [&](const Flight::Waiter& waiter) {
        return waiter.node != workflow::Edge::kOutside && waiter.run->id == flight->owner_run;
      });
  if (owner != flight->waiters.end()) {
    const RunPtr& run = owner->run;
    line.task = run->graph.nodes[owner->node].task;
    if (!run->watchers.empty()) {
      run->events.push_back({.kind = RunEvent::Kind::kLog,
                             .line = std::make_shared<const GuestLine>(line),
                             .line_number = flight->lines.size()});
      held.after([self = shared_from_this(), run] { self->emit(run); });
    }
  }
  flight->lines.push_back(std::move(line));
}

}  // namespace every::runtime
