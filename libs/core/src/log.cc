#include "every/core/log.h"

#include <algorithm>
#include <cctype>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "every/core/text.h"

namespace every::core {
namespace {

constexpr std::string_view kKeyColour = "\x1b[1m\x1b[38;2;109;139;140m";
constexpr std::string_view kReset = "\x1b[0m";

std::string_view level_colour(LogLevel level) {
  switch (level) {
    case LogLevel::kError:
      return "\x1b[1m\x1b[31m";
    case LogLevel::kWarn:
      return "\x1b[1m\x1b[33m";
    case LogLevel::kInfo:
      return "\x1b[1m\x1b[32m";
    default:
      return "\x1b[1m\x1b[34m";
  }
}

void append_escaped(std::string& out, std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
          out += "\\u00";
          out += kDigits[static_cast<unsigned char>(c) >> 4];
          out += kDigits[static_cast<unsigned char>(c) & 15];
        } else {
          out += c;
        }
    }
  }
}

bool needs_quotes(std::string_view text) {
  return text.empty() || std::any_of(text.begin(), text.end(), [](char c) {
           return c == ' ' || c == '"' || c == '=' || c == '\\' ||
                  static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
         });
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  append_escaped(out, text);
  out += '"';
}

void append_pair(std::string& out, std::string_view key, std::string_view value, LogColour colour) {
  if (!out.empty()) out += ' ';
  if (colour == LogColour::kAlways) out += kKeyColour;
  out += key;
  out += '=';
  if (colour == LogColour::kAlways) out += kReset;
  // A guest chooses its text: what is not UTF-8 must not reach a terminal or a JSON reader.
  const std::string valid = to_valid_utf8(value);
  if (needs_quotes(valid)) {
    append_quoted(out, valid);
  } else {
    out += valid;
  }
}

class StdoutSink final : public LogSink {
 public:
  StdoutSink(LogFormat format, LogColour colour)
      : format_(format), colour_(colour), sink_(std::make_shared<spdlog::sinks::stdout_sink_mt>()) {
    sink_->set_pattern("%v");
  }

  void write(const LogRecord& record) override {
    const std::string line = render(record);
    try {
      sink_->log(spdlog::details::log_msg("", spdlog::level::info, line));
      sink_->flush();
    } catch (const std::exception&) {
      // A closed pipe on the other side must not stop the node; there is nowhere left to say so.
    }
  }

 private:
  [[nodiscard]] std::string render(const LogRecord& record) const {
    switch (format_) {
      case LogFormat::kJson:
        return render_json(record);
      case LogFormat::kPretty:
        return render_pretty(record, colour_);
      case LogFormat::kLogfmt:
        break;
    }
    return render_logfmt(record, colour_);
  }

  LogFormat format_;
  LogColour colour_;
  std::shared_ptr<spdlog::sinks::stdout_sink_mt> sink_;
};

}  // namespace

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

std::string render_logfmt(const LogRecord& record, LogColour colour) {
  std::string out;
  append_pair(out, "ts", render_timestamp(record.time), colour);
  out += ' ';
  if (colour == LogColour::kAlways) {
    out += kKeyColour;
    out += "level=";
    out += kReset;
    out += level_colour(record.level);
    out += render_level(record.level);
    out += kReset;
  } else {
    out += "level=";
    out += render_level(record.level);
  }
  append_pair(out, "message", record.message, colour);
  if (!record.subject.empty()) append_pair(out, "subject", record.subject, colour);
  if (!record.category.empty()) append_pair(out, "category", record.category, colour);
  for (const auto& [key, value] : record.fields) append_pair(out, key, value, colour);
  return out;
}

std::string render_json(const LogRecord& record) {
  std::string out = "{\"ts\":\"" + render_timestamp(record.time) + "\",\"level\":\"" +
                    std::string(render_level(record.level)) + "\"";
  const auto add = [&out](std::string_view key, std::string_view value) {
    out += ',';
    append_quoted(out, key);
    out += ':';
    append_quoted(out, to_valid_utf8(value));
  };
  add("message", record.message);
  if (!record.subject.empty()) add("subject", record.subject);
  if (!record.category.empty()) add("category", record.category);
  for (const auto& [key, value] : record.fields) add(key, value);
  return out + "}";
}

std::string render_pretty(const LogRecord& record, LogColour colour) {
  std::string out = render_timestamp(record.time).substr(11, 12) + " ";
  std::string level(render_level(record.level));
  level.resize(5, ' ');
  out += colour == LogColour::kAlways
             ? std::string(level_colour(record.level)) + level + std::string(kReset)
             : level;
  out += ' ';
  if (record.subject == kGuestSubject) out += "[" + to_valid_utf8(record.category) + "] ";
  append_escaped(out, to_valid_utf8(record.message));
  for (const auto& [key, value] : record.fields) append_pair(out, key, value, colour);
  return out;
}

std::unique_ptr<LogSink> make_stdout_sink(LogFormat format, LogColour colour) {
  return std::make_unique<StdoutSink>(format, colour);
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
