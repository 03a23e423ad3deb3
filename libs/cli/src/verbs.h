#pragma once

#include "arguments.h"
#include "console.h"

#include "every/core/error.h"

namespace every::cli {

/// Each verb does its work and gives the exit code, or an error the caller shows.
[[nodiscard]] core::Result<int> run_dev(const DevCommand& command, const Console& console);
[[nodiscard]] core::Result<int> run_workflow(const RunCommand& command, const Console& console);
[[nodiscard]] core::Result<int> run_call(const CallCommand& command, const Console& console);
[[nodiscard]] core::Result<int> run_runs(const RunsCommand& command, const Console& console);

}  // namespace every::cli
