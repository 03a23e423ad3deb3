#include <utility>

#include "error_body.h"
#include "query.h"
#include "request_body.h"
#include "routes.h"
#include "run_events.h"
#include "run_json.h"
#include "submit.h"

#include "every/ipld/multihash.h"

namespace every::gateway {
namespace {

using core::ErrorCode;
using runtime::RunEvent;

/// How long a cancelled run may take to end before its client is told that it is on its way.
constexpr std::chrono::seconds kCancelPatience{10};

Response run_response(int status, const runtime::RunAnswer& run) {
  Response response = json_response(status, render_run(run));
  response.headers.push_back({"Every-Run", run.id});
  return response;
}

/// The run as it stands.
void reply_run(const ExchangePtr& exchange, const std::string& id, int status) {
  const auto run = exchange->node().get_run(id);
  exchange->reply(run ? run_response(status, **run) : error_response(run.error()));
}

/// Answers when the run is over, or after a while with how it stands then.
void reply_at_end(const ExchangePtr& exchange, runtime::RunHandle& handle,
                  std::chrono::milliseconds patience, int otherwise,
                  std::move_only_function<void(const runtime::RunAnswer&)> answer) {
  const auto shared = std::make_shared<decltype(answer)>(std::move(answer));
  auto watching = handle.watch([exchange, shared](const RunEvent& event) {
    if (event.kind != RunEvent::Kind::kEnd || exchange->answered()) return;
    exchange->parts().pool.post([exchange, shared, run = event.run] {
      if (!exchange->answered()) (*shared)(*run);
    });
  });
  exchange->parts().alarms.after(
      patience, [exchange, id = handle.id(), otherwise, watching = std::move(watching)] {
        if (exchange->answered()) return;
        exchange->parts().pool.post([exchange, id, otherwise] {
          if (!exchange->answered()) reply_run(exchange, id, otherwise);
        });
      });
}

/// What the client asks for, to tell a repeated request from another one under the same key.
core::Result<core::Bytes> digest_of(const Exchange& exchange) {
  ipld::Hasher hasher(ipld::HashCode::kSha2_256);
  for (const QueryPair& pair : exchange.target().query) {
    hasher.update(core::as_bytes(pair.name + "=" + pair.value + "&"));
  }
  hasher.update(core::as_bytes("\n" + exchange.request().body));
  return hasher.finish();
}

core::Result<std::optional<runtime::SubmissionKey>> read_key(const Exchange& exchange) {
  constexpr std::size_t kLongest = 255;
  const std::string* key = exchange.request().find_header("idempotency-key");
  if (key == nullptr) return std::nullopt;
  for (const char c : *key) {
    if (c < 0x20 || c > 0x7e)
      return core::fail(ErrorCode::kInvalidArgument, "Idempotency-Key must be printable ASCII");
  }
  if (key->empty() || key->size() > kLongest) {
    return core::fail(ErrorCode::kInvalidArgument,
                      "Idempotency-Key must have 1 to " + std::to_string(kLongest) + " characters");
  }
  EVERY_TRY_ASSIGN(core::Bytes digest, digest_of(exchange));
  return runtime::SubmissionKey{*key, std::move(digest)};
}

/// The answer for a key that was used before; none when it was not.
std::optional<Response> answer_again(const Exchange& exchange, const runtime::SubmissionKey& key) {
  const auto known = exchange.node().find_submitted(key.key);
  if (!known) return error_response(known.error());
  if (!*known) return std::nullopt;
  if ((*known)->digest != key.digest) {
    return error_response({ErrorCode::kConflict,
                           "Idempotency-Key '" + key.key + "' was used for another request (run " +
                               (*known)->run + "); take a new key for a new request",
                           {{"run", (*known)->run}}});
  }
  return accepted(exchange, (*known)->run);
}

}  // namespace

void submit_run(const ExchangePtr& exchange) {
  const auto key = read_key(*exchange);
  if (!key) return exchange->reply(error_response(key.error()));
  if (*key) {
    if (auto again = answer_again(*exchange, **key)) return exchange->reply(std::move(*again));
  }
  auto planned = read_document(*exchange);
  if (!planned) return exchange->reply(std::move(planned).error());
  runtime::RunRequest request;
  request.name = std::move(planned->name);
  request.workflow = std::move(planned->workflow);
  request.reuse =
      exchange->target().is_on("fresh") ? runtime::Reuse::kFresh : runtime::Reuse::kMemo;
  request.accept = runtime::Accept::kDurable;
  request.start = read_start(*exchange);
  request.trace_parent = read_trace_parent(*exchange);
  request.submission = *key;
  const auto handle = exchange->node().submit(std::move(request), nullptr);
  if (handle) return exchange->reply(accepted(*exchange, (*handle)->id()));
  // Two at once under one key: the other was first.
  if (*key && handle.error().code == ErrorCode::kConflict) {
    if (auto again = answer_again(*exchange, **key)) return exchange->reply(std::move(*again));
  }
  exchange->reply(error_response(handle.error()));
}

void list_runs(const ExchangePtr& exchange) {
  const auto limit = read_limit(exchange->target(), 50, 1000);
  if (!limit) return exchange->reply(error_response(limit.error()));
  const std::string* before = exchange->target().find_query("before");
  const auto runs = exchange->node().list_runs(*limit, before != nullptr ? *before : std::string());
  if (!runs) return exchange->reply(error_response(runs.error()));
  exchange->reply(json_response(200, render_runs(*runs, *limit)));
}

void show_run(const ExchangePtr& exchange) {
  const auto wait = read_wait(exchange->target());
  if (!wait) return exchange->reply(error_response(wait.error()));
  const std::string& id = exchange->param("id");
  const std::string* form = exchange->target().find_query("answer");
  const bool as_body = form != nullptr && *form == "body";
  // As a body only what is over can be answered.
  const auto answer = [exchange, as_body](const runtime::RunAnswer& run) {
    const bool over = !runtime::goes_on(run.state);
    exchange->reply(as_body && over ? answer_body(*exchange, run)
                                    : run_response(as_body ? 202 : 200, run));
  };
  const auto handle = *wait ? find_watchable(exchange->node(), id) : nullptr;
  if (handle != nullptr)
    return reply_at_end(exchange, *handle, **wait, as_body ? 202 : 200, answer);
  const auto run = exchange->node().get_run(id);
  if (!run) return exchange->reply(error_response(run.error()));
  answer(**run);
}

void cancel_run(const ExchangePtr& exchange) {
  const std::string& id = exchange->param("id");
  const auto answer = [exchange](const runtime::RunAnswer& run) {
    if (run.state == runtime::RunState::kCancelled) return exchange->reply(run_response(200, run));
    exchange->reply(
        error_response({ErrorCode::kConflict,
                        "run " + run.id + " is not under way, there is nothing to cancel: it is " +
                            std::string(runtime::render_state(run.state)),
                        {{"run", run.id}}}));
  };
  const auto handle = find_watchable(exchange->node(), id);
  if (handle == nullptr) {
    const auto run = exchange->node().get_run(id);
    if (!run) return exchange->reply(error_response(run.error()));
    return answer(**run);
  }
  reply_at_end(exchange, *handle, kCancelPatience, 202, answer);
  handle->cancel();
}

void show_run_logs(const ExchangePtr& exchange) {
  const auto limit = read_limit(exchange->target(), 1000, 10'000);
  if (!limit) return exchange->reply(error_response(limit.error()));
  const auto lines = exchange->node().logs_of(exchange->param("id"), *limit);
  if (!lines) return exchange->reply(error_response(lines.error()));
  exchange->reply(json_response(200, render_lines(*lines)));
}

void follow_run(const ExchangePtr& exchange) {
  const std::string& id = exchange->param("id");
  if (exchange->node().find_active(id) == nullptr) {
    if (const auto run = exchange->node().get_run(id); !run)
      return exchange->reply(error_response(run.error()));
  }
  const std::string* last = exchange->request().find_header("last-event-id");
  if (last == nullptr) last = exchange->target().find_query("lastEventId");
  // Who has seen the end and comes back is told to stop coming.
  if (last != nullptr && *last == RunEvents::kEndId) return exchange->reply({204, {}, {}});
  Response response{
      200,
      {{"Content-Type", "text/event-stream"}, {"Cache-Control", "no-store"}, {"Every-Run", id}},
      {}};
  response.stream = std::make_shared<RunEvents>(
      exchange->parts(), id, last != nullptr ? TaskSet::parse(*last) : TaskSet());
  exchange->reply(std::move(response));
}

}  // namespace every::gateway
