#include "alarms.h"

#include <utility>

namespace every::gateway {

void Alarms::after(std::chrono::milliseconds delay, std::move_only_function<void()> job) {
  auto state = state_.lock();
  if (state->stopped) return;
  state->jobs.emplace(std::chrono::steady_clock::now() + delay, std::move(job));
  if (!state->thread.joinable()) state->thread = std::thread([this] { run(); });
  changed_.notify_one();
}

void Alarms::stop() {
  Jobs dropped;  // outside the lock: what they hold may be the last of its kind
  std::thread thread;
  {
    auto state = state_.lock();
    state->stopped = true;
    dropped.swap(state->jobs);
    thread.swap(state->thread);
    changed_.notify_one();
  }
  if (thread.joinable()) thread.join();
}

void Alarms::run() {
  for (;;) {
    std::move_only_function<void()> job;
    {
      auto state = state_.lock();
      if (state->jobs.empty()) {
        state.wait(changed_, [](const State& s) { return s.stopped || !s.jobs.empty(); });
      }
      if (state->stopped) return;
      const auto due = state->jobs.begin()->first;
      // Something earlier may come meanwhile.
      std::ignore = state.wait_until(changed_, due, [due](const State& s) {
        return s.stopped || s.jobs.empty() || s.jobs.begin()->first < due;
      });
      if (state->stopped) return;
      if (state->jobs.empty() || state->jobs.begin()->first > std::chrono::steady_clock::now())
        continue;
      job = std::move(state->jobs.extract(state->jobs.begin()).mapped());
    }
    job();
  }
}

}  // namespace every::gateway
