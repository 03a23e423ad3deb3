#include "submit.h"

#include <array>

#include "error_body.h"
#include "result_body.h"

#include "every/core/random.h"
namespace every::gateway {
namespace {

void add_run_headers(Response& response, const runtime::RunAnswer& run,
                     const runtime::TaskAnswer& task) {
  response.headers.push_back({"Every-Run", run.id});
  if (task.receipt) response.headers.push_back({"Every-Receipt", task.receipt->render()});
  response.headers.push_back({"Every-Replayed", task.replayed ? "true" : "false"});
}

Response render_all_results(const runtime::RunAnswer& run) {
  std::string out = "[";
  for (const runtime::TaskAnswer& task : run.tasks) {
    if (out.size() > 1) out += ',';
    append_all_results_entry(out, task);
  }
  return json_response(200, out + "]");
}

std::array<std::uint8_t, 12> random_bytes() {
  std::array<std::uint8_t, 12> bytes{};
  core::fill_random(bytes);
  return bytes;
}

/// Runs a job on the pool; when the pool has stopped the exchange is answered by the service's own stop.
void post(const ExchangePtr& exchange, std::move_only_function<void()> job) {
  exchange->parts().pool.post(std::move(job));
}

}  // namespace

void submit(const ExchangePtr& exchange, Submission submission) {
  const auto finish = std::make_shared<decltype(submission.finish)>(std::move(submission.finish));
  // The run's id, for an answer given before its end.
  const auto run_id = std::make_shared<core::Guarded<std::string>>();
  const bool at_once = submission.failure == FailureAnswer::kAtOnce;

  auto observer = [exchange, finish, run_id, at_once](const runtime::RunEvent& event) {
    using Kind = runtime::RunEvent::Kind;
    if (exchange->answered()) return;
    if (event.kind == Kind::kFailing && at_once && event.task != nullptr) {
      post(exchange, [exchange, run_id, task = *event.task] {
        exchange->reply(task_failure(task, *run_id->lock()));
      });
    } else if (event.kind == Kind::kEnd && event.run != nullptr) {
      post(exchange, [exchange, finish, run = event.run] {
        if (!exchange->answered()) exchange->reply((*finish)(*exchange, *run));
      });
    }
  };

  runtime::RunRequest request;
  request.workflow = std::move(submission.workflow);
  request.name = std::move(submission.name);
  request.reuse =
      exchange->target().is_on("fresh") ? runtime::Reuse::kFresh : runtime::Reuse::kMemo;
  const auto handle = exchange->node().submit(std::move(request), std::move(observer));
  // The handle is dropped: the run belongs to the node and goes on without this client.
  if (!handle) return exchange->reply(error_response(handle.error()));
  *run_id->lock() = (*handle)->id();
}

Response answer_body(const Exchange& exchange, const runtime::RunAnswer& run) {
  if (run.state != runtime::RunState::kCompleted) return run_failure(run);
  if (exchange.target().is_on("allResults")) {
    Response response = render_all_results(run);
    response.headers.push_back({"Every-Run", run.id});
    return response;
  }
  if (!run.answer || *run.answer >= run.tasks.size()) return run_failure(run);
  const runtime::TaskAnswer& task = run.tasks[*run.answer];
  if (task.state == runtime::TaskState::kFailed) return task_failure(task, run.id);

  const ipld::Value none;
  const ipld::Value& value = task.value ? *task.value : none;
  const auto parts = split_result(value, task.type.get());
  if (parts && parts->branch == ResultParts::Branch::kErr && !exchange.target().is_on("raw")) {
    Response response = guest_error(task, parts->value, run.id);
    add_run_headers(response, run, task);
    return response;
  }
  Body body = render_body(parts && !exchange.target().is_on("raw") ? parts->value : value);
  Response response{200, {{"Content-Type", std::move(body.content_type)}}, std::move(body.bytes)};
  add_run_headers(response, run, task);
  return response;
}

workflow::ShortFormOptions short_form_options(const ServiceOptions& options, std::size_t tasks) {
  workflow::ShortFormOptions result;
  if (options.nonces == Nonces::kNone) return result;
  result.nonces.reserve(tasks);
  for (std::size_t i = 0; i < tasks; ++i) {
    result.nonces.push_back(invocation::Nonce::from_random(random_bytes()));
  }
  return result;
}

}  // namespace every::gateway
