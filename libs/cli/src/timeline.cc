#include "timeline.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

#include "answer.h"
#include "run_view.h"
#include "timeline_bar.h"
#include "timeline_row.h"
#include "times.h"
#include <sys/ioctl.h>
#include <unistd.h>

#include "every/core/printable.h"

namespace every::cli {
namespace {

namespace json = boost::json;
using std::chrono::nanoseconds;

constexpr std::size_t kMostShown = 40;  ///< tasks, of which each has its line
constexpr std::size_t kMostOfAKind = 10;
constexpr std::size_t kLeastBar = 24;

/// `9 B`, `34.7 kB`: as size_text, for a column.
std::string size_cell(std::uint64_t bytes) {
  if (bytes == 0) return "-";
  if (bytes < 1000) return std::to_string(bytes) + " B";
  std::uint64_t tenths = bytes / 100;
  const char* unit = " kB";
  for (const char* next : {" MB", " GB"}) {
    if (tenths < 10'000) break;
    tenths /= 1000;
    unit = next;
  }
  return std::to_string(tenths / 10) +
         (tenths < 1000 ? "." + std::to_string(tenths % 10) : std::string()) + unit;
}

std::string time_cell(nanoseconds time) {
  return time.count() <= 0 ? "-" : duration_text(time);
}

/// A column: its heading, its cells, and how soon it gives way to the bars, 0: never.
struct Column {
  std::string heading;
  std::vector<std::string> cells;
  int gives_way = 0;
  enum class Align : std::uint8_t { kLeft, kRight } align = Align::kLeft;
  std::size_t width = 0;
};

std::vector<Column> columns_of(const std::vector<const Row*>& rows) {
  using Align = Column::Align;
  std::vector<Column> columns{{"TASK", {}, 0, Align::kLeft},  {"FUNCTION", {}, 1, Align::kLeft},
                              {"STATE", {}, 0, Align::kLeft}, {"WAITED", {}, 3, Align::kRight},
                              {"RAN", {}, 0, Align::kRight},  {"MEMORY", {}, 4, Align::kRight},
                              {"IN", {}, 2, Align::kRight},   {"OUT", {}, 2, Align::kRight}};
  for (const Row* row : rows) {
    const bool started = row->begin != 0 && row->mark != Mark::kHit;
    const bool waited = row->ready != 0 && (started || row->mark == Mark::kWaiting);
    const std::array cells{
        row->name,
        row->func,
        row->state,
        time_cell(nanoseconds(waited ? (started ? row->begin : row->end) - row->ready : 0)),
        time_cell(row->took()),
        size_cell(row->memory),
        size_cell(row->in),
        size_cell(row->out)};
    for (std::size_t i = 0; i < columns.size(); ++i) columns[i].cells.push_back(cells[i]);
  }
  for (Column& column : columns) {
    column.width = text_width(column.heading);
    for (const std::string& cell : column.cells)
      column.width = std::max(column.width, text_width(cell));
  }
  // What says nothing of any task is left out.
  std::erase_if(columns, [](const Column& column) {
    return column.gives_way > 0 &&
           std::ranges::all_of(column.cells, [](const std::string& cell) { return cell == "-"; });
  });
  return columns;
}

std::size_t width_of(const std::vector<Column>& columns) {
  std::size_t width = 0;
  for (const Column& column : columns) width += column.width + 2;
  return width;
}

/// Leaves out columns until there is room for bars.
void make_room(std::vector<Column>& columns, std::size_t width) {
  for (int next = 1; next <= 4 && width_of(columns) + kLeastBar > width; ++next)
    std::erase_if(columns, [&](const Column& column) { return column.gives_way == next; });
}

std::string padded(const Column& column, const std::string& cell) {
  const std::string blanks(column.width - text_width(cell), ' ');
  return column.align == Column::Align::kLeft ? cell + blanks : blanks + cell;
}

/// Lines of tasks under one heading.
std::string table_of(const std::vector<const Row*>& rows, const std::optional<Span>& span,
                     const TimelineLook& look) {
  std::vector<Column> columns = columns_of(rows);
  std::size_t bar = 0;
  if (span) {
    make_room(columns, look.width);
    const std::size_t taken = width_of(columns);
    bar = std::max(kLeastBar, look.width > taken ? look.width - taken : 0);
  }
  const auto paint = [&](const std::string& text, Mark mark) {
    if (look.colour == core::LogColour::kNever || text.empty()) return text;
    return std::string(colour_code(mark)) + text + "\x1b[0m";
  };
  std::string line;
  for (const Column& column : columns) line += padded(column, column.heading) + "  ";
  std::string text = finished_line(line + (span ? axis_of(*span, bar) : std::string()));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    line.clear();
    for (const Column& column : columns) {
      const std::string cell = padded(column, column.cells[i]);
      line += (column.heading == "STATE" ? paint(cell, rows[i]->mark) : cell) + "  ";
    }
    text += finished_line(line + (span ? paint(bar_of(*rows[i], *span, bar), rows[i]->mark) : ""));
  }
  return text;
}

/// `1,000`
std::string grouped(std::size_t number) {
  std::string text = std::to_string(number);
  for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, ",");
  return text;
}

std::string summary_of(const std::vector<Row>& rows) {
  std::vector<std::pair<std::string, std::size_t>> counts;
  nanoseconds in_guests{0};
  for (const Row& row : rows) {
    const auto found = std::ranges::find(counts, row.state, &decltype(counts)::value_type::first);
    if (found == counts.end()) {
      counts.emplace_back(row.state, 1);
    } else {
      ++found->second;
    }
    if (row.mark != Mark::kJoined && row.mark != Mark::kHit) in_guests += row.ran;
  }
  std::string text = "tasks     " + grouped(rows.size()) + ":";
  for (std::size_t i = 0; i < counts.size(); ++i)
    text += (i == 0 ? " " : ", ") + grouped(counts[i].second) + " " + counts[i].first;
  if (in_guests.count() > 0) text += "; " + duration_text(in_guests) + " in guests";
  return text + "\n";
}

std::optional<Span> span_of(const json::object& run, const std::vector<Row>& rows,
                            const TimelineLook& look) {
  Span span{parse_timestamp(text_at(run, "accepted")), parse_timestamp(text_at(run, "finished"))};
  core::WallNanos last = 0;
  bool timed = false;
  for (const Row& row : rows) {
    last = std::max(last, row.end);
    timed = timed || row.ready != 0;
  }
  if (!timed || span.begin == 0) return std::nullopt;
  if (span.end == 0) span.end = text_at(run, "state") == "running" ? look.now : last;
  span.end = std::max({span.end, last, span.begin + 1});
  return span;
}

void append_group(std::string& out, const std::string& title, std::vector<const Row*> rows,
                  std::size_t most, const std::optional<Span>& span, const TimelineLook& look,
                  std::vector<const Row*>& shown) {
  if (rows.empty()) return;
  const std::size_t all = rows.size();
  if (rows.size() > most) rows.resize(most);
  out += title +
         (all > rows.size() ? " (" + std::to_string(rows.size()) + " of " + grouped(all) + ")"
                            : std::string()) +
         "\n";
  out += table_of(rows, span, look) + "\n";
  shown.insert(shown.end(), rows.begin(), rows.end());
}

/// Of many tasks: who is under way, who failed, who took longest, and what the others were.
std::string folded(const std::vector<Row>& rows, const std::optional<Span>& span,
                   const TimelineLook& look) {
  std::vector<const Row*> under_way;
  std::vector<const Row*> failed;
  std::vector<const Row*> rest;
  for (const Row& row : rows) {
    if (row.mark == Mark::kRunning) {
      under_way.push_back(&row);
    } else if (row.mark == Mark::kFailed && row.has_run()) {
      failed.push_back(&row);
    } else if (row.has_run()) {
      rest.push_back(&row);
    }
  }
  const auto longest_first = [](const Row* a, const Row* b) { return a->took() > b->took(); };
  std::ranges::stable_sort(under_way, longest_first);
  std::ranges::stable_sort(rest, longest_first);
  // Those that failed because others did say nothing new.
  if (failed.empty()) {
    for (const Row& row : rows) {
      if (row.mark == Mark::kFailed) failed.push_back(&row);
    }
  }
  std::string out;
  std::vector<const Row*> shown;
  append_group(out, "Under way", under_way, kMostOfAKind, span, look, shown);
  append_group(out, "Failed", failed, kMostOfAKind, span, look, shown);
  const std::size_t ran = rest.size();
  const auto median = ran > 0 ? rest[ran / 2]->took() : nanoseconds(0);
  append_group(out, "Longest", rest, kMostOfAKind, span, look, shown);
  const std::size_t left = rows.size() - shown.size();
  out += grouped(left) + " more are not shown";
  if (ran > 0) out += "; half of those that ran took less than " + duration_text(median);
  return out + ". --all shows every task.\n";
}

std::string errors_of(const std::vector<Row>& rows) {
  std::string out;
  std::size_t left = 0;
  for (const Row& row : rows) {
    if (row.mark != Mark::kFailed || row.error.empty() || row.error.starts_with("not run: "))
      continue;
    if (left++ < kMostOfAKind) {
      const std::size_t line = row.error.find('\n');
      out += "✘ " + row.name + ": " + core::printable_line(row.error.substr(0, line)) + "\n";
    }
  }
  if (left > kMostOfAKind) out += "  and " + grouped(left - kMostOfAKind) + " more\n";
  return out;
}

}  // namespace

std::size_t terminal_width() {
  constexpr std::size_t kDefault = 100;
  constexpr std::size_t kLeast = 40;
  if (const char* columns = std::getenv("COLUMNS"); columns != nullptr) {
    const unsigned long number = std::strtoul(columns, nullptr, 10);
    if (number >= kLeast && number < 10'000) return number;
  }
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= kLeast) return size.ws_col;
  return kDefault;
}

std::string render_timeline(const json::object& run, const TimelineLook& look) {
  std::vector<Row> rows;
  for (const auto& task : list_at(run, "tasks")) {
    if (task.is_object()) rows.push_back(read_row(task.as_object(), look.now));
  }
  if (rows.empty()) return "It has no tasks.\n";
  const auto span = span_of(run, rows, look);
  std::string out = summary_of(rows);
  const bool fold = look.show == TimelineLook::Show::kMatters && rows.size() > kMostShown;
  if (span && fold) out += load_lines(rows, *span, look.width);
  out += "\n";
  if (fold) {
    out += folded(rows, span, look);
  } else {
    std::vector<const Row*> all;
    for (const Row& row : rows) all.push_back(&row);
    out += table_of(all, span, look);
  }
  if (span) {
    out += "\n" + legend_of(rows) + "\n";
  } else if (text_at(run, "state") == "running") {
    out += "\nNothing has begun yet.\n";
  } else {
    out +=
        "\nWhen its tasks ran was not kept: it was recorded by an earlier version, or brought "
        "over.\n";
  }
  if (const std::string errors = errors_of(rows); !errors.empty()) out += "\n" + errors;
  return out;
}

}  // namespace every::cli
