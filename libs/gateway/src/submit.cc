#include "submit.h"

#include <array>
#include <atomic>
#include <thread>

#include "error_body.h"
#include "otlp_spans.h"
#include "result_body.h"
#include "run_json.h"

#include "every/core/random.h"
#include "every/runtime/steering.h"

namespace every::gateway {
namespace {

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

/// Whether its results are few bytes, so that rendering them takes no longer than handing them to another thread.
bool is_small(const runtime::RunAnswer& run) {
  constexpr std::size_t kLargest = std::size_t{64} << 10;
  std::size_t bytes = 0;
  for (const runtime::TaskAnswer& task : run.tasks) {
    if (task.receipt_block) bytes += task.receipt_block->size();
  }
  return bytes <= kLargest;
}

/// A run that did not complete, with the headers of the task at fault where there is one.
Response answer_failure(const runtime::RunAnswer& run) {
  Response response = run_failure(run);
  for (const runtime::TaskAnswer& task : run.tasks) {
    if (task.state != runtime::TaskState::kFailed || !run.error || !task.error ||
        run.error->message != task.error->message)
      continue;
    add_run_headers(response, run.id, task);
    return response;
  }
  response.headers.push_back({"Every-Run", run.id});
  return response;
}

void reply_failure(const ExchangePtr& exchange, const std::string& run,
                   const runtime::TaskAnswer& task) {
  Response response = task_failure(task, run);
  add_run_headers(response, run, task);
  exchange->reply(std::move(response));
}

}  // namespace

void add_run_headers(Response& response, std::string_view run, const runtime::TaskAnswer& task) {
  response.headers.push_back({"Every-Run", std::string(run)});
  if (task.receipt) response.headers.push_back({"Every-Receipt", task.receipt->render()});
  response.headers.push_back({"Every-Replayed", task.replayed ? "true" : "false"});
}

std::string read_trace_parent(const Exchange& exchange) {
  const std::string* parent = exchange.request().find_header("traceparent");
  return parent != nullptr && otlp::TraceParent::parse(*parent) ? *parent : std::string();
}

runtime::Start read_start(const Exchange& exchange) {
  return exchange.target().is_on("paused") ? runtime::Start::kPaused : runtime::Start::kAtOnce;
}

runtime::Steering* find_steering(const ExchangePtr& exchange) {
  runtime::Steering* steering = exchange->node().steering();
  if (steering == nullptr) {
    exchange->reply(
        error_response({core::ErrorCode::kUnsupported, "runs cannot be steered on this node", {}}));
  }
  return steering;
}

std::shared_ptr<runtime::RunHandle> find_watchable(runtime::Node& node, const std::string& id) {
  if (auto handle = node.find_active(id)) return handle;
  runtime::Steering* steering = node.steering();
  if (steering == nullptr) return nullptr;
  auto paused = steering->take_up(id);
  return paused ? std::move(*paused) : nullptr;
}

Response accepted(const Exchange& exchange, const std::string& id) {
  const auto run = exchange.node().get_run(id);
  if (!run) return error_response(run.error());
  Response response = json_response(202, render_run(**run));
  response.headers.push_back({"Location", "/-/runs/" + id});
  response.headers.push_back({"Every-Run", id});
  return response;
}

void submit(const ExchangePtr& exchange, Submission submission) {
  // A run whose result is known is over before the node's submit returns, on this thread, which then answers it itself.
  const auto submitter = std::make_shared<std::atomic<std::thread::id>>(std::this_thread::get_id());
  const auto finish = std::make_shared<decltype(submission.finish)>(std::move(submission.finish));
  const bool at_once = submission.failure == FailureAnswer::kAtOnce;
  const bool starts_paused = submission.start == runtime::Start::kPaused;
  const std::string* on_pause = exchange->target().find_query("onPause");
  const bool tells_pause = !starts_paused && on_pause != nullptr && *on_pause == "answer";

  auto observer = [exchange, finish, at_once, tells_pause,
                   submitter](const runtime::RunEvent& event) {
    using Kind = runtime::RunEvent::Kind;
    if (exchange->answered()) return;
    if (event.kind == Kind::kPaused && tells_pause) {
      post(exchange, [exchange, run = std::string(event.run_id)] {
        if (!exchange->answered()) exchange->reply(accepted(*exchange, run));
      });
    } else if (event.kind == Kind::kFailing && at_once && event.task != nullptr) {
      if (submitter->load() == std::this_thread::get_id())
        return reply_failure(exchange, std::string(event.run_id), *event.task);
      post(exchange, [exchange, run = std::string(event.run_id), task = *event.task] {
        reply_failure(exchange, run, task);
      });
    } else if (event.kind == Kind::kEnd && event.run != nullptr) {
      if (submitter->load() == std::this_thread::get_id() && is_small(*event.run))
        return exchange->reply((*finish)(*exchange, *event.run));
      post(exchange, [exchange, finish, run = event.run] {
        if (!exchange->answered()) exchange->reply((*finish)(*exchange, *run));
      });
    }
  };

  runtime::RunRequest request;
  request.workflow = std::move(submission.workflow);
  request.plan = std::move(submission.plan);
  request.name = std::move(submission.name);
  request.reuse =
      exchange->target().is_on("fresh") ? runtime::Reuse::kFresh : runtime::Reuse::kMemo;
  request.start = submission.start;
  request.trace_parent = read_trace_parent(*exchange);
  if (starts_paused) request.accept = runtime::Accept::kDurable;
  const auto handle = exchange->node().submit(
      std::move(request), starts_paused ? runtime::RunObserver() : std::move(observer));
  submitter->store({});
  // The handle is dropped: the run belongs to the node and goes on without this client.
  if (!handle) return exchange->reply(error_response(handle.error()));
  if (starts_paused) exchange->reply(accepted(*exchange, (*handle)->id()));
}

Response answer_body(const Exchange& exchange, const runtime::RunAnswer& run) {
  if (run.state != runtime::RunState::kCompleted) return answer_failure(run);
  if (exchange.target().is_on("allResults")) {
    Response response = render_all_results(run);
    if (run.answer && *run.answer < run.tasks.size())
      add_run_headers(response, run.id, run.tasks[*run.answer]);
    return response;
  }
  if (!run.answer || *run.answer >= run.tasks.size()) return answer_failure(run);
  const runtime::TaskAnswer& task = run.tasks[*run.answer];

  const ipld::Value none;
  const ipld::Value& value = task.value ? *task.value : none;
  const auto parts = split_result(value, task.type.get());
  if (parts && parts->branch == ResultParts::Branch::kErr && !exchange.target().is_on("raw")) {
    Response response = guest_error(task, parts->value, run.id);
    add_run_headers(response, run.id, task);
    return response;
  }
  Body body = render_body(parts && !exchange.target().is_on("raw") ? parts->value : value);
  Response response{200, {{"Content-Type", std::move(body.content_type)}}, std::move(body.bytes)};
  add_run_headers(response, run.id, task);
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
