#include "rpc_notification.h"

#include "error_body.h"
#include "js_json.h"

#include "every/core/text.h"
#include "every/ipld/dag_cbor.h"
#include "every/ipld/dag_json.h"

namespace every::gateway::rpc {
namespace {

using ipld::Map;
using ipld::Value;

core::Error why(const runtime::TaskAnswer& task) {
  return task.error.value_or(core::Error{
      core::ErrorCode::kInternal,
      "the task ended as " + std::string(runtime::render_state(task.state)) + " without a reason",
      {}});
}

core::Result<invocation::ReceiptBlock> make_receipt(const RunLabel& label,
                                                    const runtime::TaskAnswer& task) {
  if (task.task >= label.tasks->tasks.size()) {
    return core::fail(core::ErrorCode::kInternal, "a task beyond the workflow was told");
  }
  EVERY_TRY_ASSIGN(const ipld::Cid ran, label.tasks->tasks[task.task].invocation_cid());
  if (task.state == runtime::TaskState::kOk && task.value) {
    EVERY_TRY_ASSIGN(const core::Bytes value, ipld::dag_cbor::encode(*task.value));
    return invocation::splice_receipt(invocation::Outcome::Tag::kOk, value, ran, task.func);
  }
  const core::Error error = why(task);
  EVERY_TRY_ASSIGN(
      const core::Bytes value,
      ipld::dag_cbor::encode(Value(Map{{"code", Value(core::info(error.code).name)},
                                       {"message", Value(core::to_valid_utf8(error.message))}})));
  return invocation::splice_receipt(invocation::Outcome::Tag::kError, value, ran, task.func);
}

}  // namespace

core::Result<std::string> render_task_notification(const RunLabel& label,
                                                   const runtime::TaskAnswer& task) {
  invocation::ReceiptBlock made{{}, task.instruction};
  core::BytesView block;
  if (task.receipt_block && task.receipt) {
    block = *task.receipt_block;
    made.cid = *task.receipt;
  } else {
    EVERY_TRY_ASSIGN(made, make_receipt(label, task));
    block = made.bytes;
  }
  EVERY_TRY_ASSIGN(Value receipt, ipld::dag_cbor::decode(block));
  const Value notification(Map{{"metadata", Value(Map{{"name", Value(label.name)},
                                                      {"replayed", Value(task.replayed)},
                                                      {"workflow", Value(label.workflow)}})},
                               {"receipt", std::move(receipt)},
                               {"receipt_cid", Value(made.cid)}});
  auto json = ipld::dag_json::encode(notification);
  // A result may hold a map that DAG-JSON would read as a link or bytes. It is told all the same, as the original does.
  return json ? std::move(*json) : render_js_json(notification);
}

std::string render_run_ended(std::string_view subscription, const runtime::RunAnswer& run) {
  ObjectWriter params;
  params.text("of", subscription).text("run", run.id).text("name", run.name);
  params.text("workflow", run.workflow.render()).text("state", runtime::render_state(run.state));
  params.raw("error", run.error ? render_error(*run.error) : "null");
  ObjectWriter message;
  message.text("jsonrpc", "2.0").text("method", "run_workflow_ended");
  return std::move(message.raw("params", std::move(params).finish())).finish();
}

}  // namespace every::gateway::rpc
