#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "every/core/log.h"

namespace every::core {

/// Which lines are shown: a level for the node's own, one for guests', and exceptions by subject or category.
struct LogFilter {
  LogLevel threshold = LogLevel::kInfo;
  LogLevel guests = LogLevel::kTrace;
  struct Rule {
    std::string target;  ///< a subject or category, or the start of one up to a `.` or `:`
    LogLevel level = LogLevel::kInfo;
  };
  std::vector<Rule> rules;  ///< the longest target that fits decides

  [[nodiscard]] bool shows(const LogRecord& record) const;
  /// The most talkative level of the node's own lines, of guests' lines: what a Logger in front of the filter lets through.
  [[nodiscard]] LogLevel least() const;
  [[nodiscard]] LogLevel least_of_guests() const;
};

/// Applies what EVERY_LOG, RUST_LOG or --log-level says: `level`, or directives `target=level` separated by commas, as env_logger reads them.
///
/// A level alone is for the node's own lines; `off` is for all. A target is a subject or category of docs/formats/log.md, or the start of
/// one (`worker`, `guest:rust`); in a Rust path the last name counts (`homestar_runtime::worker`); the program itself (`every`,
/// `homestar_runtime`) is all of the node's own lines. A target alone shows all of its lines.
/// out: what cannot be honoured (spans, regular expressions, parts there are none of), each as a sentence; the rest applies
[[nodiscard]] std::vector<std::string> apply_log_directives(std::string_view text,
                                                            LogFilter& filter);

/// Hands on what the filter shows. `next` outlives it.
[[nodiscard]] std::unique_ptr<LogSink> make_filter_sink(LogFilter filter, LogSink& next);

}  // namespace every::core
