#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <boost/json/object.hpp>

#include "every/core/clock.h"
#include "every/core/log.h"

namespace every::cli {

/// How a timeline is drawn.
struct TimelineLook {
  std::size_t width = 100;  ///< characters of a line
  core::LogColour colour = core::LogColour::kNever;
  core::WallNanos now = 0;  ///< what a run under way is drawn up to
  enum class Show : std::uint8_t {
    kMatters,  ///< of many tasks those that are under way, failed, or took longest
    kAll,
  } show = Show::kMatters;
};

/// Characters of a line on a terminal: those of `COLUMNS`, else the terminal's own, else 100.
[[nodiscard]] std::size_t terminal_width();

/// The tasks of a run (docs/formats/http.md) over its time, a line each: how it came to its outcome, how long it waited and ran, what it used,
/// and a bar. Read without colours by its characters, which are explained below it. Of a run recorded without times the same without bars.
[[nodiscard]] std::string render_timeline(const boost::json::object& run, const TimelineLook& look);

}  // namespace every::cli
