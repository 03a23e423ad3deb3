#include <algorithm>
#include <array>
#include <ctime>

#include "every/core/log.h"
#include "every/core/printable.h"
#include "every/core/text.h"

namespace every::core {
namespace {

constexpr std::string_view kKeyColour = "\x1b[1m\x1b[38;2;109;139;140m";
constexpr std::string_view kDim = "\x1b[2m";
constexpr std::string_view kCyan = "\x1b[36m";
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
  while (!text.empty()) {
    const std::size_t acting = acting_length(text);
    const char c = text.front();
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (c == '\n' || c == '\r' || c == '\t') {
      out += {'\\', c == '\n' ? 'n' : c == '\r' ? 'r' : 't'};
    } else if (acting > 0) {
      append_code_point(out, text.substr(0, acting));
      text.remove_prefix(acting - 1);
    } else {
      out += c;
    }
    text.remove_prefix(1);
  }
}

bool needs_quotes(std::string_view text) {
  if (text.empty() || text.find_first_of(" \"=\\") != std::string_view::npos) return true;
  for (; !text.empty(); text.remove_prefix(1)) {
    if (acting_length(text) > 0) return true;
  }
  return false;
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

// ---- the pretty form ----

std::string local_time(WallNanos time) {
  const auto seconds = static_cast<std::time_t>(time / 1'000'000'000);
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%02d:%02d:%02d.%03d", parts.tm_hour, parts.tm_min,
                parts.tm_sec, static_cast<int>(time / 1'000'000 % 1'000));
  return buffer.data();
}

class Painter {
 public:
  explicit Painter(LogColour colour) : colour_(colour) {}
  [[nodiscard]] std::string operator()(std::string_view code, std::string_view text) const {
    if (colour_ == LogColour::kNever || text.empty()) return std::string(text);
    return std::string(code) + std::string(text) + std::string(kReset);
  }

 private:
  LogColour colour_;
};

/// Under the first line, behind a bar that no text can leave.
void append_below(std::string& out, std::string_view text, const Painter& paint) {
  constexpr std::string_view kIndent = "             ";  // as wide as the time
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out +=
        '\n' + std::string(kIndent) + paint(kDim, "│") + " " + printable_line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

/// Long identifiers are for programs; a receipt's is what a person goes on with.
bool is_shortened(std::string_view key, std::string_view value) {
  constexpr std::size_t kLong = 40;
  return key != "receipt_cid" && value.size() > kLong &&
         value.find_first_of(" \n") == std::string_view::npos;
}

}  // namespace

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
  const Painter paint(colour);
  std::string level(render_level(record.level));
  level.resize(5, ' ');
  std::string out = paint(kDim, local_time(record.time)) + " ";
  out += paint(level_colour(record.level), level) + " ";
  const bool is_guest = record.subject == kGuestSubject;
  if (is_guest) out += paint(kCyan, printable_line(record.category)) + " ";
  const std::size_t first = std::min(record.message.find('\n'), record.message.size());
  out += printable_line(std::string_view(record.message).substr(0, first));
  std::string below = record.message.substr(std::min(first + 1, record.message.size()));
  for (const auto& [key, value] : record.fields) {
    if (key == "err" || value.find('\n') != std::string::npos) {
      below += (below.empty() ? "" : "\n") + value;
    } else {
      std::string text = printable_line(value);
      if (is_shortened(key, text)) text = text.substr(0, 10) + "…" + text.substr(text.size() - 6);
      out += "  " + paint(kDim, printable_line(key) + "=" + text);
    }
  }
  append_below(out, below, paint);
  return out;
}

}  // namespace every::core
