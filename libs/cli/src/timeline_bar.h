#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "timeline_row.h"

namespace every::cli {

/// The span of a run that is drawn.
struct Span {
  core::WallNanos begin = 0;
  core::WallNanos end = 0;

  [[nodiscard]] std::size_t cell(core::WallNanos time, std::size_t cells) const {
    if (time <= begin || end <= begin || cells == 0) return 0;
    const double share = static_cast<double>(time - begin) / static_cast<double>(end - begin);
    return std::min(cells - 1, static_cast<std::size_t>(share * static_cast<double>(cells)));
  }
};

/// How a terminal is told to colour what has this mark.
[[nodiscard]] std::string_view colour_code(Mark mark);
/// A task over the span, in so many characters; nothing is put after the last one drawn.
[[nodiscard]] std::string bar_of(const Row& row, const Span& span, std::size_t cells);
/// `0 ───────── 1.24 s`; empty where there is no room.
[[nodiscard]] std::string axis_of(const Span& span, std::size_t cells);
/// What each character of the bars of these tasks means.
[[nodiscard]] std::string legend_of(const std::vector<Row>& rows);
/// How many were running at each moment, and below it the most at once; empty where there never were two.
[[nodiscard]] std::string load_lines(const std::vector<Row>& rows, const Span& span,
                                     std::size_t width);

/// The line without blanks at its end, ended.
[[nodiscard]] std::string finished_line(std::string line);

}  // namespace every::cli
