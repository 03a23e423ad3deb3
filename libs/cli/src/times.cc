#include "times.h"

#include <array>
#include <cstdint>
#include <cstdio>
#include <utility>

namespace every::cli {
namespace {

using std::chrono::nanoseconds;

constexpr std::int64_t kSecond = 1'000'000'000;

/// The digits of `text` as a number; −1 when there is anything else.
std::int64_t digits(std::string_view text) {
  std::int64_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return -1;
    number = 10 * number + (c - '0');
  }
  return text.empty() ? -1 : number;
}

/// A number of `unit`s with two digits behind the point below 10, one below 100.
std::string in_units(std::int64_t count, std::int64_t unit, const char* name) {
  const double number = static_cast<double>(count) / static_cast<double>(unit);
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), number < 10 ? "%.2f" : (number < 100 ? "%.1f" : "%.0f"),
                number);
  std::string out = text.data();
  // 2.00 s says no more than 2 s.
  if (out.find('.') != std::string::npos) {
    while (out.back() == '0') out.pop_back();
    if (out.back() == '.') out.pop_back();
  }
  return out + " " + name;
}

std::string two(std::int64_t larger, const char* large, std::int64_t smaller, const char* small) {
  return std::to_string(larger) + large + (smaller < 10 ? " 0" : " ") + std::to_string(smaller) +
         small;
}

}  // namespace

core::WallNanos parse_timestamp(std::string_view text) {
  // 2026-01-31T12:00:00.123456789Z
  constexpr std::string_view kForm = "0000-00-00T00:00:00";
  if (text.size() < kForm.size() + 1 || text.back() != 'Z') return 0;
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    const bool fits = kForm[i] == '0' ? text[i] >= '0' && text[i] <= '9' : text[i] == kForm[i];
    if (!fits) return 0;
  }
  const auto part = [&](std::size_t at, std::size_t length) {
    return digits(text.substr(at, length));
  };
  const std::chrono::year_month_day day{std::chrono::year(static_cast<int>(part(0, 4))),
                                        std::chrono::month(static_cast<unsigned>(part(5, 2))),
                                        std::chrono::day(static_cast<unsigned>(part(8, 2)))};
  if (!day.ok()) return 0;
  const auto days = std::chrono::sys_days(day).time_since_epoch().count();
  const std::int64_t seconds =
      std::int64_t{days} * 86'400 + part(11, 2) * 3600 + part(14, 2) * 60 + part(17, 2);
  std::int64_t fraction = 0;
  std::string_view rest = text.substr(kForm.size());
  rest.remove_suffix(1);
  if (!rest.empty()) {
    if (rest.front() != '.' || rest.size() > 10) return 0;
    rest.remove_prefix(1);
    fraction = digits(rest);
    if (fraction < 0) return 0;
    for (std::size_t i = rest.size(); i < 9; ++i) fraction *= 10;
  }
  return seconds * kSecond + fraction;
}

std::string duration_text(nanoseconds duration) {
  const std::int64_t count = duration.count() < 0 ? 0 : duration.count();
  // What would be rounded up to a thousand of one unit is one of the next.
  if (count < 1000) return std::to_string(count) + " ns";
  if (count < 999'500) return in_units(count, 1000, "µs");
  if (count < 999'500'000) return in_units(count, 1'000'000, "ms");
  if (count < 60 * kSecond) return in_units(count, kSecond, "s");
  const std::int64_t seconds = count / kSecond;
  if (seconds < 3600) return two(seconds / 60, " min", seconds % 60, " s");
  return two(seconds / 3600, " h", seconds / 60 % 60, " min");
}

std::string ago_text(nanoseconds since) {
  const std::int64_t seconds = since.count() / kSecond;
  if (seconds < 2) return "just now";
  constexpr std::pair<std::int64_t, const char*> kUnits[] = {
      {86'400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
  for (const auto& [unit, name] : kUnits) {
    // 90 minutes are more than an hour says.
    if (seconds < 2 * unit && unit > 1) continue;
    const std::int64_t number = seconds / unit;
    return std::to_string(number) + " " + name + (number == 1 ? "" : "s") + " ago";
  }
  return "just now";
}

}  // namespace every::cli
