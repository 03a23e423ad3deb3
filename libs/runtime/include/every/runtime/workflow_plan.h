#pragma once

#include <memory>

#include "every/core/bytes.h"
#include "every/core/error.h"
#include "every/ipld/cid.h"
#include "every/workflow/graph.h"
#include "every/workflow/short_form.h"

namespace every::runtime {

/// What a node works out of a workflow before it looks anything up: its graph with the CIDs of all instructions, and its block. Immutable: a workflow that is run
/// often is planned once (RunRequest::plan).
struct WorkflowPlan {
  workflow::Graph graph;
  core::Bytes block;  ///< DAG-CBOR of the full form
  ipld::Cid cid;      ///< of the block
};

/// errors: kInvalidArgument the workflow cannot be run (the task is named); those of Graph::build. cost: linear, a hash a task. thread: any
[[nodiscard]] core::Result<std::shared_ptr<const WorkflowPlan>> plan_workflow(
    const workflow::NamedWorkflow& workflow);

}  // namespace every::runtime
