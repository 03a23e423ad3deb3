#pragma once

#include <atomic>

#include "every/core/clock.h"

namespace every::core::testing {

/// A clock that moves only when told to. thread: any.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(WallNanos start = 1'700'000'000'000'000'000) : nanos_(start) {}
  [[nodiscard]] WallNanos wall() const override;
  [[nodiscard]] SteadyTime steady() const override;
  void advance(std::chrono::nanoseconds by);

 private:
  std::atomic<WallNanos> nanos_;
};

}  // namespace every::core::testing
