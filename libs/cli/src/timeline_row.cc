#include "timeline_row.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

#include "answer.h"
#include "times.h"

#include "every/core/printable.h"
#include "every/core/text.h"

namespace every::cli {
namespace {

namespace json = boost::json;
using std::chrono::nanoseconds;

constexpr std::size_t kLongestName = 20;

/// The word for a task and its mark.
std::pair<std::string, Mark> state_of(const json::object& task, std::string_view way) {
  const std::string state = text_at(task, "state");
  if (state == "ok") {
    const auto* replayed = task.if_contains("replayed");
    const bool known = replayed != nullptr && replayed->is_bool() && replayed->as_bool();
    if (known || way == "hit") return {"hit", Mark::kHit};
    if (way == "joined") return {"joined", Mark::kJoined};
    return {way == "ran" ? "ran" : "ok", Mark::kRan};
  }
  if (state == "failed") return {state, Mark::kFailed};
  return {state, Mark::kNothing};
}

}  // namespace

Row read_row(const json::object& task, core::WallNanos now) {
  Row row;
  row.name = core::shorten(core::printable_line(text_at(task, "name")), kLongestName);
  if (row.name.empty()) row.name = std::to_string(count_at(task, "task"));
  row.func = core::shorten(core::printable_line(text_at(task, "func")), kLongestName);
  if (const auto* error = task.if_contains("error"); error != nullptr && error->is_object())
    row.error = text_at(error->as_object(), "error");
  const auto* found = task.if_contains("trace");
  const json::object* trace = found != nullptr ? found->if_object() : nullptr;
  const std::string way = trace != nullptr ? text_at(*trace, "way") : std::string();
  std::tie(row.state, row.mark) = state_of(task, way);
  if (trace == nullptr) {
    if (row.state == "pending") row.mark = Mark::kIdle;
    return row;
  }
  row.ready = parse_timestamp(text_at(*trace, "ready"));
  row.begin = parse_timestamp(text_at(*trace, "started"));
  row.end = parse_timestamp(text_at(*trace, "ended"));
  row.ran = nanoseconds(static_cast<std::int64_t>(count_at(*trace, "run_ns")));
  row.memory = count_at(*trace, "peak_memory");
  row.in = count_at(*trace, "bytes_in");
  row.out = count_at(*trace, "bytes_out");
  if (row.state == "pending") {
    const bool running = row.begin != 0;
    row.state = running ? "running" : (row.ready != 0 ? "waiting" : "pending");
    row.mark = running ? Mark::kRunning : (row.ready != 0 ? Mark::kWaiting : Mark::kIdle);
    if (row.ready != 0) row.end = now;
    return row;
  }
  // Behind others at its worker it still waits: what counts is the time in the guest, which comes last.
  if (row.begin != 0 && row.ran.count() > 0)
    row.begin = std::max(row.begin, row.end - row.ran.count());
  return row;
}

}  // namespace every::cli
