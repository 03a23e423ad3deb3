#pragma once

#include <span>
#include <string>
#include <string_view>

#include "every/core/metrics.h"

namespace every::gateway {

/// `{"metrics":[{"metric_type","metric_name","help","data":[…]}]}` as the original's `metrics` answers: values as texts, counters as gauges.
/// in: prefix   only names that begin so
[[nodiscard]] std::string render_metrics_json(std::span<const core::MetricFamily> families,
                                              std::string_view prefix);

}  // namespace every::gateway
