#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "every/gateway/traces.h"
#include "every/settings/settings.h"

namespace every::cli {

/// Where the environment is looked up: the value of a name, none when it is not set.
using LookUp = std::function<std::optional<std::string>(const char* name)>;

/// What the settings and the variables of OpenTelemetry say about traces.
struct TraceChoice {
  std::optional<gateway::TraceOptions> options;  ///< none: no traces
  std::vector<std::string> warnings;             ///< for a person; no values of headers
};

/// `every.traces`, then `OTEL_…`, which win. A variable that makes no sense is told and left out: it was hardly written for us.
/// source: docs/formats/traces.md, the OpenTelemetry specification (SDK environment variables, OTLP exporter)
[[nodiscard]] TraceChoice choose_traces(const settings::Settings& settings, const LookUp& look_up);

}  // namespace every::cli
