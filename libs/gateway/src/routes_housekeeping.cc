// What the node keeps, and what goes: for its own user, and over the network for who has its token.

#include <utility>

#include "admission.h"
#include "error_body.h"
#include "js_json.h"
#include "json_fields.h"
#include "routes.h"

#include "every/core/clock.h"
#include "every/runtime/housekeeping.h"

namespace every::gateway {
namespace {

using core::ErrorCode;
using runtime::Housekeeping;
using runtime::Pin;

std::string_view render_kind(Pin::Kind kind) {
  switch (kind) {
    case Pin::Kind::kRun:
      return "run";
    case Pin::Kind::kResult:
      return "result";
    case Pin::Kind::kContent:
      return "content";
    case Pin::Kind::kAdded:
      break;
  }
  return "added";
}

std::string render_pin(const Pin& pin) {
  ObjectWriter object;
  object.text("kind", render_kind(pin.kind)).text("what", pin.what);
  if (pin.since != 0) object.text("since", core::render_timestamp(pin.since));
  return std::move(object).finish();
}

std::string render_report(const runtime::Collected& report) {
  ObjectWriter object;
  object.counts({{"runs", report.runs},
                 {"run_bytes", report.run_bytes},
                 {"results", report.results},
                 {"components", report.components},
                 {"blocks", report.blocks},
                 {"block_bytes", report.block_bytes},
                 {"bytes_given_back", report.bytes},
                 {"kept_runs", report.kept_runs},
                 {"kept_results", report.kept_results},
                 {"kept_blocks", report.kept_blocks},
                 {"kept_block_bytes", report.kept_block_bytes},
                 {"earlier_blocks", report.earlier_blocks}});
  return std::move(object).finish();
}

/// The node's housekeeping, for those who may ask; null: it was answered.
Housekeeping* find_housekeeping(const ExchangePtr& exchange) {
  if (!acts_as_owner(exchange->request().peer)) {
    exchange->reply(error_response(
        {ErrorCode::kPermissionDenied,
         "what a node keeps is decided by its own user (`every gc`, `every pin`), or over the "
         "network by who has its token; this node was started without --token-file",
         {}}));
    return nullptr;
  }
  Housekeeping* keeping = exchange->node().housekeeping();
  if (keeping == nullptr)
    exchange->reply(
        error_response({ErrorCode::kUnsupported, "this node does no housekeeping", {}}));
  return keeping;
}

/// Reads a JSON object by `read`, which gives the work, and does it away from the threads that answer; `render` makes the answer.
template <typename Read, typename Render>
void take(const ExchangePtr& exchange, Read read, Render render) {
  Housekeeping* keeping = find_housekeeping(exchange);
  if (keeping == nullptr) return;
  auto work = read_fields(exchange, read);
  if (!work) return;
  keeping->post([exchange, keeping, work = std::move(*work), render] {
    const auto report = work(*keeping);
    exchange->reply(report ? json_response(200, render(*report)) : error_response(report.error()));
  });
}

struct Collect {
  runtime::CollectRequest request;
  core::Result<runtime::Collected> operator()(Housekeeping& keeping) const {
    return keeping.collect(request);
  }
};

struct ChangePin {
  std::string what;
  core::Result<Pin> (Housekeeping::*change)(const std::string&);
  core::Result<Pin> operator()(Housekeeping& keeping) const { return (keeping.*change)(what); }
};

}  // namespace

void collect_garbage(const ExchangePtr& exchange) {
  const auto read = [](Fields& fields) -> core::Result<Collect> {
    using runtime::CollectRequest;
    constexpr std::uint64_t kMostDays = 36'500;
    Collect asked;
    EVERY_TRY_ASSIGN(asked.request.what, fields.choose("apply", CollectRequest::What::kLook,
                                                       CollectRequest::What::kDo));
    EVERY_TRY_ASSIGN(const auto days, fields.number("results_older_than_days", kMostDays));
    if (days) asked.request.results_older_than = std::chrono::hours(24) * *days;
    EVERY_TRY_ASSIGN(asked.request.earlier,
                     fields.choose("earlier", CollectRequest::Earlier::kComponents,
                                   CollectRequest::Earlier::kAll));
    return asked;
  };
  take(exchange, read, render_report);
}

void list_pins(const ExchangePtr& exchange) {
  Housekeeping* keeping = find_housekeeping(exchange);
  if (keeping == nullptr) return;
  const auto pins = keeping->pins();
  if (!pins) return exchange->reply(error_response(pins.error()));
  std::string list = "[";
  for (const Pin& pin : *pins) {
    if (list.size() > 1) list += ',';
    list += render_pin(pin);
  }
  ObjectWriter object;
  exchange->reply(json_response(200, std::move(object.raw("pins", list + "]")).finish()));
}

void pin_something(const ExchangePtr& exchange) {
  const auto read = [](Fields& fields) -> core::Result<ChangePin> {
    EVERY_TRY_ASSIGN(std::string what, fields.need_text("what"));
    return ChangePin{std::move(what), &Housekeeping::pin};
  };
  take(exchange, read, render_pin);
}

void unpin_something(const ExchangePtr& exchange) {
  const auto read = [](Fields& fields) -> core::Result<ChangePin> {
    EVERY_TRY_ASSIGN(std::string what, fields.need_text("what"));
    return ChangePin{std::move(what), &Housekeeping::unpin};
  };
  take(exchange, read, render_pin);
}

}  // namespace every::gateway
