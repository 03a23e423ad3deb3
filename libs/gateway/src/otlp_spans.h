#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "every/runtime/run.h"

/// Runs and tasks as spans of OpenTelemetry. source: docs/formats/traces.md, opentelemetry-proto 1.x (trace.proto, its JSON encoding)
namespace every::gateway::otlp {

/// A W3C `traceparent`.
struct TraceParent {
  std::string trace_id;  ///< 32 hex digits
  std::string span_id;   ///< 16 hex digits
  enum class Sampled : std::uint8_t { kNo, kYes } sampled = Sampled::kYes;
  /// None when it is not as https://www.w3.org/TR/trace-context/ has it.
  [[nodiscard]] static std::optional<TraceParent> parse(std::string_view text);
};

/// What becomes a span: a task, or a run that is over.
struct Item {
  std::string run;
  std::string trace_parent;                                    ///< of the request; empty: none
  std::variant<runtime::TaskAnswer, runtime::RunAnswer> what;  ///< a run without its tasks
  std::size_t tasks = 0;                                       ///< … and how many those are
};

/// The ids of a run's trace and of its spans follow from its id, so that they are the same whenever they are made.
[[nodiscard]] std::string trace_id_of(std::string_view run);
[[nodiscard]] std::string span_id_of(std::string_view run);
[[nodiscard]] std::string span_id_of(std::string_view run, std::uint32_t task);

/// Whether its request wants it recorded; a run without a parent is.
[[nodiscard]] bool is_sampled(std::string_view trace_parent);

/// One span as JSON.
[[nodiscard]] std::string render_span(const Item& item);
/// The body of a request (ExportTraceServiceRequest). in: resource   attributes of the sender
[[nodiscard]] std::string render_request(
    std::span<const std::pair<std::string, std::string>> resource, std::string_view version,
    std::span<const Item> items);

}  // namespace every::gateway::otlp
