#include "run_json.h"

#include <algorithm>

#include "error_body.h"
#include "js_json.h"

#include "every/core/clock.h"
#include "every/ipld/dag_json.h"

namespace every::gateway {
namespace {

void add_time(ObjectWriter& object, std::string_view key, core::WallNanos time) {
  if (time == 0) {
    object.raw(key, "null");
  } else {
    object.text(key, core::render_timestamp(time));
  }
}

void add_cid(ObjectWriter& object, std::string_view key, const std::optional<ipld::Cid>& cid) {
  if (cid) {
    object.text(key, cid->render());
  } else {
    object.raw(key, "null");
  }
}

void add_head(ObjectWriter& object, const runtime::RunAnswer& run) {
  object.text("id", run.id).text("name", run.name).text("workflow", run.workflow.render());
  object.text("state", runtime::render_state(run.state));
  object.raw("answer", run.answer ? std::to_string(*run.answer) : "null");
  object.raw("error", run.error ? render_error(*run.error) : "null");
  add_time(object, "accepted", run.accepted);
  add_time(object, "finished", run.finished);
  if (run.node.empty()) {
    object.raw("node", "null");
  } else {
    object.text("node", run.node);
  }
  if (!run.fork) {
    object.raw("forked", "null");
    return;
  }
  ObjectWriter fork;
  fork.text("run", run.fork->run).raw("task", std::to_string(run.fork->task));
  object.raw("forked", std::move(fork).finish());
}

void add_count(ObjectWriter& object, std::string_view key, std::uint64_t count) {
  object.raw(key, count == 0 ? std::string("null") : std::to_string(count));
}

/// docs/formats/http.md, "A run".
std::string render_trace(const runtime::TaskAnswer& task) {
  const invocation::Trace& trace = task.trace;
  const std::string_view way = invocation::render_way(trace.way);
  if (way.empty() && trace.ready == 0) return "null";
  ObjectWriter object;
  if (way.empty()) {
    object.raw("way", "null");
  } else {
    object.text("way", way);
  }
  if (const std::string_view miss = invocation::render_miss(trace.miss); !miss.empty())
    object.text("miss", miss);
  add_time(object, "ready", trace.ready);
  add_time(object, "started", trace.started);
  add_time(object, "ended", trace.ended);
  add_time(object, "kept", task.kept);
  add_count(object, "run_ns",
            static_cast<std::uint64_t>(std::max<std::int64_t>(0, trace.run_time.count())));
  add_count(object, "peak_memory", trace.peak_memory_bytes);
  add_count(object, "fuel", trace.fuel);
  add_count(object, "bytes_in", trace.bytes_in);
  add_count(object, "bytes_out", trace.bytes_out);
  if (task.node.empty()) {
    object.raw("node", "null");
  } else {
    object.text("node", task.node);
  }
  return std::move(object).finish();
}

}  // namespace

std::string render_task(const runtime::TaskAnswer& task, std::size_t largest_output) {
  ObjectWriter object;
  object.raw("task", std::to_string(task.task)).text("name", task.name).text("func", task.func);
  add_cid(object, "component", task.component);
  object.text("instruction", task.instruction.render());
  add_cid(object, "receipt", task.receipt);
  object.text("state", runtime::render_state(task.state));
  object.raw("replayed", task.replayed ? "true" : "false");
  const std::string output =
      task.value ? ipld::dag_json::encode(*task.value).value_or("null") : std::string("null");
  const bool omitted = largest_output > 0 && output.size() > largest_output;
  object.raw("output", omitted ? std::string_view("null") : std::string_view(output));
  if (omitted) object.raw("output_omitted", "true");
  object.raw("error", task.error ? render_error(*task.error) : "null");
  object.raw("trace", render_trace(task));
  return std::move(object).finish();
}

std::string render_run(const runtime::RunAnswer& run) {
  std::string tasks = "[";
  for (const runtime::TaskAnswer& task : run.tasks) {
    if (tasks.size() > 1) tasks += ',';
    tasks += render_task(task, 0);
  }
  tasks += ']';
  ObjectWriter object;
  add_head(object, run);
  return std::move(object.raw("tasks", tasks)).finish();
}

std::string render_run_summary(const runtime::RunAnswer& run) {
  ObjectWriter object;
  add_head(object, run);
  return std::move(object).finish();
}

std::string render_line(const runtime::GuestLine& line) {
  ObjectWriter object;
  object.raw("task", std::to_string(line.task));
  add_time(object, "time", line.time);
  object.text("level", core::render_level(line.level)).text("category", line.category);
  return std::move(object.text("message", line.message)).finish();
}

std::string render_lines(const std::vector<runtime::GuestLine>& lines) {
  std::string list = "[";
  for (const runtime::GuestLine& line : lines) {
    if (list.size() > 1) list += ',';
    list += render_line(line);
  }
  ObjectWriter answer;
  return std::move(answer.raw("lines", list + "]")).finish();
}

std::string render_runs(const std::vector<runtime::RunSummary>& runs, std::size_t limit) {
  std::string list = "[";
  for (const runtime::RunSummary& run : runs) {
    if (list.size() > 1) list += ',';
    ObjectWriter object;
    object.text("id", run.id).text("name", run.name).text("workflow", run.workflow.render());
    object.text("state", runtime::render_state(run.state));
    object.raw("tasks", std::to_string(run.task_count));
    if (run.error_code.empty()) {
      object.raw("error", "null");
    } else {
      ObjectWriter error;
      error.text("error", run.error_message).text("code", run.error_code);
      object.raw("error", std::move(error).finish());
    }
    add_time(object, "accepted", run.accepted);
    add_time(object, "finished", run.finished);
    list += std::move(object).finish();
  }
  ObjectWriter answer;
  answer.raw("runs", list + "]");
  if (runs.size() < limit) return std::move(answer.raw("next", "null")).finish();
  return std::move(answer.text("next", runs.back().id)).finish();
}

}  // namespace every::gateway
