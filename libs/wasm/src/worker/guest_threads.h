#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

namespace every::wasm::worker {

/// Threads that run guests, few at a time, without letting endless ones stop the rest.
///
/// At most `cores` short jobs run at once. A job that runs longer than `long_after` no longer counts against the cores: its thread
/// gets a lower priority (for good: the thread ends with the job) and the next job starts on another thread, up to `max_threads`
/// in all. Jobs start in order of posting and never throw. thread: any.
class GuestThreads {
 public:
  struct Options {
    std::size_t cores = 1;
    std::size_t max_threads = 32;
    std::chrono::nanoseconds long_after = std::chrono::milliseconds(50);
  };
  using Job = std::move_only_function<void()>;

  explicit GuestThreads(Options options);
  ~GuestThreads();
  GuestThreads(const GuestThreads&) = delete;
  GuestThreads& operator=(const GuestThreads&) = delete;

  enum class Posted { kYes, kStopped };
  /// Queues a job. cost: one lock; never blocks on a job.
  Posted post(Job job);
  /// Lets what was posted finish, then joins. Whoever needs it sooner cancels the jobs.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace every::wasm::worker
