#include "serving.h"

#include <array>
#include <stop_token>

#include <pthread.h>
#include <unistd.h>

namespace every::cli {
namespace {

constexpr std::array kStopSignals{SIGINT, SIGTERM, SIGHUP};

sigset_t stop_signals() {
  sigset_t set{};
  sigemptyset(&set);
  for (const int number : kStopSignals) sigaddset(&set, number);
  return set;
}

// Means nothing by itself: ends the wait of a thread that blocks it.
constexpr int kWake = SIGURG;

void watch(const std::stop_token& stop) {
  sigset_t wake{};
  sigemptyset(&wake);
  sigaddset(&wake, kWake);
  pthread_sigmask(SIG_BLOCK, &wake, nullptr);
  sigset_t set = stop_signals();
  sigaddset(&set, kWake);
  const std::stop_callback told(stop, [self = ::pthread_self()] { ::pthread_kill(self, kWake); });
  while (!stop.stop_requested()) {
    const int number = sigwaitinfo(&set, nullptr);
    if (number > 0 && number != kWake) ::_exit(128 + number);
  }
}

}  // namespace

StopSignals::StopSignals() : set_(stop_signals()) {
  pthread_sigmask(SIG_BLOCK, &set_, nullptr);
}

void StopSignals::wait() const {
  int number = 0;
  sigwait(&set_, &number);
  pthread_sigmask(SIG_UNBLOCK, &set_, nullptr);
}

EndWhileStarting::EndWhileStarting() : thread_([](const std::stop_token& stop) { watch(stop); }) {}

void stop_this_process() {
  ::kill(::getpid(), SIGTERM);
}

}  // namespace every::cli
