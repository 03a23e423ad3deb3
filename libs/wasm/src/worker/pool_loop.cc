#include <algorithm>
#include <utility>

#include "worker/pool.h"
#include <poll.h>
#include <unistd.h>

namespace every::wasm::worker {

using core::ErrorCode;
using State = WorkerSlot::State;

namespace {
constexpr int kTickMilliseconds = 20;  // while tasks are under way
constexpr int kReapMilliseconds = 2;   // while a killed process is not gone yet
constexpr int kIdleMilliseconds = 1000;
constexpr int kPacketsAtOnce = 64;      // of one worker, before the others have their turn
constexpr int kStopMilliseconds = 300;  // for workers to end by themselves
// A guest may log up to its limit, and its executor a few lines of its own.
constexpr std::uint64_t kLogSlack = 64;
}  // namespace

void WorkerPool::loop(std::promise<core::Status>& opened) {
  loop_id_ = std::this_thread::get_id();
  {
    const std::lock_guard lock(mutex_);
    for (const auto& slot : slots_) start_worker(*slot, SteadyClock::now());
    const bool none = std::all_of(slots_.begin(), slots_.end(),
                                  [](const auto& slot) { return slot->state == State::kEmpty; });
    if (none) {
      stopping_ = true;
      opened.set_value(core::fail(ErrorCode::kIo, start_failure_));
      return;
    }
  }
  opened.set_value({});
  // `opened` is gone from here on.
  for (;;) {
    wait_for_events();
    for (const auto& slot : slots_) {
      if (slot->channel && slot->readable) receive(*slot);
    }
    std::unique_lock lock(mutex_);
    tick(SteadyClock::now());
    run_callbacks(lock);
    if (stopping_) return shut_down(lock);
    dispatch();
    run_callbacks(lock);
  }
}

int WorkerPool::wait_milliseconds() {
  if (!callbacks_.empty()) return 0;
  bool busy = !loads_.empty();
  bool waiting = false;
  for (const auto& slot : slots_) {
    if (slot->state == State::kDying) return kReapMilliseconds;
    busy = busy || !slot->shorts.empty() || !slot->longs.empty();
    waiting = waiting || slot->state == State::kEmpty || slot->state == State::kStarting;
  }
  const auto now = SteadyClock::now();
  if (busy || waiting || !queue_.empty()) last_busy_ = now;
  // Between tasks that follow one another the loop stays awake, so that nobody has to wake it.
  return now - last_busy_ < std::chrono::milliseconds(kIdleMilliseconds) ? kTickMilliseconds
                                                                         : kIdleMilliseconds;
}

void WorkerPool::wait_for_events() {
  std::vector<pollfd> waiting{{wake_fd_.get(), POLLIN, 0}};
  std::vector<WorkerSlot*> of;  // whose the others are
  int milliseconds = 0;
  bool idle = false;
  {
    const std::lock_guard lock(mutex_);
    milliseconds = wait_milliseconds();
    idle = milliseconds == kIdleMilliseconds;
    // Whoever starts a task while this is false wakes the loop, so that time is kept for it.
    ticking_ = !idle;
    for (const auto& slot : slots_) {
      if (!slot->channel) continue;
      const bool wants_room = slot->socket_full;
      waiting.push_back(
          {slot->channel->fd(), static_cast<short>(POLLIN | (wants_room ? POLLOUT : 0)), 0});
      of.push_back(slot.get());
    }
  }
  poll(waiting.data(), waiting.size(), idle ? -1 : milliseconds);
  for (std::size_t i = 0; i < of.size(); ++i)
    of[i]->readable = (waiting[i + 1].revents & ~POLLOUT) != 0;
  if (waiting.front().revents != 0) {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = read(wake_fd_.get(), &count, sizeof count);
  }
  const std::lock_guard lock(mutex_);
  ticking_ = true;
  for (const auto& slot : slots_) slot->socket_full = false;
}

void WorkerPool::receive(WorkerSlot& slot) {
  std::vector<Event> events;
  std::string problem;
  bool closed = false;
  for (int packets = 0; packets < kPacketsAtOnce && !closed && problem.empty(); ++packets) {
    std::vector<Frame> frames;
    const auto state = slot.channel->receive(frames, Channel::Wait::kNo);
    if (!state) {
      problem = state.error().message;
      break;
    }
    closed = *state == Channel::State::kClosed;
    if (*state == Channel::State::kNothing) break;
    for (const auto& frame : frames) {
      Event event{frame.type, frame.id, {}, {}, {}};
      core::Status decoded;
      const auto take = [&](auto result, auto& into) {
        if (result) {
          into = std::move(*result);
        } else {
          decoded = core::fail(std::move(result).error());
        }
      };
      if (frame.type == FrameType::kDone) take(decode_done(frame.payload.view()), event.outcome);
      if (frame.type == FrameType::kLog) take(decode_log(frame.payload.view()), event.line);
      if (frame.type == FrameType::kLoaded) take(decode_loaded(frame.payload.view()), event.loaded);
      if (frame.type == FrameType::kHello) decoded = decode_hello(frame.payload.view());
      if (!decoded) {
        problem = decoded.error().message;
        break;
      }
      events.push_back(std::move(event));
    }
  }
  std::unique_lock lock(mutex_);
  if (!events.empty()) slot.unanswered = 0;
  for (auto& event : events) {
    if (slot.state != State::kStarting && slot.state != State::kReady) break;
    handle(slot, event);
  }
  if (slot.state == State::kStarting || slot.state == State::kReady) {
    if (!problem.empty()) {
      kill_worker(slot, "sent what makes no sense: " + problem);
    } else if (closed) {
      kill_worker(slot, {});
    }
  }
  run_callbacks(lock);
}

void WorkerPool::handle(WorkerSlot& slot, Event& event) {
  switch (event.type) {
    case FrameType::kHello:
      slot.state = State::kReady;
      start_failures_ = 0;
      return;
    case FrameType::kPong:
      return;
    case FrameType::kLog:
      return handle_log(slot, event);
    case FrameType::kDone:
      return handle_done(slot, event);
    case FrameType::kLoaded: {
      const auto found = loads_.find(event.id);
      if (found != loads_.end() && found->second.first == &slot) {
        if (*event.loaded) slot.loaded.insert((**event.loaded)->cid);
        found->second.second.set_value(std::move(*event.loaded));
        loads_.erase(found);
      }
      return;
    }
    default:
      return kill_worker(slot, "sent a frame only the node sends");
  }
}

void WorkerPool::handle_log(WorkerSlot& slot, Event& event) {
  const auto task = find_in(slot, event.id);
  if (!task) return kill_worker(slot, "logged for a task it does not have");
  if (task->log_lines++ > task->limits.log_lines + kLogSlack)
    return kill_worker(slot, "logged more than the limit");
  if (!task->on_log) return;
  callbacks_.emplace_back(
      [task, line = std::move(*event.line)]() mutable { task->on_log(std::move(line)); });
}

void WorkerPool::handle_done(WorkerSlot& slot, Event& event) {
  const auto task = find_in(slot, event.id);
  if (!task) return kill_worker(slot, "ended a task it does not have");
  if (task->begun != SteadyClock::time_point{}) note_duration(SteadyClock::now() - task->begun);
  remove_from(slot, task);
  slot.did_work = true;
  auto& outcome = *event.outcome;
  if (outcome.value && outcome.value->size() > task->limits.result_bytes) {
    outcome.value =
        core::fail(ErrorCode::kResourceExhausted,
                   "not able to run fn " + task->function + ": its result has " +
                       std::to_string(outcome.value->size()) + " bytes, more than the limit of " +
                       std::to_string(task->limits.result_bytes));
  }
  finish(task, std::move(outcome));
}

void WorkerPool::run_callbacks(std::unique_lock<std::mutex>& lock) {
  while (!callbacks_.empty()) {
    auto callbacks = std::exchange(callbacks_, {});
    lock.unlock();
    for (auto& callback : callbacks) callback();
    callbacks.clear();
    lock.lock();
  }
}

void WorkerPool::shut_down(std::unique_lock<std::mutex>& lock) {
  for (const auto& slot : slots_) {
    if (slot->channel) slot->channel->shut_down();
  }
  const auto until = SteadyClock::now() + std::chrono::milliseconds(kStopMilliseconds);
  for (const auto& slot : slots_) {
    while (slot->process.alive() && !slot->process.try_reap() && SteadyClock::now() < until)
      poll(nullptr, 0, kReapMilliseconds);
    slot->process.end();
    slot->channel.reset();
    slot->state = State::kEmpty;
  }
  auto loads = std::exchange(loads_, {});
  for (auto& [id, load] : loads)
    load.second.set_value(core::fail(ErrorCode::kUnavailable, "the node is stopping"));
  auto tasks = tasks_;
  for (const auto& [id, task] : tasks) {
    finish(task, {core::fail(ErrorCode::kCancelled,
                             "fn " + task->function + " was ended: the node is stopping"),
                  {}});
  }
  queue_.clear();
  for (const auto& slot : slots_) {
    slot->shorts.clear();
    slot->longs.clear();
  }
  run_callbacks(lock);
}

}  // namespace every::wasm::worker
