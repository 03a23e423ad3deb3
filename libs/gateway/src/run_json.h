#pragma once

#include <string>
#include <vector>

#include "every/runtime/node.h"
#include "every/runtime/run.h"

namespace every::gateway {

/// A run as JSON: id, name, workflow, state, per task its name, function, CIDs, output (DAG-JSON), state, error. source: docs/formats/http.md
[[nodiscard]] std::string render_run(const runtime::RunAnswer& run);
/// The same without its tasks.
[[nodiscard]] std::string render_run_summary(const runtime::RunAnswer& run);
/// One task of it. in: largest_output   bytes of JSON, above which the output is null and `output_omitted` true; 0: no limit
[[nodiscard]] std::string render_task(const runtime::TaskAnswer& task, std::size_t largest_output);
/// `{"task","time","level","category","message"}`
[[nodiscard]] std::string render_line(const runtime::GuestLine& line);
[[nodiscard]] std::string render_lines(const std::vector<runtime::GuestLine>& lines);
/// A page of runs; `next` is the id to ask for the page after it with, null at the end. in: limit   asked for
[[nodiscard]] std::string render_runs(const std::vector<runtime::RunSummary>& runs,
                                      std::size_t limit);

}  // namespace every::gateway
