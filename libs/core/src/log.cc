#include "every/core/log.h"

#include <algorithm>
#include <cctype>

namespace every::core {

std::string_view render_level(LogLevel level) {
  switch (level) {
    case LogLevel::kTrace:
      return "trace";
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarn:
      return "warn";
    case LogLevel::kError:
      return "error";
    case LogLevel::kOff:
      break;
  }
  return "off";
}

std::optional<LogLevel> parse_level(std::string_view text) {
  std::string word(text);
  std::transform(word.begin(), word.end(), word.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (word == "warning") return LogLevel::kWarn;
  for (const LogLevel level : {LogLevel::kTrace, LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarn,
                               LogLevel::kError, LogLevel::kOff}) {
    if (word == render_level(level)) return level;
  }
  return std::nullopt;
}

void Logger::log(LogLevel level, std::string_view subject, std::string_view category,
                 std::string message, Fields fields) const {
  if (level < threshold_ || level == LogLevel::kOff) return;
  sink_.write(LogRecord{clock_.wall(), level, std::move(message), std::string(subject),
                        std::string(category), std::move(fields)});
}

void Logger::guest(LogLevel level, std::string_view category, std::string message,
                   Fields fields) const {
  if (level < guest_threshold_ || level == LogLevel::kOff) return;
  sink_.write(LogRecord{clock_.wall(), level, std::move(message), std::string(kGuestSubject),
                        std::string(category), std::move(fields)});
}

}  // namespace every::core
