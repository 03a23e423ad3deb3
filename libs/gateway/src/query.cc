#include "query.h"

#include <charconv>

namespace every::gateway {

using core::ErrorCode;

core::Result<std::size_t> read_limit(const Target& target, std::size_t otherwise,
                                     std::size_t most) {
  const std::string* text = target.find_query("limit");
  if (text == nullptr) return otherwise;
  std::size_t limit = 0;
  const auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), limit);
  if (problem != std::errc() || end != text->data() + text->size() || limit == 0 || limit > most) {
    return core::fail(
        ErrorCode::kInvalidArgument,
        "limit is '" + *text + "'; it must be a number from 1 to " + std::to_string(most));
  }
  return limit;
}

core::Result<std::optional<std::chrono::milliseconds>> read_wait(const Target& target) {
  constexpr std::chrono::milliseconds kMost = std::chrono::minutes(10);
  const std::string* text = target.find_query("wait");
  if (text == nullptr) return std::nullopt;
  std::uint32_t number = 0;
  const auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), number);
  const std::string_view unit(end, static_cast<std::size_t>(text->data() + text->size() - end));
  std::chrono::milliseconds wait(-1);
  if (problem != std::errc()) {
    wait = std::chrono::milliseconds(-1);
  } else if (unit == "ms") {
    wait = std::chrono::milliseconds(number);
  } else if (unit == "s" || unit.empty()) {
    wait = std::chrono::seconds(number);
  } else if (unit == "m") {
    wait = std::chrono::minutes(number);
  }
  if (wait < std::chrono::milliseconds(0) || wait > kMost) {
    return core::fail(ErrorCode::kInvalidArgument,
                      "wait is '" + *text + "'; write it like 30s, 500ms or 2m, at most 10m");
  }
  return wait;
}

}  // namespace every::gateway
