#include <algorithm>
#include <utility>

#include "worker/pool.h"

namespace every::wasm::worker {

namespace {
// Tasks sent to a worker beyond those it can run: enough that it never waits for the node, few enough that they do not wait for
// one long neighbour while another worker is idle. While tasks are short more go in one message, since a message costs more than they do.
constexpr std::size_t kAhead = 2;
constexpr std::size_t kAheadWhileShort = 8;
constexpr std::chrono::microseconds kShortTask{500};
}  // namespace

std::size_t WorkerPool::ahead() const {
  return typical_.load(std::memory_order_relaxed) < kShortTask ? kAheadWhileShort : kAhead;
}

// A long one counts at once, short ones in time.
void WorkerPool::note_duration(SteadyClock::duration took) {
  const auto before = typical_.load(std::memory_order_relaxed);
  typical_.store(took > before ? took : before - (before - took) / 8, std::memory_order_relaxed);
}

void WorkerPool::dispatch() {
  while (!queue_.empty()) {
    auto* slot = choose(*queue_.front());
    if (slot == nullptr) break;
    auto task = std::move(queue_.front());
    queue_.pop_front();
    send_task(*slot, task);
  }
  for (const auto& slot : slots_) flush(*slot);
}

WorkerSlot* WorkerPool::choose(const PoolTask& task) {
  WorkerSlot* best = nullptr;
  for (const auto& slot : slots_) {
    if (slot->state != WorkerSlot::State::kReady || slot->socket_full) continue;
    if (slot->shorts.size() >= options_.threads + ahead()) continue;
    if (slot->shorts.size() + slot->longs.size() >= options_.max_threads) continue;
    // What was in a worker that died runs without new company until it has shown that it was not the cause.
    const bool suspect_there = std::any_of(slot->shorts.begin(), slot->shorts.end(),
                                           [](const auto& other) { return other->retries > 0; });
    if (suspect_there || (task.retries > 0 && !slot->shorts.empty())) continue;
    const auto load = [](const WorkerSlot& one) {
      return std::pair(one.shorts.size(), one.longs.size());
    };
    if (best == nullptr || load(*slot) < load(*best)) best = slot.get();
  }
  return best;
}

void WorkerPool::send_task(WorkerSlot& slot, const TaskPtr& task) {
  if (slot.loaded.insert(task->component).second) {
    slot.outbox.push_back({FrameType::kLoad, 0, prepared_.at(task->component).load});
  }
  slot.outbox.push_back({FrameType::kStart, task->id, task->payload});
  slot.shorts.push_back(task);
  const auto now = SteadyClock::now();
  if (slot.shorts.size() + slot.longs.size() == 1) {
    slot.unanswered = 0;
    slot.next_ping = now + options_.stuck_after / 4;
  }
  begin_first(slot, now);
}

void WorkerPool::begin_first(WorkerSlot& slot, SteadyClock::time_point now) {
  for (std::size_t i = 0; i < std::min(options_.threads, slot.shorts.size()); ++i) {
    if (slot.shorts[i]->begun == SteadyClock::time_point{}) slot.shorts[i]->begun = now;
  }
}

void WorkerPool::flush(WorkerSlot& slot) {
  using State = WorkerSlot::State;
  if ((slot.state != State::kReady && slot.state != State::kStarting) || slot.socket_full) return;
  while (!slot.outbox.empty()) {
    Packet packet;
    std::size_t frames = 0;
    while (frames < slot.outbox.size() && append(packet, slot.outbox[frames]) == Fits::kYes)
      ++frames;
    const auto sent = slot.channel->send(packet, Channel::Wait::kNo);
    if (!sent) return;  // gone; the loop sees the end of the channel
    if (*sent == Channel::Sent::kFull) {
      slot.socket_full = true;
      return wake();
    }
    slot.outbox.erase(slot.outbox.begin(),
                      slot.outbox.begin() + static_cast<std::ptrdiff_t>(frames));
  }
}

void WorkerPool::finish(const TaskPtr& task, TaskOutcome outcome) {
  if (std::exchange(task->done, true)) return;
  tasks_.erase(task->id);
  callbacks_.emplace_back(
      [task, outcome = std::move(outcome)]() mutable { task->on_done(std::move(outcome)); });
}

void WorkerPool::remove_from(WorkerSlot& slot, const TaskPtr& task) {
  std::erase(slot.shorts, task);
  std::erase(slot.longs, task);
  begin_first(slot, SteadyClock::now());
}

TaskPtr WorkerPool::find_in(const WorkerSlot& slot, TaskId id) const {
  const auto is_it = [&](const auto& task) { return task->id == id; };
  if (const auto found = std::find_if(slot.shorts.begin(), slot.shorts.end(), is_it);
      found != slot.shorts.end())
    return *found;
  if (const auto found = std::find_if(slot.longs.begin(), slot.longs.end(), is_it);
      found != slot.longs.end())
    return *found;
  return nullptr;
}

}  // namespace every::wasm::worker
