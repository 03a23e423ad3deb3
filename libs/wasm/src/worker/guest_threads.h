#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

#include "every/wasm/worker_pool.h"

namespace every::wasm::worker {

/// Threads that run guests, few at a time, without letting endless ones stop the rest.
///
/// At most `cores` short jobs run at once. A job that runs longer than `long_after` no longer counts against the cores: its thread
/// gets a lower priority (for good: the thread ends with the job) and the next job starts on another thread, up to `max_threads`
/// in all. Jobs start in order of posting and never throw. thread: any.
///
/// Where jobs come from one place, the threads can wait there themselves (receive_with): whoever brought a job runs it, and no thread has to wake
/// another for a small one. Nobody waits there while all cores have jobs, until one of those has run for `receive_after`.
class GuestThreads {
 public:
  struct Options {
    std::size_t cores = 1;
    std::size_t max_threads = 32;
    std::chrono::nanoseconds long_after = std::chrono::milliseconds(50);
    std::chrono::nanoseconds receive_after = std::chrono::milliseconds(5);
  };
  using Job = std::move_only_function<void()>;
  /// Waits for something to do, posts it and returns; kEnd: nothing comes any more.
  using Receive = std::move_only_function<Received()>;

  explicit GuestThreads(Options options);
  ~GuestThreads();
  GuestThreads(const GuestThreads&) = delete;
  GuestThreads& operator=(const GuestThreads&) = delete;

  enum class Posted { kYes, kStopped };
  /// Queues a job. cost: one lock; never blocks on a job.
  Posted post(Job job);
  /// From now on one idle thread at a time is in `receive`; one thread more than `max_threads` may be there for that. Once, at most.
  void receive_with(Receive receive);
  /// Jobs that wait for a thread. cost: no lock
  [[nodiscard]] std::size_t waiting() const;
  /// Lets what was posted finish, then joins. Whoever needs it sooner cancels the jobs, and ends a `receive` that waits.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace every::wasm::worker
