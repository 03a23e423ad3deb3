#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "face.h"

namespace every::cli {

/// Whether the lines of a panel are painted (white, as the original's always are).
enum class Paint : std::uint8_t { kNone, kLines };
/// The original paints into files, too; ours paints for a terminal. NO_COLOR is honoured by both.
[[nodiscard]] Paint paint_of(Face face);

/// Rows of cells, the headings first; a cell may have several lines. Rows have as many cells each.
using Rows = std::vector<std::vector<std::string>>;

/// A table in a box under a title, as the original answers its commands: a row's cells between lines, columns as wide as their widest cell, wider where
/// the title needs it. Ends with a newline.
/// source: what homestar 0.3.0 prints
[[nodiscard]] std::string render_panel(std::string_view title, const Rows& rows, Paint paint);

/// A table of `+---+`, which goes into a panel's cell. Without a newline at the end.
[[nodiscard]] std::string render_grid(const Rows& rows);

/// The title of a panel: `homestar(╯°□°)╯ - NAME`.
[[nodiscard]] std::string panel_title(std::string_view name);

}  // namespace every::cli
