#include "run_view.h"

#include <algorithm>

#include "answer.h"
#include "node_access.h"
#include "times.h"
#include <boost/json.hpp>

#include "every/core/text.h"
#include "every/gateway/message.h"

namespace every::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestOutput = 60;

/// A value as a cell: text as it is, null as `-`, everything else as JSON.
std::string cell(const json::object& row, std::string_view key) {
  const auto* value = row.if_contains(key);
  if (value == nullptr || value->is_null()) return "-";
  return value->is_string() ? std::string(value->as_string()) : json::serialize(*value);
}

/// What came out, with the receipts. Of many tasks only the one whose output is the run's.
std::string results_of(const json::object& run) {
  constexpr std::size_t kMost = 40;
  const json::array& tasks = list_at(run, "tasks");
  const auto* answer = run.if_contains("answer");
  std::vector<std::vector<std::string>> rows{{"TASK", "OUTPUT", "RECEIPT"}};
  for (const auto& value : tasks) {
    if (!value.is_object()) continue;
    const json::object& task = value.as_object();
    const bool answers = answer != nullptr && answer->is_number() &&
                         count_at(task, "task") == answer->to_number<std::uint64_t>();
    if ((tasks.size() > kMost && !answers) || text_at(task, "receipt").empty()) continue;
    rows.push_back({cell(task, "name"), output_of_task(task), cell(task, "receipt")});
  }
  return rows.size() > 1 ? render_table(rows) : std::string();
}

}  // namespace

std::string state_of_task(const json::object& task) {
  const bool replayed = cell(task, "replayed") == "true";
  const std::string state = cell(task, "state");
  return replayed && state == "ok" ? "replayed" : state;
}

std::string output_of_task(const json::object& task) {
  const auto* output = task.if_contains("output");
  if (cell(task, "state") != "ok" || output == nullptr) return "-";
  if (output->is_double()) return core::js_number(output->as_double());
  return core::shorten(json::serialize(*output), kLongestOutput);
}

std::size_t text_width(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string render_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], text_width(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += row[i];
      if (i + 1 < row.size()) text += std::string(widths[i] - text_width(row[i]) + 2, ' ');
    }
    text += "\n";
  }
  return text;
}

std::string short_time(const std::string& timestamp) {
  if (timestamp.size() < 19) return "-";
  std::string text = timestamp.substr(0, 19);
  text[10] = ' ';
  return text;
}

core::Result<std::string> render_runs(std::string_view text) {
  EVERY_TRY_ASSIGN(const json::object body, parse_object(text));
  const auto* runs = body.if_contains("runs");
  if (runs == nullptr || !runs->is_array())
    return core::fail(core::ErrorCode::kMalformed, "the node's answer has no list of runs");
  if (runs->as_array().empty()) return "Nothing has run yet.\n";
  std::vector<std::vector<std::string>> rows{{"RUN", "ACCEPTED (UTC)", "STATE", "TASKS", "NAME"}};
  for (const auto& value : runs->as_array()) {
    if (!value.is_object()) continue;
    const json::object& run = value.as_object();
    rows.push_back({cell(run, "id"), short_time(cell(run, "accepted")), cell(run, "state"),
                    cell(run, "tasks"), cell(run, "name")});
  }
  return render_table(rows);
}

core::Result<std::string> render_run(std::string_view text, const TimelineLook& look) {
  EVERY_TRY_ASSIGN(const json::object run, parse_object(text));
  const std::string accepted = cell(run, "accepted");
  const std::string finished = cell(run, "finished");
  std::string out = "run       " + cell(run, "id") + "\nname      " + cell(run, "name") +
                    "\nworkflow  " + cell(run, "workflow") + "\nstate     " + cell(run, "state") +
                    "\naccepted  " + short_time(accepted) + " UTC" + "\nfinished  " +
                    short_time(finished);
  if (finished != "-") {
    out += " UTC, after " + duration_text(std::chrono::nanoseconds(parse_timestamp(finished) -
                                                                   parse_timestamp(accepted)));
  }
  if (const std::string node = text_at(run, "node"); !node.empty()) out += "\nnode      " + node;
  if (const auto* forked = run.if_contains("forked"); forked != nullptr && forked->is_object())
    out += "\nmade of   " + cell(forked->as_object(), "run") + ", anew from task " +
           cell(forked->as_object(), "task");
  out += "\n" + render_timeline(run, look);
  if (const std::string results = results_of(run); !results.empty()) out += "\n" + results;
  if (const auto* error = run.if_contains("error"); error != nullptr && error->is_object())
    out += "\nerror: " + cell(error->as_object(), "error") + "\n";
  return out;
}

std::string how_to_go_on(std::string_view run) {
  return "`every runs resume " + std::string(run) + "` lets it go on, `every runs step " +
         std::string(run) + "` one task of it";
}

core::Status outcome_of_run(std::string_view text) {
  EVERY_TRY_ASSIGN(const json::object run, parse_object(text));
  const std::string state = cell(run, "state");
  if (state == "completed" || state == "running" || state == "paused") return {};
  const auto* error = run.if_contains("error");
  if (error == nullptr || !error->is_object())
    return core::fail(
        state == "cancelled" ? core::ErrorCode::kCancelled : core::ErrorCode::kInternal,
        "run " + cell(run, "id") + " is " + state);
  return std::unexpected(error_from(gateway::Response{500, {}, json::serialize(*error)}));
}

}  // namespace every::cli
