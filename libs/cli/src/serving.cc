#include "serving.h"

#include <array>
#include <stop_token>

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

void watch(const std::stop_token& stop) {
  const sigset_t set = stop_signals();
  constexpr timespec kLook{.tv_sec = 0, .tv_nsec = 50'000'000};
  while (!stop.stop_requested()) {
    if (const int number = sigtimedwait(&set, nullptr, &kLook); number > 0) ::_exit(128 + number);
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
