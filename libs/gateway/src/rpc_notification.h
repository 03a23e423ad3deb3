#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "every/core/error.h"
#include "every/invocation/invocation.h"
#include "every/ipld/cid.h"
#include "every/runtime/run.h"

namespace every::gateway::rpc {

/// What the notifications of a run have in common.
struct RunLabel {
  std::string name;
  ipld::Cid workflow;
  std::shared_ptr<const invocation::Workflow> tasks;
};

/// `{"metadata":{…},"receipt":{…},"receipt_cid":…}` in DAG-JSON: how a task ended, as the original tells it. A task without a receipt of its own
/// (skipped, cancelled, its need failed, its result could not be stored) gets one made here, `["error",{"code","message"}]`, that is kept nowhere.
[[nodiscard]] core::Result<std::string> render_task_notification(const RunLabel& label,
                                                                 const runtime::TaskAnswer& task);

/// `{"jsonrpc":"2.0","method":"run_workflow_ended","params":{"of":"<subscription>",…}}`: that nothing more will come. Clients of the original leave
/// alone what does not carry their subscription.
[[nodiscard]] std::string render_run_ended(std::string_view subscription,
                                           const runtime::RunAnswer& run);

}  // namespace every::gateway::rpc
