#include "workflow_json.h"

#include "error_body.h"
#include "js_json.h"

#include "every/ipld/dag_json.h"

namespace every::gateway {
namespace {

core::Result<std::string> render_task(const invocation::Task& task, TaskOrder order) {
  ObjectWriter object;
  const auto add = [&object](std::string_view key, const ipld::Value& value) -> core::Status {
    EVERY_TRY_ASSIGN(const std::string json, ipld::dag_json::encode(value));
    object.raw(key, json);
    return {};
  };
  ipld::List proofs;
  for (const ipld::Cid& proof : task.prf) proofs.emplace_back(proof);
  if (order == TaskOrder::kRunFirst) EVERY_TRY(add("run", task.run.render()));
  if (task.cause) {
    EVERY_TRY(add("cause", *task.cause));
  } else if (order == TaskOrder::kCauseFirst) {
    EVERY_TRY(add("cause", nullptr));
  }
  EVERY_TRY(add("meta", task.meta));
  EVERY_TRY(add("prf", std::move(proofs)));
  if (order == TaskOrder::kCauseFirst) EVERY_TRY(add("run", task.run.render()));
  return std::move(object).finish();
}

}  // namespace

Response workflow_response(const workflow::NamedWorkflow& planned, std::string_view name,
                           TaskOrder order) {
  std::string tasks = "[";
  for (const invocation::Task& task : planned.workflow.tasks) {
    const auto json = render_task(task, order);
    if (!json) return error_response(json.error());
    if (tasks.size() > 1) tasks += ',';
    tasks += *json;
  }
  ObjectWriter workflow;
  workflow.raw("tasks", tasks + "]");
  ObjectWriter object;
  object.text("name", name).raw("workflow", std::move(workflow).finish());
  return json_response(200, std::move(object).finish());
}

}  // namespace every::gateway
