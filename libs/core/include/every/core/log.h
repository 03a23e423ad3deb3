#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "every/core/clock.h"

namespace every::core {

enum class LogLevel : std::uint8_t { kTrace, kDebug, kInfo, kWarn, kError, kOff };

/// `trace`, `debug`, … `off`; the inverse accepts the same words and `warning`, in any case.
[[nodiscard]] std::string_view render_level(LogLevel level);
[[nodiscard]] std::optional<LogLevel> parse_level(std::string_view text);

/// One event. `subject` and `category` are the original's two dimensions; `fields` follow them, in order.
struct LogRecord {
  WallNanos time = 0;
  LogLevel level = LogLevel::kInfo;
  std::string message;
  std::string subject;
  std::string category;
  std::vector<std::pair<std::string, std::string>> fields;
};

/// Where records go. write() never throws and never blocks for long. thread: any.
class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual void write(const LogRecord& record) = 0;
};

enum class LogFormat : std::uint8_t { kLogfmt, kJson, kPretty };
enum class LogColour : std::uint8_t { kNever, kAlways };

/// One line without its newline: `ts=… level=… message="…" subject=… category=… key=value…`, values quoted when they need it.
[[nodiscard]] std::string render_logfmt(const LogRecord& record, LogColour colour);
/// One JSON object with the same keys.
[[nodiscard]] std::string render_json(const LogRecord& record);
/// For reading in a terminal: time, level, message, then the fields that matter to a person.
[[nodiscard]] std::string render_pretty(const LogRecord& record, LogColour colour);

/// A sink that prints lines to standard output, whole lines at a time.
[[nodiscard]] std::unique_ptr<LogSink> make_stdout_sink(LogFormat format, LogColour colour);

/// The way to log: a level filter, a clock and a sink. Cheap to copy by reference; outlives whoever it is given to.
///
/// Guest lines (subject `wasm_execution`) have a threshold of their own. thread: any.
class Logger {
 public:
  Logger(LogSink& sink, const Clock& clock, LogLevel threshold, LogLevel guest_threshold)
      : sink_(sink), clock_(clock), threshold_(threshold), guest_threshold_(guest_threshold) {}

  using Fields = std::vector<std::pair<std::string, std::string>>;
  void log(LogLevel level, std::string_view subject, std::string_view category, std::string message,
           Fields fields = {}) const;
  void debug(std::string_view subject, std::string_view category, std::string message,
             Fields fields = {}) const {
    log(LogLevel::kDebug, subject, category, std::move(message), std::move(fields));
  }
  void info(std::string_view subject, std::string_view category, std::string message,
            Fields fields = {}) const {
    log(LogLevel::kInfo, subject, category, std::move(message), std::move(fields));
  }
  void warn(std::string_view subject, std::string_view category, std::string message,
            Fields fields = {}) const {
    log(LogLevel::kWarn, subject, category, std::move(message), std::move(fields));
  }
  void error(std::string_view subject, std::string_view category, std::string message,
             Fields fields = {}) const {
    log(LogLevel::kError, subject, category, std::move(message), std::move(fields));
  }
  /// A guest's line, with the time it had.
  void guest(LogLevel level, std::string_view category, std::string message,
             Fields fields = {}) const;
  [[nodiscard]] bool shows(LogLevel level) const { return level >= threshold_; }

 private:
  LogSink& sink_;
  const Clock& clock_;
  LogLevel threshold_;
  LogLevel guest_threshold_;
};

/// The subject of every line a guest writes.
inline constexpr std::string_view kGuestSubject = "wasm_execution";

}  // namespace every::core
