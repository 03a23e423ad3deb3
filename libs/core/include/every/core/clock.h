#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace every::core {

using SteadyTime = std::chrono::steady_clock::time_point;
/// Nanoseconds since the Unix epoch, UTC.
using WallNanos = std::int64_t;

/// Where time comes from; tests hold their own. thread: any.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual WallNanos wall() const = 0;
  [[nodiscard]] virtual SteadyTime steady() const = 0;
};

/// The machine's clock.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] WallNanos wall() const override;
  [[nodiscard]] SteadyTime steady() const override;
};

/// `2026-01-31T12:00:00.123456789Z` (RFC 3339, UTC, nanoseconds).
[[nodiscard]] std::string render_timestamp(WallNanos time);

/// A point after which waiting makes no sense; may be none. Value type.
class Deadline {
 public:
  /// Never passes.
  Deadline() = default;
  explicit Deadline(SteadyTime at) : at_(at) {}
  [[nodiscard]] static Deadline after(std::chrono::nanoseconds duration) {
    return Deadline(std::chrono::steady_clock::now() + duration);
  }
  [[nodiscard]] const std::optional<SteadyTime>& at() const { return at_; }
  [[nodiscard]] bool passed(SteadyTime now = std::chrono::steady_clock::now()) const {
    return at_ && now >= *at_;
  }

 private:
  std::optional<SteadyTime> at_;
};

}  // namespace every::core
