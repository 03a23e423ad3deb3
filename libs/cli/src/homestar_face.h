#pragma once

#include <string>
#include <vector>

#include "arguments.h"

#include "every/core/error.h"

namespace every::cli {

/// The command a command line of the original means. The first line of what is said to wrong use is the original's, its exit code (2) too; lines below it say
/// what was wrong.
/// source: what homestar 0.3.0 takes and says
[[nodiscard]] Command parse_homestar(const std::vector<std::string>& words);

/// An error as the original reports one: `Error:   × …`, wrapped, `cause` of the context below it. Ends with an empty line.
[[nodiscard]] std::string render_homestar_error(const core::Error& error);

}  // namespace every::cli
