#pragma once

#include "console.h"
#include "node_choices.h"
#include "places.h"

#include "every/core/error.h"
#include "every/core/log_filter.h"

namespace every::cli {

/// What a verb does with what the node has to say.
enum class LogTarget : std::uint8_t {
  kStdout,  ///< a server: all of it, guests' lines from trace on
  kStderr,  ///< a command with an answer of its own: warnings and errors that the answer does not tell anyway
};

/// Where the lines go, how they look and which they are.
struct LogSetup {
  LogTarget target = LogTarget::kStdout;
  core::LogFormat format = core::LogFormat::kLogfmt;
  core::LogFilter filter;
};

/// What is asked for by `--log-format`, `--log-level` and `--guest-log-level`, else by EVERY_LOG, else by RUST_LOG. What of the environment's
/// cannot be honoured is told once, on the console.
/// errors: kInvalidArgument a directive of `--log-level` that means nothing
[[nodiscard]] core::Result<LogSetup> choose_log(const NodeChoices& choices, LogTarget target,
                                                const Environment& environment,
                                                const Console& console);

}  // namespace every::cli
