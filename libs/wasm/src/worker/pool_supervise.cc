#include <algorithm>
#include <utility>

#include "worker/pool.h"

namespace every::wasm::worker {

using core::ErrorCode;
using State = WorkerSlot::State;

namespace {

constexpr auto kStartTime = std::chrono::seconds(30);
constexpr auto kFirstPause = std::chrono::milliseconds(50);
constexpr auto kLongestPause = std::chrono::seconds(5);
constexpr int kHopelessAfter = 5;
constexpr int kMaxMoves = 10;
// Pings of a stretch of `stuck_after`; counted, not timed, so that a node that was itself stopped blames nobody.
constexpr int kPings = 4;

std::chrono::nanoseconds pause_after(int failures) {
  if (failures == 0) return std::chrono::nanoseconds(0);
  return std::min<std::chrono::nanoseconds>(
      kLongestPause, kFirstPause * (std::int64_t{1} << std::min(failures - 1, 10)));
}

/// A time limit may be "forever"; the sum must not overflow.
SteadyClock::time_point later(SteadyClock::time_point now, std::chrono::nanoseconds by) {
  return now + std::min<std::chrono::nanoseconds>(by, std::chrono::hours(24 * 365));
}

}  // namespace

void WorkerPool::tick(SteadyClock::time_point now) {
  for (const auto& slot : slots_) {
    if (slot->state == State::kEmpty && !stopping_ && now >= slot->not_before)
      start_worker(*slot, now);
    if (slot->state == State::kStarting && now - slot->since > kStartTime)
      kill_worker(*slot, "did not answer after its start");
    if (slot->state == State::kReady) tick_worker(*slot, now);
    if (slot->state == State::kDying) reap(*slot, now);
  }
  if (hopeless()) fail_all_queued();
}

void WorkerPool::tick_worker(WorkerSlot& slot, SteadyClock::time_point now) {
  for (std::size_t i = 0; i < std::min(options_.threads, slot.shorts.size());) {
    const auto task = slot.shorts[i];
    if (now - task->begun < options_.long_after) {
      ++i;
      continue;
    }
    slot.shorts.erase(slot.shorts.begin() + static_cast<std::ptrdiff_t>(i));
    slot.longs.push_back(task);
    const auto until = later(later(now, task->limits.time), options_.grace);
    task->must_end = task->must_end ? std::min(*task->must_end, until) : until;
    begin_first(slot, now);
  }
  for (const auto& task : slot.longs) {
    if (!task->must_end || now < *task->must_end) continue;
    auto error =
        task->cancelled
            ? core::Error{ErrorCode::kCancelled,
                          "fn " + task->function +
                              " was cancelled and did not end; its worker process was ended",
                          {}}
            : core::Error{ErrorCode::kTimeout,
                          "not able to run fn " + task->function +
                              ": it did not end at its time limit; its worker process was ended",
                          {}};
    return kill_for(slot, task, std::move(error));
  }
  const bool busy = !slot.shorts.empty() || !slot.longs.empty();
  if (!busy || now < slot.next_ping) return;
  slot.next_ping = now + options_.stuck_after / kPings;
  if (slot.unanswered++ >= kPings) return kill_worker(slot, "did not answer any more");
  slot.outbox.push_back({FrameType::kPing, 0, {}});
  flush(slot);
}

void WorkerPool::start_worker(WorkerSlot& slot, SteadyClock::time_point now) {
  auto spawned = spawn_worker(options_.command);
  if (!spawned) {
    start_failure_ = spawned.error().message;
    ++start_failures_;
    slot.not_before = now + pause_after(++slot.failures);
    return;
  }
  const auto failures = slot.failures;
  const auto index = slot.index;
  slot = WorkerSlot{};
  slot.index = index;
  slot.failures = failures;
  slot.state = State::kStarting;
  slot.since = now;
  slot.process = std::move(spawned->process);
  slot.channel.emplace(std::move(spawned->channel));
  Welcome welcome;
  welcome.settings = {WorkerRole::kRun,
                      options_.threads,
                      options_.max_threads,
                      options_.code_cache,
                      0,
                      options_.guest_bytes / options_.workers,
                      0};
  slot.outbox.push_back({FrameType::kWelcome, 0, Payload(encode(welcome))});
  flush(slot);
}

void WorkerPool::kill_worker(WorkerSlot& slot, std::string why) {
  slot.process.kill();
  slot.death = std::move(why);
  if (slot.state == State::kStarting) {
    ++start_failures_;
    start_failure_ = "worker processes (" + options_.command.front() + ") end before they begin";
  }
  slot.state = State::kDying;
  slot.channel->close();
  slot.channel.reset();
  slot.outbox.clear();
  slot.socket_full = false;
}

void WorkerPool::kill_for(WorkerSlot& slot, const TaskPtr& culprit, core::Error error) {
  slot.culprit = culprit;
  slot.culprit_error = std::move(error);
  kill_worker(slot, "was ended because of fn " + culprit->function);
}

void WorkerPool::reap(WorkerSlot& slot, SteadyClock::time_point now) {
  const auto pid = slot.process.pid();
  auto end = slot.process.try_reap();
  if (!end) return;
  if (!slot.death.empty()) end = slot.death;
  slot.failures = slot.did_work || slot.culprit ? 0 : slot.failures + 1;
  const auto pause = pause_after(slot.failures);
  slot.state = State::kEmpty;
  slot.not_before = now + pause;
  if (options_.logger != nullptr) {
    options_.logger->warn(
        "worker", "process", "worker process lost (" + *end + "), another takes its place",
        {{"pid", std::to_string(pid)},
         {"tasks", std::to_string(slot.shorts.size() + slot.longs.size())},
         {"pause_ms",
          std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(pause).count())}});
  }
  for (auto load = loads_.begin(); load != loads_.end();) {
    if (load->second.first != &slot) {
      ++load;
      continue;
    }
    load->second.second.set_value(
        core::fail(ErrorCode::kUnavailable, "the worker process was lost (" + *end + ")"));
    load = loads_.erase(load);
  }
  settle_tasks(slot, *end);
}

void WorkerPool::settle_tasks(WorkerSlot& slot, const std::string& end) {
  auto left = std::exchange(slot.longs, {});
  left.insert(left.end(), slot.shorts.begin(), slot.shorts.end());
  slot.shorts.clear();
  const auto company = left.size();
  auto blamed = std::exchange(slot.culprit, nullptr);
  if (blamed) {
    finish(blamed, {core::fail(slot.culprit_error), {}});
  } else {
    // Who began last is the likeliest cause. Those that had not begun have no time at all.
    const auto latest = std::max_element(
        left.begin(), left.end(), [](const auto& a, const auto& b) { return a->begun < b->begun; });
    if (latest != left.end()) blamed = *latest;
    if (blamed) retry_or_fail(blamed, end, company);
  }
  // In the order of their coming they are first in line again.
  std::sort(left.begin(), left.end(), [](const auto& a, const auto& b) { return a->id > b->id; });
  for (const auto& task : left) {
    task->begun = {};
    task->must_end.reset();
    task->log_lines = 0;
    if (task != blamed) move_or_fail(task, end);
  }
}

void WorkerPool::retry_or_fail(const TaskPtr& task, const std::string& end, std::size_t company) {
  if (task->cancelled)
    return finish(
        task, {core::fail(ErrorCode::kCancelled, "fn " + task->function + " was cancelled"), {}});
  // With company it may have been done already, or a neighbour's doing; one more try, beside nothing new, tells.
  if (company == 1 || task->retries > 0) {
    return finish(
        task, {core::fail(ErrorCode::kGuestTrap, "not able to run fn " + task->function +
                                                     ": the worker process running fn " +
                                                     task->function + " was lost (" + end + ")"),
               {}});
  }
  ++task->retries;
  queue_.push_front(task);
}

void WorkerPool::move_or_fail(const TaskPtr& task, const std::string& end) {
  if (task->cancelled)
    return finish(
        task, {core::fail(ErrorCode::kCancelled, "fn " + task->function + " was cancelled"), {}});
  // One that goes from lost worker to lost worker may be the cause after all.
  if (++task->moves > kMaxMoves) {
    return finish(task,
                  {core::fail(ErrorCode::kUnavailable, "not able to run fn " + task->function +
                                                           ": its worker process was lost (" + end +
                                                           "), as were those before; try again"),
                   {}});
  }
  queue_.push_front(task);
}

bool WorkerPool::hopeless() const {
  return start_failures_ >= kHopelessAfter &&
         std::none_of(slots_.begin(), slots_.end(),
                      [](const auto& slot) { return slot->state == State::kReady; });
}

void WorkerPool::fail_all_queued() {
  for (const auto& task : std::exchange(queue_, {})) {
    finish(task, {core::fail(ErrorCode::kUnavailable,
                             "not able to run fn " + task->function + ": " + start_failure_),
                  {}});
  }
}

}  // namespace every::wasm::worker
