#pragma once

#include <expected>
#include <functional>
#include <string>

#include "exchange.h"

#include "every/runtime/run.h"
#include "every/runtime/workflow_plan.h"
#include "every/workflow/short_form.h"

namespace every::gateway {

/// When a run that cannot succeed any more is answered.
enum class FailureAnswer : std::uint8_t {
  kAtOnce,  ///< with the task at fault, while others may still run
  kAtEnd,   ///< when the run is over
};

/// A workflow to run for a request.
struct Submission {
  workflow::NamedWorkflow workflow;
  std::string name;
  FailureAnswer failure = FailureAnswer::kAtOnce;
  /// The answer of a run that is over. Called on the pool, or by whoever submits where it is quickly made.
  std::function<Response(const Exchange&, const runtime::RunAnswer&)> finish;
  runtime::Start start = runtime::Start::kAtOnce;  ///< paused: answered 202 once it is on disk
  std::shared_ptr<const runtime::WorkflowPlan> plan = {};  ///< of the workflow; null: none yet
};

/// The request's `traceparent`; empty when there is none, or it is none.
[[nodiscard]] std::string read_trace_parent(const Exchange& exchange);
/// `?paused`: the run waits to be told to go on.
[[nodiscard]] runtime::Start read_start(const Exchange& exchange);
/// What steers the node's runs; null: it was answered that this node's cannot be steered.
[[nodiscard]] runtime::Steering* find_steering(const ExchangePtr& exchange);
/// A run that may be watched: under way, or paused since an earlier process; null otherwise.
[[nodiscard]] std::shared_ptr<runtime::RunHandle> find_watchable(runtime::Node& node,
                                                                 const std::string& id);
/// 202 and the run as it stands, with its address.
[[nodiscard]] Response accepted(const Exchange& exchange, const std::string& id);

/// Runs it (`?fresh` and `?fresh=1`: without using known results) and answers the exchange, now or later: when the run is over, or
/// with `?onPause=answer` as accepted() when it is paused.
void submit(const ExchangePtr& exchange, Submission submission);

/// A workflow and what its run is called.
struct NamedDocument {
  workflow::NamedWorkflow workflow;
  std::string name;
};
/// The body as a workflow, short form or full form; `?name=`, else the document's, else `test`. In routes_workflows.cc
[[nodiscard]] std::expected<NamedDocument, Response> read_document(const Exchange& exchange);

/// Adds Every-Run, Every-Receipt and Every-Replayed.
void add_run_headers(Response& response, std::string_view run, const runtime::TaskAnswer& task);

/// The output of a run's answer as the body (`?allResults`: of all tasks; `?raw`: a `result` as its pair), or its failure.
[[nodiscard]] Response answer_body(const Exchange& exchange, const runtime::RunAnswer& run);

/// A nonce for each of so many tasks when the service gives them, else none.
[[nodiscard]] workflow::ShortFormOptions short_form_options(const ServiceOptions& options,
                                                            std::size_t tasks);

}  // namespace every::gateway
