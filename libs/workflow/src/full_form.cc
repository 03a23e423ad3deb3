#include "request.h"

#include "every/workflow/short_form.h"

namespace every::workflow {
namespace {

/// The map with `tasks`: the document itself, or what stands under its `workflow`.
const ipld::Value& workflow_of(const ipld::Value& document) {
  const ipld::Map* map = document.if_map();
  const ipld::Value* inner = map != nullptr ? map->find("workflow") : nullptr;
  return inner != nullptr && map->find("tasks") == nullptr ? *inner : document;
}

bool is_full_task(const ipld::Value& task) {
  const ipld::Map* map = task.if_map();
  const ipld::Value* run = map != nullptr ? map->find("run") : nullptr;
  if (run == nullptr) return false;
  if (run->if_link() != nullptr) return true;  // refused later, as the full form it is
  const ipld::Map* inner = run->if_map();
  return inner != nullptr && inner->find("op") != nullptr && inner->find("rsc") != nullptr;
}

}  // namespace

bool is_full_form(const ipld::Value& document) {
  const ipld::Map* map = workflow_of(document).if_map();
  const ipld::Value* tasks = map != nullptr ? map->find("tasks") : nullptr;
  const ipld::List* list = tasks != nullptr ? tasks->if_list() : nullptr;
  if (list == nullptr) return false;
  for (const ipld::Value& task : *list) {
    if (is_full_task(task)) return true;
  }
  return false;
}

core::Result<NamedWorkflow> parse_full_form(const ipld::Value& document,
                                            const FunctionTable& functions,
                                            const invocation::NormalizeUrl& normalize_url) {
  NamedWorkflow out;
  EVERY_TRY_ASSIGN(out.workflow, invocation::Workflow::parse(workflow_of(document), normalize_url));
  for (std::size_t i = 0; i < out.workflow.tasks.size(); ++i) {
    const invocation::Instruction& run = out.workflow.tasks[i].run;
    const std::string where = "tasks[" + std::to_string(i) + "]";
    if (run.op != detail::kOperation) {
      return core::fail(core::ErrorCode::kUnsupported, where + ": the operation `" + run.op +
                                                           "` cannot be run here, only `wasm/run`");
    }
    auto func = run.func();
    if (!func) return core::fail(std::move(func).error().in(where));
    if (auto args = run.args(); !args) return core::fail(std::move(args).error().in(where));
    const auto component = run.component();
    const NamedFunction* function = component ? functions.find_in(*component, *func) : nullptr;
    out.functions.push_back(function != nullptr ? function->type : nullptr);
    out.task_names.push_back(std::move(*func));
  }
  return out;
}

}  // namespace every::workflow
