#include "every/core/thread_pool.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <fstream>
#include <mutex>
#include <thread>
#include <vector>

#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include "every/core/error.h"

namespace every::core {

struct ThreadPool::Impl {
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<std::move_only_function<void()>> jobs;
  bool stopping = false;
  std::vector<std::thread> threads;
  std::size_t size = 0;

  void work() {
    for (;;) {
      std::move_only_function<void()> job;
      {
        std::unique_lock lock(mutex);
        wake.wait(lock, [&] { return stopping || !jobs.empty(); });
        if (jobs.empty()) return;
        job = std::move(jobs.front());
        jobs.pop_front();
      }
      job();
    }
  }
};

ThreadPool::ThreadPool(std::string name, std::size_t threads) : impl_(std::make_unique<Impl>()) {
  EVERY_CHECK(threads > 0);
  name.resize(std::min<std::size_t>(name.size(), 15));
  impl_->size = threads;
  for (std::size_t i = 0; i < threads; ++i) {
    impl_->threads.emplace_back([impl = impl_.get()] { impl->work(); });
    pthread_setname_np(impl_->threads.back().native_handle(), name.c_str());
  }
}

ThreadPool::~ThreadPool() {
  stop();
}

ThreadPool::Posted ThreadPool::post(std::move_only_function<void()> job) {
  {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->stopping) return Posted::kStopped;
    impl_->jobs.push_back(std::move(job));
  }
  impl_->wake.notify_one();
  return Posted::kYes;
}

void ThreadPool::stop() {
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
    threads.swap(impl_->threads);
  }
  impl_->wake.notify_all();
  for (auto& thread : threads) thread.join();
}

std::size_t ThreadPool::size() const {
  return impl_->size;
}

std::size_t usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0) {
    return std::max<std::size_t>(1, static_cast<std::size_t>(CPU_COUNT(&set)));
  }
  return std::max<std::size_t>(1, std::thread::hardware_concurrency());
}

std::uint64_t usable_memory() {
  std::uint64_t bytes = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
                        static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  // Version 2 as a container sees its own; version 1.
  for (const char* file :
       {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    std::uint64_t limit = 0;
    if (std::ifstream(file) >> limit && limit > 0) bytes = std::min(bytes, limit);
  }
  return bytes;
}

}  // namespace every::core
