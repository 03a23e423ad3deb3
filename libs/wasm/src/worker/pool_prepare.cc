#include <algorithm>
#include <utility>

#include "worker/compile_process.h"
#include "worker/pool.h"

namespace every::wasm::worker {

using core::ErrorCode;

namespace {
// Reading compiled code takes milliseconds; a worker that takes so long is not asked further.
constexpr auto kLoadTime = std::chrono::seconds(30);
// What a compiler could not do within its limits it cannot do a moment later.
constexpr auto kNotTriedAgainFor = std::chrono::minutes(5);
constexpr std::size_t kMostRemembered = 10'000;
}  // namespace

core::Result<std::shared_ptr<const ComponentInfo>> WorkerPool::prepare(const ipld::Cid& cid,
                                                                       core::BytesView bytes) {
  std::shared_ptr<Preparation> own;
  {
    std::unique_lock lock(mutex_);
    if (stopping_)
      return core::fail(ErrorCode::kUnavailable,
                        "cannot prepare component " + cid.render() + ": the node is stopping");
    if (const auto found = prepared_.find(cid); found != prepared_.end()) return found->second.info;
    if (const auto found = preparing_.find(cid); found != preparing_.end()) {
      const auto other = found->second;
      ++preparations_running_;
      other->ended.wait(lock, [&] { return other->result.has_value(); });
      if (--preparations_running_ == 0) preparations_changed_.notify_all();
      return *other->result;
    }
    own = std::make_shared<Preparation>();
    preparing_.emplace(cid, own);
    ++preparations_running_;
  }
  auto result = prepare_now(cid, bytes);
  const std::lock_guard lock(mutex_);
  own->result = result;
  own->ended.notify_all();
  preparing_.erase(cid);
  if (--preparations_running_ == 0) preparations_changed_.notify_all();
  return result;
}

core::Result<std::shared_ptr<const ComponentInfo>> WorkerPool::prepare_known(const ipld::Cid& cid) {
  if (options_.code_cache.empty()) return Executor::prepare_known(cid);
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = prepared_.find(cid); found != prepared_.end()) return found->second.info;
    ++preparations_running_;
  }
  auto loaded = prepare_from_cache(cid);
  const std::lock_guard lock(mutex_);
  if (--preparations_running_ == 0) preparations_changed_.notify_all();
  return loaded;
}

WorkerPool::InfoResult WorkerPool::prepare_from_cache(const ipld::Cid& cid) {
  EVERY_TRY_ASSIGN(auto info, load_from_cache(cid));
  const std::lock_guard lock(mutex_);
  prepared_.insert_or_assign(cid, Prepared{info, Payload(encode(Load{cid, Source::kCache, {}}))});
  return info;
}

WorkerPool::InfoResult WorkerPool::prepare_now(const ipld::Cid& cid, core::BytesView bytes) {
  const bool has_cache = !options_.code_cache.empty();
  if (has_cache) {
    if (auto cached = prepare_from_cache(cid)) return cached;
  }
  EVERY_TRY_ASSIGN(auto with_bytes, Payload::make(encode(Load{cid, Source::kBytes, bytes})));
  EVERY_TRY_ASSIGN(auto info, compile(cid, with_bytes));
  if (has_cache) {
    if (auto cached = prepare_from_cache(cid)) return cached;
  }
  const std::lock_guard lock(mutex_);
  prepared_.insert_or_assign(cid, Prepared{info, std::move(with_bytes)});
  return info;
}

// Compilers take turns, and one that reached its limits is not tried again at once: whoever asks a hundred times for what takes for
// ever would keep everybody else's components waiting.
WorkerPool::InfoResult WorkerPool::compile(const ipld::Cid& cid, const Payload& load) {
  {
    std::unique_lock lock(mutex_);
    compiler_free_.wait(lock, [&] { return stopping_ || compiling_ < options_.compilers; });
    if (stopping_)
      return core::fail(ErrorCode::kUnavailable,
                        "cannot compile component " + cid.render() + ": the node is stopping");
    const auto failed = beyond_limits_.find(cid);
    if (failed != beyond_limits_.end() && SteadyClock::now() < failed->second.second)
      return core::fail(failed->second.first);
    ++compiling_;
  }
  auto info = prepare_in_own_process(options_, cid, load, stop_preparations_.token());
  const std::lock_guard lock(mutex_);
  --compiling_;
  compiler_free_.notify_all();
  const bool by_limit = !info && (info.error().code == ErrorCode::kTimeout ||
                                  info.error().code == ErrorCode::kResourceExhausted);
  if (by_limit) {
    if (beyond_limits_.size() >= kMostRemembered) beyond_limits_.clear();
    beyond_limits_.insert_or_assign(
        cid, std::pair(info.error(), SteadyClock::now() + kNotTriedAgainFor));
  }
  return info;
}

WorkerPool::InfoResult WorkerPool::load_from_cache(const ipld::Cid& cid) {
  std::future<InfoResult> answer;
  {
    const std::lock_guard lock(mutex_);
    WorkerSlot* best = nullptr;
    for (const auto& slot : slots_) {
      const bool usable =
          slot->state == WorkerSlot::State::kReady || slot->state == WorkerSlot::State::kStarting;
      if (usable && (best == nullptr || slot->shorts.size() + slot->longs.size() <
                                            best->shorts.size() + best->longs.size())) {
        best = slot.get();
      }
    }
    if (best == nullptr || stopping_)
      return core::fail(ErrorCode::kUnavailable, "no worker is there");
    const auto id = next_id_++;
    auto& [slot, promise] = loads_[id];
    slot = best;
    answer = promise.get_future();
    best->outbox.push_back({FrameType::kLoad, id, Payload(encode(Load{cid, Source::kCache, {}}))});
    flush(*best);
    if (!ticking_) wake();
  }
  if (answer.wait_for(kLoadTime) != std::future_status::ready) {
    return core::fail(ErrorCode::kTimeout, "a worker did not load component " + cid.render());
  }
  auto loaded = answer.get();
  if (loaded && (*loaded)->cid != cid)
    return core::fail(ErrorCode::kInternal, "a worker answered about another component");
  return loaded;
}

}  // namespace every::wasm::worker
