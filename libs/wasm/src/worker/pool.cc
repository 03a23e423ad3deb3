#include "worker/pool.h"

#include <algorithm>
#include <utility>

#include <sys/eventfd.h>
#include <unistd.h>

#include "every/core/file.h"
#include "every/core/thread_pool.h"

namespace every::wasm {

core::Result<std::unique_ptr<Executor>> make_worker_pool(WorkerPoolOptions options) {
  if (options.command.empty())
    return core::fail(core::ErrorCode::kInvalidArgument,
                      "no command for worker processes was given");
  if (options.workers == 0) options.workers = core::usable_cores();
  options.threads = std::max<std::size_t>(options.threads, 1);
  constexpr std::uint64_t kCompileBytes = std::uint64_t{4} << 30;
  if (options.compile_bytes == 0)
    options.compile_bytes = std::min(kCompileBytes, core::usable_memory() / 4);
  options.compilers = std::max<std::size_t>(options.compilers, 1);
  if (options.guest_bytes == 0) options.guest_bytes = core::usable_memory() / 2;
  options.max_threads = std::max(options.max_threads, options.threads + 1);
  if (!options.code_cache.empty()) {
    // Workers cannot make it, and code that others may have written must not be run.
    if (const auto status = core::ensure_private_directory(options.code_cache); !status) {
      if (options.logger != nullptr)
        options.logger->warn("worker", "cache",
                             "compiled code is not kept: " + status.error().message);
      options.code_cache.clear();
    }
  }
  auto pool = std::make_unique<worker::WorkerPool>(std::move(options));
  EVERY_TRY(pool->open());
  return pool;
}

namespace worker {

using core::ErrorCode;

WorkerPool::WorkerPool(WorkerPoolOptions options)
    : options_(std::move(options)), wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  for (std::size_t i = 0; i < options_.workers; ++i) {
    slots_.push_back(std::make_unique<WorkerSlot>());
    slots_.back()->index = i;
  }
}

WorkerPool::~WorkerPool() {
  stop();
}

core::Status WorkerPool::open() {
  if (!wake_fd_.valid())
    return core::fail(ErrorCode::kIo, "cannot make an event descriptor for the workers");
  std::promise<core::Status> opened;
  auto result = opened.get_future();
  thread_ = std::thread([this, &opened] { loop(opened); });
  pthread_setname_np(thread_.native_handle(), "workers");
  return result.get();
}

std::shared_ptr<const ComponentInfo> WorkerPool::find_prepared(const ipld::Cid& cid) const {
  const std::lock_guard lock(mutex_);
  const auto found = prepared_.find(cid);
  return found == prepared_.end() ? nullptr : found->second.info;
}

std::size_t WorkerPool::concurrency() const {
  return options_.workers * options_.threads;
}

std::size_t WorkerPool::appetite() const {
  return options_.workers * (options_.threads + ahead());
}

Executor::TaskId WorkerPool::start(TaskSpec spec, OnLog on_log, OnDone on_done) {
  auto encoded = encode(spec);
  core::Result<Payload> payload =
      encoded ? Payload::make(std::move(*encoded)) : core::fail(std::move(encoded).error());
  auto task = std::make_shared<PoolTask>(PoolTask{0,
                                                  std::move(spec.component),
                                                  std::move(spec.function),
                                                  spec.limits,
                                                  {},
                                                  std::move(on_log),
                                                  std::move(on_done),
                                                  {},
                                                  {},
                                                  0,
                                                  0,
                                                  0,
                                                  false,
                                                  false});
  std::unique_lock lock(mutex_);
  task->id = next_id_++;
  if (stopping_) {
    lock.unlock();
    task->on_done({core::fail(ErrorCode::kUnavailable,
                              "not able to run fn " + task->function + ": the node is stopping"),
                   {}});
    return task->id;
  }
  tasks_.emplace(task->id, task);
  if (!payload) {
    finish(task, {core::fail(std::move(payload).error()), {}});
    wake();
  } else if (!prepared_.contains(task->component)) {
    finish(task, {core::fail(ErrorCode::kNotFound, "not able to run fn " + task->function +
                                                       ": component " + task->component.render() +
                                                       " is not prepared"),
                  {}});
    wake();
  } else {
    task->payload = std::move(*payload);
    queue_.push_back(task);
    if (hopeless()) {
      fail_all_queued();
      wake();
    } else if (std::this_thread::get_id() != loop_id_.load()) {
      // On the loop's own thread many may be started by one callback; they are sent together, when it is back in the loop.
      dispatch();
      if (!ticking_) wake();
    }
  }
  return task->id;
}

void WorkerPool::cancel(TaskId id) {
  const std::lock_guard lock(mutex_);
  const auto found = tasks_.find(id);
  if (found == tasks_.end() || found->second->cancelled) return;
  const auto task = found->second;
  task->cancelled = true;
  if (std::erase(queue_, task) > 0) {
    finish(task, {core::fail(ErrorCode::kCancelled,
                             "fn " + task->function + " was cancelled before it ran"),
                  {}});
    return wake();
  }
  for (const auto& slot : slots_) {
    if (slot->state != WorkerSlot::State::kReady || !find_in(*slot, id)) continue;
    const auto until = SteadyClock::now() + options_.grace;
    task->must_end = task->must_end ? std::min(*task->must_end, until) : until;
    slot->outbox.push_back({FrameType::kCancel, id, {}});
    flush(*slot);
  }
}

void WorkerPool::stop() {
  const std::lock_guard once(stop_mutex_);
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_preparations_.cancel();
  compiler_free_.notify_all();
  wake();
  if (thread_.joinable()) thread_.join();
  std::unique_lock lock(mutex_);
  preparations_changed_.wait(lock, [&] { return preparations_running_ == 0; });
}

void WorkerPool::wake() {
  const std::uint64_t one = 1;
  // Full means that a wake-up is under way already.
  [[maybe_unused]] const auto written = write(wake_fd_.get(), &one, sizeof one);
}

}  // namespace worker
}  // namespace every::wasm
