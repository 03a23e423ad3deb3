#include "panel.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <numeric>

#include "console.h"
#include "run_view.h"

namespace every::cli {
namespace {

constexpr std::string_view kWhite = "\x1b[37m";
constexpr std::string_view kUsual = "\x1b[39m";

std::vector<std::string_view> lines_of(std::string_view cell) {
  std::vector<std::string_view> lines;
  for (;;) {
    const std::size_t end = cell.find('\n');
    lines.push_back(cell.substr(0, end));
    if (end == std::string_view::npos) return lines;
    cell.remove_prefix(end + 1);
  }
}

/// A blank on each side included.
std::vector<std::size_t> column_widths(const Rows& rows) {
  std::vector<std::size_t> widths(rows.front().size(), 2);
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      for (const std::string_view line : lines_of(row[i]))
        widths[i] = std::max(widths[i], text_width(line) + 2);
    }
  }
  return widths;
}

std::string repeat(std::string_view piece, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += piece;
  return text;
}

/// `left ─── cross ─── right`.
std::string rule(const std::vector<std::size_t>& widths, std::string_view left,
                 std::string_view line, std::string_view cross, std::string_view right) {
  std::string text(left);
  for (std::size_t i = 0; i < widths.size(); ++i) {
    if (i > 0) text += cross;
    text += repeat(line, widths[i]);
  }
  return text.append(right);
}

std::string padded(std::string_view text, std::size_t room) {
  return " " + std::string(text) + std::string(room - 1 - text_width(text), ' ');
}

/// The lines of one row, `side` around and between its cells.
std::string render_row(const std::vector<std::string>& row, const std::vector<std::size_t>& widths,
                       const std::string& side) {
  std::vector<std::vector<std::string_view>> cells;
  std::size_t height = 0;
  for (const std::string& cell : row) {
    cells.push_back(lines_of(cell));
    height = std::max(height, cells.back().size());
  }
  std::string text;
  for (std::size_t line = 0; line < height; ++line) {
    for (std::size_t i = 0; i < cells.size(); ++i)
      text +=
          side + padded(line < cells[i].size() ? cells[i][line] : std::string_view(), widths[i]);
    text += side + "\n";
  }
  return text;
}

}  // namespace

Paint paint_of(Face face) {
  if (face == Face::kEvery)
    return colour_of(stdout) == core::LogColour::kAlways ? Paint::kLines : Paint::kNone;
  const char* no_colour = std::getenv("NO_COLOR");
  return no_colour == nullptr || *no_colour == '\0' ? Paint::kLines : Paint::kNone;
}

std::string render_panel(std::string_view title, const Rows& rows, Paint paint) {
  std::vector<std::size_t> widths = column_widths(rows);
  const auto total = [&widths] {
    return std::accumulate(widths.begin(), widths.end(), widths.size() - 1);
  };
  for (std::size_t i = 0; total() < text_width(title) + 2; i = (i + 1) % widths.size()) ++widths[i];

  const auto painted = [paint](const std::string& text) {
    if (paint == Paint::kNone) return text;
    return std::string(kWhite) + text + std::string(kUsual);
  };
  const std::string side = painted("│");
  std::string text = painted(rule({total()}, "┌", "─", "", "┐")) + "\n";
  text += side + padded(title, total()) + side + "\n";
  for (std::size_t i = 0; i < rows.size(); ++i) {
    text += painted(rule(widths, "├", "─", i == 0 ? "┬" : "┼", "┤")) + "\n";
    text += render_row(rows[i], widths, side);
  }
  return text + painted(rule(widths, "└", "─", "┴", "┘")) + "\n";
}

std::string render_grid(const Rows& rows) {
  const std::vector<std::size_t> widths = column_widths(rows);
  const std::string line = rule(widths, "+", "-", "+", "+");
  std::string text = line;
  for (const auto& row : rows) text += "\n" + render_row(row, widths, "|") + line;
  return text;
}

std::string panel_title(std::string_view name) {
  return "homestar(╯°□°)╯ - " + std::string(name);
}

}  // namespace every::cli
