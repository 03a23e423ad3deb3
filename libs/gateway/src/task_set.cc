#include "task_set.h"

#include <charconv>
#include <limits>

namespace every::gateway {
namespace {

bool read(std::string_view text, std::uint32_t& number) {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  return problem == std::errc() && end == text.data() + text.size();
}

}  // namespace

TaskSet TaskSet::parse(std::string_view text) {
  TaskSet set;
  std::uint32_t next = 0;  // ranges ascend, so that no text can ask for more work than it is long
  while (!text.empty()) {
    const std::string_view range = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), range.size() + 1));
    const std::size_t dash = range.find('-');
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    if (!read(range.substr(0, dash), first)) return {};
    last = first;
    if (dash != std::string_view::npos && !read(range.substr(dash + 1), last)) return {};
    if (first < next || last < first || last == std::numeric_limits<std::uint32_t>::max())
      return {};
    set.ranges_.emplace_hint(set.ranges_.end(), first, last);
    next = last + 1;
  }
  return set;
}

bool TaskSet::contains(std::uint32_t task) const {
  auto after = ranges_.upper_bound(task);
  return after != ranges_.begin() && (--after)->second >= task;
}

void TaskSet::insert(std::uint32_t task) {
  if (contains(task)) return;
  auto after = ranges_.upper_bound(task);
  const bool joins_after = after != ranges_.end() && after->first == task + 1;
  const auto before = after == ranges_.begin() ? ranges_.end() : std::prev(after);
  const bool joins_before = before != ranges_.end() && before->second + 1 == task;
  const std::uint32_t last = joins_after ? after->second : task;
  if (joins_after) ranges_.erase(after);
  if (joins_before) {
    before->second = last;
  } else {
    ranges_.emplace(task, last);
  }
}

std::string TaskSet::render(std::size_t most) const {
  std::string out;
  for (const auto& [first, last] : ranges_) {
    std::string range = out.empty() ? "" : ",";
    range += std::to_string(first);
    if (last != first) range += "-" + std::to_string(last);
    if (out.size() + range.size() > most) break;
    out += range;
  }
  return out;
}

}  // namespace every::gateway
