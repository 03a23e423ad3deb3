#include "worker/guest_threads.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include "every/core/error.h"

namespace every::wasm::worker {

namespace {
// Raising a priority again needs a privilege, so a thread that was lowered is not used again.
constexpr int kLongJobNice = 10;
}  // namespace

struct GuestThreads::Impl {
  using Clock = std::chrono::steady_clock;

  struct Running {
    Clock::time_point since;
    pid_t thread = 0;
    bool is_long = false;
  };

  explicit Impl(Options given) : options(given), watcher([this] { watch(); }) {}

  const Options options;
  std::mutex mutex;
  std::condition_variable wake_workers;
  std::condition_variable wake_watcher;
  std::condition_variable thread_ended;
  std::deque<Job> jobs;
  std::atomic<std::size_t> waiting = 0;      // how many those are
  std::map<std::uint64_t, Running> running;  // by number of the job
  std::uint64_t next_number = 0;
  std::size_t short_running = 0;
  std::size_t threads = 0;
  Receive receive;                 // empty: nobody waits anywhere
  std::thread::id receiver = {};   // who is there
  bool brings = false;             // and has posted something: it comes back at once
  bool unattended = false;         // nobody has been there for too long
  std::vector<std::thread> ended;  // to be joined
  std::map<std::thread::id, std::thread> live;
  bool stopping = false;
  bool watcher_sleeps = true;
  std::thread watcher;

  [[nodiscard]] bool may_start() const {
    return !jobs.empty() && short_running < options.cores && running.size() < options.max_threads;
  }
  [[nodiscard]] bool is_received() const { return receiver != std::thread::id(); }
  [[nodiscard]] bool may_receive() const {
    return receive && !is_received() && !stopping && (short_running < options.cores || unattended);
  }
  [[nodiscard]] bool is_over() const { return stopping && jobs.empty(); }

  // Makes sure a thread takes the next job, or waits for it. Called with the lock held, not by a thread that is among the ended.
  void provide_thread() {
    join_ended();
    wake_or_make_thread();
  }

  // A thread that has no job waits for one or is on its way to do so: more of them would take turns, each with cold caches.
  void wake_or_make_thread() {
    // The one that brings jobs takes the first of them, and looks for others then.
    if (brings) return;
    if (!may_start() && !may_receive()) return;
    const std::size_t away = running.size() + (is_received() ? 1 : 0);
    if (threads > away) {
      wake_workers.notify_one();
      return;
    }
    if (threads >= options.max_threads + (receive ? 1 : 0)) return;
    ++threads;
    std::thread thread([this] { work(); });
    pthread_setname_np(thread.native_handle(), "guest");
    live.emplace(thread.get_id(), std::move(thread));
  }

  void join_ended() {
    for (auto& thread : ended) thread.join();
    ended.clear();
  }

  void work() {
    std::unique_lock lock(mutex);
    for (;;) {
      wake_workers.wait(lock, [&] { return may_start() || may_receive() || is_over(); });
      if (is_over()) break;
      if (may_start()) {
        if (run_next(lock) == Pace::kLong) break;
      } else {
        receive_next(lock);
      }
    }
    --threads;
    const auto self = live.find(std::this_thread::get_id());
    ended.push_back(std::move(self->second));
    live.erase(self);
    wake_or_make_thread();
    thread_ended.notify_all();
  }

  enum class Pace { kShort, kLong };
  Pace run_next(std::unique_lock<std::mutex>& lock) {
    auto job = std::move(jobs.front());
    jobs.pop_front();
    waiting.store(jobs.size(), std::memory_order_relaxed);
    ++short_running;
    const auto number = next_number++;
    running.emplace(number, Running{Clock::now(), gettid(), false});
    if (watcher_sleeps) wake_watcher.notify_one();
    if (is_over()) wake_workers.notify_all();
    provide_thread();
    lock.unlock();
    job();
    job = nullptr;
    lock.lock();
    const bool was_long = running.at(number).is_long;
    running.erase(number);
    if (was_long) return Pace::kLong;
    --short_running;
    unattended = false;
    return Pace::kShort;
  }

  void receive_next(std::unique_lock<std::mutex>& lock) {
    receiver = std::this_thread::get_id();
    lock.unlock();
    const auto received = receive();
    lock.lock();
    receiver = {};
    brings = false;
    if (received == Received::kEnd) receive = nullptr;
  }

  // Turns jobs long when their time has come, and sees to it that somebody receives. Asleep once nothing was started for as long as a job
  // may take: waking it for each job would cost more than most jobs. One that starts in between is looked at in time, since it starts
  // after the wait does.
  void watch() {
    std::unique_lock lock(mutex);
    std::uint64_t looked_at = next_number;
    while (!(stopping && jobs.empty() && threads == 0)) {
      const auto now = Clock::now();
      auto next = now + (receive ? options.receive_after : options.long_after);
      for (auto& [number, job] : running) {
        if (job.is_long) continue;
        if (job.since + options.long_after <= now) {
          job.is_long = true;
          --short_running;
          setpriority(PRIO_PROCESS, static_cast<id_t>(job.thread), kLongJobNice);
        } else {
          next = std::min(next, job.since + options.long_after);
          unattended = unattended || job.since + options.receive_after <= now;
        }
      }
      provide_thread();
      if (std::exchange(looked_at, next_number) == next_number && short_running == 0) {
        watcher_sleeps = true;
        wake_watcher.wait(lock);
        watcher_sleeps = false;
      } else {
        wake_watcher.wait_until(lock, next);
      }
    }
  }
};

GuestThreads::GuestThreads(Options options) : impl_(std::make_unique<Impl>(options)) {
  EVERY_CHECK(options.cores > 0 && options.max_threads >= options.cores);
}

GuestThreads::~GuestThreads() {
  stop();
}

GuestThreads::Posted GuestThreads::post(Job job) {
  const std::lock_guard lock(impl_->mutex);
  if (impl_->stopping) return Posted::kStopped;
  impl_->jobs.push_back(std::move(job));
  impl_->waiting.store(impl_->jobs.size(), std::memory_order_relaxed);
  if (impl_->receiver == std::this_thread::get_id()) impl_->brings = true;
  impl_->provide_thread();
  return Posted::kYes;
}

void GuestThreads::receive_with(Receive receive) {
  const std::lock_guard lock(impl_->mutex);
  EVERY_CHECK(!impl_->receive);
  impl_->receive = std::move(receive);
  impl_->provide_thread();
}

std::size_t GuestThreads::waiting() const {
  return impl_->waiting.load(std::memory_order_relaxed);
}

void GuestThreads::stop() {
  std::unique_lock lock(impl_->mutex);
  impl_->stopping = true;
  impl_->wake_workers.notify_all();
  impl_->thread_ended.wait(lock, [&] { return impl_->threads == 0 && impl_->jobs.empty(); });
  impl_->wake_watcher.notify_all();
  auto watcher = std::exchange(impl_->watcher, {});
  auto ended = std::exchange(impl_->ended, {});
  lock.unlock();
  for (auto& thread : ended) thread.join();
  if (watcher.joinable()) watcher.join();
}

}  // namespace every::wasm::worker
