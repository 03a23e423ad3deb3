#include "timeline_bar.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "run_view.h"
#include "times.h"

namespace every::cli {
namespace {

using std::chrono::nanoseconds;

constexpr std::size_t kLeastLoad = 24;

/// How many were running at each moment, and the most at once.
std::pair<std::vector<std::size_t>, std::size_t> at_once(const std::vector<Row>& rows,
                                                         const Span& span, std::size_t cells) {
  std::vector<std::pair<core::WallNanos, int>> changes;
  std::vector<std::size_t> most(cells);
  for (const Row& row : rows) {
    // A joined one did not run a second time.
    if (!row.has_run() || row.mark == Mark::kJoined) continue;
    changes.emplace_back(row.begin, 1);
    changes.emplace_back(row.end, -1);
  }
  std::ranges::sort(changes);  // at one moment ends come first
  std::size_t running = 0;
  std::size_t peak = 0;
  std::size_t cell = 0;
  for (const auto& [time, change] : changes) {
    const std::size_t here = span.cell(time, cells);
    for (; cell < here; ++cell) most[cell] = std::max(most[cell], running);
    if (change > 0) {
      ++running;
    } else if (running > 0) {
      --running;
    }
    most[here] = std::max(most[here], running);
    peak = std::max(peak, running);
  }
  return {most, peak};
}

}  // namespace

std::string_view colour_code(Mark mark) {
  switch (mark) {
    case Mark::kRan:
    case Mark::kJoined:
      return "\x1b[32m";
    case Mark::kHit:
      return "\x1b[36m";
    case Mark::kFailed:
      return "\x1b[31m";
    case Mark::kRunning:
      return "\x1b[33m";
    default:
      return "\x1b[2m";
  }
}

std::string bar_of(const Row& row, const Span& span, std::size_t cells) {
  if (row.ready == 0 && row.end == 0) return {};
  std::vector<std::string_view> bar(cells, " ");
  const auto fill = [&](core::WallNanos from, core::WallNanos to, std::string_view with) {
    for (std::size_t i = span.cell(from, cells); i <= span.cell(to, cells); ++i) bar[i] = with;
  };
  const bool runs = row.begin != 0 && row.mark != Mark::kHit;
  if (row.ready != 0 && row.mark != Mark::kHit) fill(row.ready, runs ? row.begin : row.end, "░");
  if (runs) fill(row.begin, row.end, row.mark == Mark::kJoined ? "▒" : "█");
  const std::size_t last = span.cell(row.end, cells);
  if (row.mark == Mark::kHit) bar[last] = "◆";
  if (row.mark == Mark::kFailed) bar[last] = "✘";
  if (row.mark == Mark::kNothing) bar[last] = "·";
  if (row.mark == Mark::kRunning) bar[last] = "▶";
  while (!bar.empty() && bar.back() == " ") bar.pop_back();
  return std::accumulate(bar.begin(), bar.end(), std::string(),
                         [](std::string text, std::string_view next) { return text.append(next); });
}

std::string legend_of(const std::vector<Row>& rows) {
  const auto any = [&](Mark mark) {
    return std::ranges::any_of(rows, [&](const Row& row) { return row.mark == mark; });
  };
  const bool waits = std::ranges::any_of(
      rows, [](const Row& row) { return row.ready != 0 && row.mark != Mark::kHit; });
  std::vector<std::string> words;
  if (waits) words.emplace_back("░ waiting for a worker");
  if (any(Mark::kRan) || any(Mark::kFailed) || any(Mark::kRunning)) words.emplace_back("█ running");
  if (any(Mark::kJoined)) words.emplace_back("▒ running for an equal task, shared");
  if (any(Mark::kHit)) words.emplace_back("◆ known before");
  if (any(Mark::kFailed)) words.emplace_back("✘ failed");
  if (any(Mark::kRunning)) words.emplace_back("▶ still running");
  if (any(Mark::kNothing)) words.emplace_back("· not run");
  std::string legend;
  for (const std::string& word : words) legend += (legend.empty() ? "" : "  ") + word;
  return legend;
}

std::string axis_of(const Span& span, std::size_t cells) {
  const std::string end = duration_text(nanoseconds(span.end - span.begin));
  if (cells < text_width(end) + 4) return {};
  std::string line = "0 ";
  for (std::size_t i = text_width(end) + 3; i < cells; ++i) line += "─";
  return line + " " + end;
}

std::string finished_line(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string load_lines(const std::vector<Row>& rows, const Span& span, std::size_t width) {
  constexpr std::array kSteps{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  constexpr std::string_view kTitle = "at once   ";
  const std::size_t cells = width > kTitle.size() + kLeastLoad ? width - kTitle.size() : kLeastLoad;
  const auto [most, peak] = at_once(rows, span, cells);
  if (peak < 2) return {};
  std::string line(kTitle);
  for (const std::size_t count : most)
    line += kSteps.at(count == 0 ? 0 : std::max<std::size_t>(1, count * 8 / peak));
  return finished_line(line) + "          most: " + std::to_string(peak) + " tasks at once\n";
}

}  // namespace every::cli
