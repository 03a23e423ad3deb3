#include "otlp_spans.h"

#include <algorithm>

#include "js_json.h"

#include "every/core/text.h"
#include "every/ipld/multihash.h"

namespace every::gateway::otlp {
namespace {

using runtime::RunAnswer;
using runtime::TaskAnswer;

constexpr std::size_t kTraceBytes = 16;
constexpr std::size_t kSpanBytes = 8;
constexpr int kStatusOk = 1;
constexpr int kStatusError = 2;
constexpr int kInternal = 1;
constexpr int kServer = 2;

bool is_hex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}
bool is_zero(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c == '0'; });
}

/// The first bytes of a hash, as hex digits.
std::string derive(std::string_view text, std::size_t bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  ipld::Hasher hasher(ipld::HashCode::kSha2_256);
  hasher.update(core::as_bytes(text));
  const core::Bytes digest = hasher.finish();
  std::string hex;
  for (std::size_t i = 0; i < bytes; ++i) {
    hex += kDigits[digest[i] >> 4U];
    hex += kDigits[digest[i] & 15U];
  }
  return hex;
}

/// A list of attributes, each a key and a typed value.
class Attributes {
 public:
  Attributes& text(std::string_view key, std::string_view value) {
    return value.empty() ? *this : add(key, "stringValue", render_json_string(value));
  }
  // 64-bit integers are texts in the JSON encoding of protobuf.
  Attributes& number(std::string_view key, std::uint64_t value) {
    return add(key, "intValue", '"' + std::to_string(value) + '"');
  }
  Attributes& flag(std::string_view key, bool value) {
    return add(key, "boolValue", value ? "true" : "false");
  }
  [[nodiscard]] std::string finish() && { return std::move(list_) + "]"; }

 private:
  Attributes& add(std::string_view key, std::string_view type, std::string_view json) {
    if (list_.size() > 1) list_ += ',';
    ObjectWriter value;
    value.raw(type, json);
    ObjectWriter object;
    object.text("key", key).raw("value", std::move(value).finish());
    list_ += std::move(object).finish();
    return *this;
  }
  std::string list_ = "[";
};

std::string nanos(core::WallNanos time) {
  return std::to_string(std::max<core::WallNanos>(time, 0));
}

std::string status(int code, const std::optional<core::Error>& error) {
  ObjectWriter object;
  object.raw("code", std::to_string(code));
  if (error) object.text("message", core::to_valid_utf8(error->message));
  return std::move(object).finish();
}

std::string event(std::string_view name, core::WallNanos time) {
  ObjectWriter object;
  object.text("timeUnixNano", nanos(time)).text("name", name);
  return std::move(object).finish();
}

struct Ids {
  std::string trace;
  std::string parent;  ///< of the run's span; empty: none
};

Ids ids_of(const Item& item) {
  if (auto parent = TraceParent::parse(item.trace_parent))
    return {std::move(parent->trace_id), std::move(parent->span_id)};
  return {trace_id_of(item.run), {}};
}

std::string render_task(const Item& item, const TaskAnswer& task) {
  const invocation::Trace& trace = task.trace;
  // What never came to be worked on is a moment.
  const core::WallNanos begin = trace.ready != 0 ? trace.ready : trace.ended;
  Attributes attributes;
  attributes.text("every.run", item.run).text("every.task.name", task.name);
  attributes.number("every.task.index", task.task).text("code.function.name", task.func);
  if (task.component) attributes.text("every.component", task.component->render());
  attributes.text("every.instruction", task.instruction.render());
  if (task.receipt) attributes.text("every.receipt", task.receipt->render());
  attributes.text("every.task.state", runtime::render_state(task.state));
  attributes.text("every.task.way", invocation::render_way(trace.way));
  attributes.text("every.task.miss", invocation::render_miss(trace.miss));
  attributes.flag("every.task.replayed", task.replayed).text("every.node", task.node);
  if (trace.run_time.count() > 0) {
    attributes.number("every.task.run_time_ns", static_cast<std::uint64_t>(trace.run_time.count()))
        .number("every.task.peak_memory_bytes", trace.peak_memory_bytes)
        .number("every.task.bytes_in", trace.bytes_in)
        .number("every.task.bytes_out", trace.bytes_out);
  }
  if (trace.fuel > 0) attributes.number("every.task.fuel", trace.fuel);
  if (task.error) attributes.text("error.type", core::info(task.error->code).name);
  const bool good = task.state == runtime::TaskState::kOk;
  const bool skipped = task.state == runtime::TaskState::kSkipped;
  ObjectWriter object;
  object.text("traceId", ids_of(item).trace).text("spanId", span_id_of(item.run, task.task));
  object.text("parentSpanId", span_id_of(item.run));
  object.text("name", task.func.empty() ? task.name : task.func);
  object.raw("kind", std::to_string(kInternal));
  object.text("startTimeUnixNano", nanos(begin)).text("endTimeUnixNano", nanos(trace.ended));
  object.raw("attributes", std::move(attributes).finish());
  if (trace.started != 0) object.raw("events", "[" + event("started", trace.started) + "]");
  if (!skipped) object.raw("status", status(good ? kStatusOk : kStatusError, task.error));
  return std::move(object).finish();
}

std::string render_run(const Item& item, const RunAnswer& run) {
  const Ids ids = ids_of(item);
  Attributes attributes;
  attributes.text("every.run", run.id).text("every.run.name", run.name);
  attributes.text("every.workflow", run.workflow.render());
  attributes.text("every.run.state", runtime::render_state(run.state));
  attributes.number("every.run.tasks", item.tasks).text("every.node", run.node);
  if (run.fork) attributes.text("every.run.forked_from", run.fork->run);
  if (run.error) attributes.text("error.type", core::info(run.error->code).name);
  ObjectWriter object;
  object.text("traceId", ids.trace).text("spanId", span_id_of(run.id));
  if (!ids.parent.empty()) object.text("parentSpanId", ids.parent);
  object.text("name", "run " + run.name);
  object.raw("kind", std::to_string(ids.parent.empty() ? kInternal : kServer));
  object.text("startTimeUnixNano", nanos(run.accepted));
  object.text("endTimeUnixNano", nanos(run.finished));
  object.raw("attributes", std::move(attributes).finish());
  const bool good = run.state == runtime::RunState::kCompleted;
  return std::move(object.raw("status", status(good ? kStatusOk : kStatusError, run.error)))
      .finish();
}

}  // namespace

std::optional<TraceParent> TraceParent::parse(std::string_view text) {
  // version "-" trace-id "-" parent-id "-" flags; a later version may have more behind.
  constexpr std::size_t kLength = 55;
  if (text.size() < kLength || text[2] != '-' || text[35] != '-' || text[52] != '-')
    return std::nullopt;
  const std::string_view version = text.substr(0, 2);
  const std::string_view trace = text.substr(3, 32);
  const std::string_view span = text.substr(36, 16);
  const std::string_view flags = text.substr(53, 2);
  const bool longer = text.size() > kLength;
  if (!is_hex(version) || version == "ff" || (longer && (version == "00" || text[55] != '-')))
    return std::nullopt;
  if (!is_hex(trace) || is_zero(trace) || !is_hex(span) || is_zero(span) || !is_hex(flags))
    return std::nullopt;
  const char last = flags[1];
  const int digit = last <= '9' ? last - '0' : last - 'a' + 10;
  return TraceParent{std::string(trace), std::string(span),
                     digit % 2 == 1 ? Sampled::kYes : Sampled::kNo};
}

std::string trace_id_of(std::string_view run) {
  return derive("every trace " + std::string(run), kTraceBytes);
}
std::string span_id_of(std::string_view run) {
  return derive("every run " + std::string(run), kSpanBytes);
}
std::string span_id_of(std::string_view run, std::uint32_t task) {
  return derive("every task " + std::to_string(task) + " of " + std::string(run), kSpanBytes);
}

bool is_sampled(std::string_view trace_parent) {
  const auto parent = TraceParent::parse(trace_parent);
  return !parent || parent->sampled == TraceParent::Sampled::kYes;
}

std::string render_span(const Item& item) {
  if (const auto* task = std::get_if<TaskAnswer>(&item.what)) return render_task(item, *task);
  return render_run(item, std::get<RunAnswer>(item.what));
}

std::string render_request(std::span<const std::pair<std::string, std::string>> resource,
                           std::string_view version, std::span<const Item> items) {
  Attributes attributes;
  for (const auto& [key, value] : resource) attributes.text(key, value);
  std::string spans = "[";
  for (const Item& item : items) {
    if (spans.size() > 1) spans += ',';
    spans += render_span(item);
  }
  ObjectWriter scope;
  scope.text("name", "every").text("version", version);
  ObjectWriter scope_spans;
  scope_spans.raw("scope", std::move(scope).finish()).raw("spans", spans + "]");
  ObjectWriter sender;
  sender.raw("attributes", std::move(attributes).finish());
  ObjectWriter resource_spans;
  resource_spans.raw("resource", std::move(sender).finish());
  resource_spans.raw("scopeSpans", "[" + std::move(scope_spans).finish() + "]");
  ObjectWriter request;
  return std::move(request.raw("resourceSpans", "[" + std::move(resource_spans).finish() + "]"))
      .finish();
}

}  // namespace every::gateway::otlp
