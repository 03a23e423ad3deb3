#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "every/core/log.h"

namespace every::core {

struct LogOutputOptions {
  LogFormat format = LogFormat::kLogfmt;
  LogColour colour = LogColour::kNever;
  std::size_t most_bytes = std::size_t{16} << 20;  ///< of lines that wait to be written
  /// How long the end of the sink waits for a reader that takes nothing.
  std::chrono::milliseconds end_within{1000};
};

/// A sink that writes lines to a descriptor on a thread of its own, whole lines in order.
///
/// Whoever logs never waits. A reader that is too slow loses lines: when it takes some again, one line says how many it missed. A full
/// disk loses lines in the same way. A reader that is gone (a closed pipe) loses the rest; the process goes on. What waits when the sink ends is written first, for as
/// long as somebody takes it. Lines of up to 4096 bytes reach a pipe in one piece.
///
/// in: fd   stays open, and stays the caller's, for the life of the sink; SIGPIPE is ignored
/// source: docs/decisions/0018
[[nodiscard]] std::unique_ptr<LogSink> make_output_sink(int fd, LogOutputOptions options);

}  // namespace every::core
