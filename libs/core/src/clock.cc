#include "every/core/clock.h"

#include <array>
#include <cstdio>
#include <ctime>

namespace every::core {

WallNanos SystemClock::wall() const {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

SteadyTime SystemClock::steady() const {
  return std::chrono::steady_clock::now();
}

std::string render_timestamp(WallNanos time) {
  constexpr WallNanos kSecond = 1'000'000'000;
  WallNanos seconds = time / kSecond;
  WallNanos nanos = time % kSecond;
  if (nanos < 0) {
    nanos += kSecond;
    --seconds;
  }
  const std::time_t whole = static_cast<std::time_t>(seconds);
  std::tm parts{};
  gmtime_r(&whole, &parts);
  std::array<char, 96> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%09lldZ",
                parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
                parts.tm_sec, static_cast<long long>(nanos));
  return buffer.data();
}

}  // namespace every::core
