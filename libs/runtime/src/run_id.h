#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "every/core/clock.h"

namespace every::runtime {

/// Bytes of an id that tell runs of the same moment apart.
inline constexpr std::size_t kRunIdTail = 10;

/// 26 characters of base32hex: 48 bits of milliseconds, then the tail. Sorts by time.
[[nodiscard]] std::string make_run_id(core::WallNanos time,
                                      std::span<const std::uint8_t, kRunIdTail> tail);
/// The ids of runs that were accepted before a time sort before this.
[[nodiscard]] std::string id_at(core::WallNanos time);

}  // namespace every::runtime
