#include "run_events.h"

#include <utility>

#include "js_json.h"
#include "run_json.h"
#include "submit.h"

namespace every::gateway {
namespace {

using runtime::RunEvent;

constexpr std::size_t kMostWaiting = 4096;             // events
constexpr std::size_t kPiece = std::size_t{16} << 10;  // bytes, after which a piece is sent
constexpr std::size_t kMostKeptLines = 10'000;
constexpr std::size_t kLongestId = 1024;
constexpr std::size_t kLargestOutput = std::size_t{64} << 10;

/// One event. JSON texts here have no line breaks, so that one data line is enough.
void append_event(std::string& out, std::string_view id, std::string_view name,
                  std::string_view data) {
  if (!id.empty()) out.append("id: ").append(id).append("\n");
  out.append("event: ").append(name).append("\ndata: ").append(data).append("\n\n");
}

}  // namespace

RunEvents::RunEvents(const ServiceParts& parts, std::string run, TaskSet seen)
    : parts_(parts), run_(std::move(run)), seen_(std::move(seen)) {}

void RunEvents::next(Got got) {
  state_.lock()->waiting = std::move(got);
  wake();
}

void RunEvents::wake() {
  {
    auto state = state_.lock();
    if (!state->waiting || state->working) return;
    if (state->events.empty() && !state->behind && !state->over) return;
    state->working = true;
  }
  const auto posted = parts_.pool.post([self = shared_from_this()] { self->work(); });
  if (posted == core::ThreadPool::Posted::kYes) return;
  Got got = std::exchange(state_.lock()->waiting, nullptr);
  if (got) got(std::nullopt);
}

void RunEvents::observe(const RunEvent& event) {
  switch (event.kind) {
    case RunEvent::Kind::kTask:
      return add(TaskEvent{*event.task, event.told});
    case RunEvent::Kind::kLog:
      return add(LineEvent{*event.line, event.line_number});
    case RunEvent::Kind::kPaused:
    case RunEvent::Kind::kResumed:
      return add(StandingEvent{event.kind, event.run});
    case RunEvent::Kind::kEnd:
      return add(EndEvent{event.run});
    case RunEvent::Kind::kFailing:
      return;
  }
}

void RunEvents::add(Event event) {
  std::shared_ptr<void> let_go;  // outside the lock
  {
    auto state = state_.lock();
    if (state->behind || state->over) return;
    if (state->events.size() >= kMostWaiting) {
      state->behind = true;
      let_go = std::exchange(state->watching, nullptr);
    } else {
      state->events.push_back(std::move(event));
    }
  }
  wake();
}

// Asks the run for what was not told yet: all of it at first, later what was dropped.
void RunEvents::ask_run() {
  state_.lock()->behind = false;
  kept_.reset();  // what was read of the lines may be old
  if (const auto handle = find_watchable(parts_.node, run_)) {
    auto watching = handle->watch([weak = weak_from_this()](const RunEvent& event) {
      if (const auto self = weak.lock()) self->observe(event);
    });
    auto state = state_.lock();
    // What came already may have filled the queue.
    if (!state->behind) state->watching = std::move(watching);
    return;
  }
  const auto run = parts_.node.get_run(run_);
  if (run) return replay(*run);
  state_.lock()->over = true;
}

void RunEvents::replay(const std::shared_ptr<const runtime::RunAnswer>& run) {
  for (const runtime::TaskAnswer& task : run->tasks) {
    if (task.state != runtime::TaskState::kPending && !seen_.contains(task.task))
      add(TaskEvent{task, RunEvent::Told::kAfterwards});
  }
  // A run that is neither over nor under way is taken up at the node's next start: its reader comes back.
  add(EndEvent{run});
}

void RunEvents::work() {
  std::string piece;
  if (!std::exchange(begun_, true)) piece = "retry: 2000\n\n";
  Got got;
  for (;;) {
    std::optional<Event> event;
    {
      auto state = state_.lock();
      if (piece.size() < kPiece && !state->events.empty()) {
        event = std::move(state->events.front());
        state->events.pop_front();
      } else if (!piece.empty() || !state->behind || state->over) {
        // A piece, or the end, or nothing for now: then the reader goes on waiting.
        state->working = false;
        if (piece.empty() && !state->over) return;
        got = std::exchange(state->waiting, nullptr);
        break;
      }
    }
    if (event) {
      append(piece, *event);
    } else {
      ask_run();
    }
  }
  if (got) got(piece.empty() ? std::nullopt : std::optional(std::move(piece)));
}

void RunEvents::append(std::string& out, const Event& event) {
  if (const auto* task = std::get_if<TaskEvent>(&event)) return append_task(out, *task);
  if (const auto* line = std::get_if<LineEvent>(&event)) return append_line(out, *line);
  if (const auto* standing = std::get_if<StandingEvent>(&event)) {
    return append_event(out, {}, standing->kind == RunEvent::Kind::kPaused ? "paused" : "resumed",
                        render_run_summary(*standing->run));
  }
  append_end(out, *std::get<EndEvent>(event).run);
}

void RunEvents::append_task(std::string& out, const TaskEvent& event) {
  const std::uint32_t task = event.task.task;
  if (seen_.contains(task)) return;
  if (event.told == RunEvent::Told::kAfterwards) append_kept_lines(out, task);
  seen_.insert(task);
  lines_.erase(task);
  append_event(out, seen_.render(kLongestId), "task", render_task(event.task, kLargestOutput));
}

// Lines come before their task's outcome, so that one who has seen the outcome has seen them.
void RunEvents::append_line(std::string& out, const LineEvent& event) {
  const std::uint32_t task = event.line.task;
  if (seen_.contains(task) || event.number < lines_[task]) return;
  lines_[task] = event.number + 1;
  append_event(out, {}, "log", render_line(event.line));
}

void RunEvents::append_kept_lines(std::string& out, std::uint32_t task) {
  if (!kept_) {
    kept_.emplace();
    const auto lines = parts_.node.logs_of(run_, kMostKeptLines);
    if (!lines) return;  // the outcomes matter more
    for (const runtime::GuestLine& line : *lines) (*kept_)[line.task].push_back(line);
  }
  const auto found = kept_->find(task);
  if (found == kept_->end()) return;
  for (std::size_t i = 0; i < found->second.size(); ++i)
    append_line(out, LineEvent{found->second[i], i});
}

void RunEvents::append_end(std::string& out, const runtime::RunAnswer& run) {
  if (!runtime::goes_on(run.state)) append_event(out, kEndId, "end", render_run_summary(run));
  auto state = state_.lock();
  state->over = true;
  state->events.clear();
}

}  // namespace every::gateway
