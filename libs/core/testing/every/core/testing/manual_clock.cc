#include "every/core/testing/manual_clock.h"

namespace every::core::testing {

WallNanos ManualClock::wall() const {
  return nanos_;
}
SteadyTime ManualClock::steady() const {
  return SteadyTime(std::chrono::nanoseconds(nanos_.load()));
}
void ManualClock::advance(std::chrono::nanoseconds by) {
  nanos_ += by.count();
}

}  // namespace every::core::testing
