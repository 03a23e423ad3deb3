#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "every/core/clock.h"

namespace every::cli {

/// Of an RFC 3339 time in UTC as core::render_timestamp writes it; 0 of anything else.
[[nodiscard]] core::WallNanos parse_timestamp(std::string_view text);

/// A length of time as a person says it, three digits or so: `870 ns`, `12 µs`, `3.4 ms`, `1.24 s`, `2 min 05 s`, `3 h 07 min`.
[[nodiscard]] std::string duration_text(std::chrono::nanoseconds duration);

/// How long ago: `just now`, `5 minutes ago`, `3 days ago`.
[[nodiscard]] std::string ago_text(std::chrono::nanoseconds since);

}  // namespace every::cli
