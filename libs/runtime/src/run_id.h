#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "every/core/clock.h"
#include "every/core/guarded.h"

namespace every::runtime {

/// What ids tell apart by time: a millisecond.
inline constexpr core::WallNanos kMoment = 1'000'000;
/// Bytes of an id that tell runs of the same moment apart.
inline constexpr std::size_t kRunIdTail = 10;

/// 26 characters of base32hex: 48 bits of milliseconds, then the tail. Sorts by time.
[[nodiscard]] std::string make_run_id(core::WallNanos time,
                                      std::span<const std::uint8_t, kRunIdTail> tail);
/// Makes ids that sort in the order they were asked for, those of one moment too. thread: any
class RunIds {
 public:
  [[nodiscard]] std::string next(core::WallNanos now);

 private:
  struct Last {
    core::WallNanos moment = -1;
    std::array<std::uint8_t, kRunIdTail> tail{};
  };
  core::Guarded<Last> last_;
};
/// The ids of runs that were accepted before a time sort before this.
[[nodiscard]] std::string id_at(core::WallNanos time);

}  // namespace every::runtime
