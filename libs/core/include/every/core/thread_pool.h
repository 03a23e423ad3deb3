#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace every::core {

/// A fixed number of threads that run posted jobs in order of posting.
///
/// Jobs never throw. `stop` (and the destructor) lets the jobs already posted finish, then joins; a job posted after that
/// is refused. thread: any.
class ThreadPool {
 public:
  /// in: name   at most 15 bytes, shown by the operating system; threads ≥ 1
  ThreadPool(std::string name, std::size_t threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  enum class Posted { kYes, kStopped };
  /// Queues a job. cost: one lock; never blocks.
  Posted post(std::move_only_function<void()> job);
  void stop();
  [[nodiscard]] std::size_t size() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The number of cores this process may use (affinity and cgroup respected where the kernel tells), at least 1.
[[nodiscard]] std::size_t usable_cores();
/// Bytes of memory this process may use: what the machine has, or the limit of its cgroup where that is less.
[[nodiscard]] std::uint64_t usable_memory();

}  // namespace every::core
