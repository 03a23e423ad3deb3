#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <thread>

#include "every/core/guarded.h"

namespace every::gateway {

/// Jobs that are done after a while, on one thread: short ones, which post what takes longer. The thread starts with the first. thread: any.
class Alarms {
 public:
  Alarms() = default;
  ~Alarms() { stop(); }
  Alarms(const Alarms&) = delete;
  Alarms& operator=(const Alarms&) = delete;

  /// After stop() the job is dropped.
  void after(std::chrono::milliseconds delay, std::move_only_function<void()> job);
  /// Drops what is left.
  void stop();

 private:
  using Jobs =
      std::multimap<std::chrono::steady_clock::time_point, std::move_only_function<void()>>;
  struct State {
    bool stopped = false;
    Jobs jobs;
    std::thread thread;
  };
  void run();

  core::Guarded<State> state_;
  std::condition_variable changed_;
};

}  // namespace every::gateway
