#include "every/runtime/workflow_plan.h"

#include <utility>

namespace every::runtime {

core::Result<std::shared_ptr<const WorkflowPlan>> plan_workflow(
    const workflow::NamedWorkflow& workflow) {
  EVERY_TRY_ASSIGN(workflow::Graph graph,
                   workflow::Graph::build(workflow.workflow, workflow.task_names));
  EVERY_TRY_ASSIGN(core::Bytes block, workflow.workflow.encode());
  const ipld::Cid cid = ipld::Cid::of_dag_cbor(block);
  return std::make_shared<const WorkflowPlan>(
      WorkflowPlan{std::move(graph), std::move(block), cid});
}

}  // namespace every::runtime
