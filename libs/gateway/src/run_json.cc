#include "run_json.h"

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

std::string render_task(const runtime::TaskAnswer& task) {
  ObjectWriter object;
  object.raw("task", std::to_string(task.task)).text("name", task.name).text("func", task.func);
  add_cid(object, "component", task.component);
  object.text("instruction", task.instruction.render());
  add_cid(object, "receipt", task.receipt);
  object.text("state", runtime::render_state(task.state));
  object.raw("replayed", task.replayed ? "true" : "false");
  object.raw("output", task.value ? ipld::dag_json::encode(*task.value).value_or("null")
                                  : std::string("null"));
  object.raw("error", task.error ? render_error(*task.error) : "null");
  return std::move(object).finish();
}

}  // namespace

std::string render_run(const runtime::RunAnswer& run) {
  std::string tasks = "[";
  for (const runtime::TaskAnswer& task : run.tasks) {
    if (tasks.size() > 1) tasks += ',';
    tasks += render_task(task);
  }
  tasks += ']';
  ObjectWriter object;
  object.text("id", run.id).text("name", run.name).text("workflow", run.workflow.render());
  object.text("state", runtime::render_state(run.state));
  object.raw("answer", run.answer ? std::to_string(*run.answer) : "null");
  object.raw("error", run.error ? render_error(*run.error) : "null");
  add_time(object, "accepted", run.accepted);
  add_time(object, "finished", run.finished);
  return std::move(object.raw("tasks", tasks)).finish();
}

std::string render_runs(const std::vector<runtime::RunSummary>& runs) {
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
  return std::move(answer.raw("runs", list + "]")).finish();
}

}  // namespace every::gateway
