#pragma once

#include <string>
#include <vector>

#include "every/runtime/node.h"
#include "every/runtime/run.h"

namespace every::gateway {

/// A run as JSON: id, name, workflow, state, per task its name, function, CIDs, output (DAG-JSON), state, error. source: docs/formats/http.md
[[nodiscard]] std::string render_run(const runtime::RunAnswer& run);
[[nodiscard]] std::string render_runs(const std::vector<runtime::RunSummary>& runs);

}  // namespace every::gateway
