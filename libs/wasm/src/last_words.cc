#include "last_words.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "every/core/text.h"

namespace every::wasm {
namespace {

constexpr std::size_t kLongestSentence = 1000;
constexpr std::size_t kLongestStack = 4000;

using Lines = std::vector<std::string_view>;

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) + 1 - begin);
}

Lines split(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// `first; second; third` of lines that are not blank.
std::string join(const Lines& lines) {
  std::string out;
  for (const std::string_view line : lines) {
    const std::string_view words = trim(line);
    if (words.empty()) continue;
    if (!out.empty()) out += "; ";
    out += words;
  }
  return out;
}

std::string with_place(std::string words, std::string_view place) {
  return place.empty() ? words : words + " (" + std::string(place) + ")";
}

/// The text of `Some("…")` as Rust prints it, from the position of the opening quote.
std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 1; i < text.size() && text[i] != '"'; ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const char next = text[++i];
    out += next == 'n' ? '\n' : next == 't' ? '\t' : next == 'r' ? '\r' : next;
  }
  return out;
}

std::optional<std::string> quoted_after(std::string_view text, std::string_view key) {
  const std::size_t at = text.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  return unescape(text.substr(at + key.size() - 1));
}

/// An uncaught exception as the QuickJS runtime's panic tells it; nothing when the panic is another.
std::optional<LastWords> javascript(std::string_view message) {
  if (!message.starts_with("Failed to call '")) return std::nullopt;
  LastWords words;
  if (const auto text = quoted_after(message, "message: Some(\"")) {
    words.sentence = "uncaught exception: " + join(split(*text));
  } else if (const auto thrown = quoted_after(message, "Value(String(Ok(\"")) {
    words.sentence = "uncaught exception: " + join(split(*thrown));
  } else {
    return std::nullopt;
  }
  if (const auto stack = quoted_after(message, "stack: Some(\"")) {
    words.stack = *stack;
    const Lines lines = split(words.stack);
    const std::string_view first = lines.empty() ? std::string_view() : trim(lines.front());
    if (first.starts_with("at "))
      words.sentence = with_place(std::move(words.sentence), first.substr(3));
  }
  return words;
}

/// From `thread '…' panicked at ` on. source: Rust's default panic hook, before and since 1.73
LastWords rust_panic(std::string_view text) {
  Lines lines = split(text);
  std::string_view head = trim(lines.front());
  lines.erase(lines.begin());
  if (head.starts_with('\'')) {
    const std::size_t end = head.rfind("', ");
    if (end != std::string_view::npos && end > 0)
      return {with_place(std::string(head.substr(1, end - 1)), head.substr(end + 3)), {}};
  }
  if (head.ends_with(':')) head.remove_suffix(1);
  const auto end = std::find_if(lines.begin(), lines.end(), [](std::string_view line) {
    return line.starts_with("stack backtrace:") || line.starts_with("note: ");
  });
  lines.erase(end, lines.end());
  const std::string message = join(lines);
  if (auto words = javascript(message)) return std::move(*words);
  return {with_place(message.empty() ? "panicked" : message, head), {}};
}

/// From the last `Traceback (most recent call last):` on.
LastWords python_traceback(std::string_view text) {
  LastWords words;
  Lines said;
  std::string place;
  for (const std::string_view line : split(text)) {
    if (said.empty() && (line.starts_with(' ') || line.starts_with("Traceback"))) {
      words.stack.append(line).append("\n");
      const std::string_view frame = trim(line);
      const std::size_t quote = frame.find("\", line ");
      if (frame.starts_with("File \"") && quote != std::string_view::npos) {
        const std::string_view number = frame.substr(quote + 8);
        place = std::string(frame.substr(6, quote - 6)) + ":" +
                std::string(number.substr(0, number.find(',')));
      }
      continue;
    }
    if (trim(line).empty()) break;
    said.push_back(line);
  }
  words.sentence = with_place(join(said), place);
  return words;
}

/// An uncaught exception as StarlingMonkey prints it before it aborts: the message, `Stack:`, the frames.
LastWords starling(std::string_view text) {
  constexpr std::size_t kMostLines = 3;  // more are not one message
  Lines lines = split(trim(text));
  const auto stack = std::find(lines.rbegin(), lines.rend(), std::string_view("Stack:"));
  if (lines.empty()) return {};
  if (stack == lines.rend()) return {"uncaught exception: " + std::string(trim(lines.back())), {}};
  const auto title = stack.base() - 1;
  const Lines frames(title + 1, lines.end());
  lines.erase(title, lines.end());
  if (lines.size() > kMostLines) lines.erase(lines.begin(), lines.end() - 1);
  LastWords words;
  words.sentence = with_place("uncaught exception: " + join(lines),
                              frames.empty() ? std::string_view() : trim(frames.front()));
  for (const std::string_view frame : frames) words.stack.append(trim(frame)).append("\n");
  return words;
}

LastWords read(std::string_view text) {
  constexpr std::string_view kStarlingAborts = "Redirecting call to abort() to mozalloc_abort";
  if (text.ends_with(kStarlingAborts))
    return starling(text.substr(0, text.size() - kStarlingAborts.size()));
  constexpr std::string_view kPanic = "panicked at ";
  constexpr std::string_view kTraceback = "Traceback (most recent call last):";
  const std::size_t panic = text.rfind(kPanic);
  const std::size_t traceback = text.rfind(kTraceback);
  if (panic != std::string_view::npos) {
    const std::string_view after = text.substr(panic + kPanic.size());
    // Python's runtime panics after the exception that is the reason.
    if (after.find("Python function threw") == std::string_view::npos) return rust_panic(after);
    if (traceback == std::string_view::npos || traceback > panic) {
      // One that did not come from the user's lines has no traceback.
      const std::size_t line = text.rfind('\n', panic);
      const auto before = trim(text.substr(0, line == std::string_view::npos ? 0 : line));
      if (before.empty()) return rust_panic(after);
      return {std::string(trim(split(before).back())), {}};
    }
  }
  if (traceback != std::string_view::npos) return python_traceback(text.substr(traceback));
  const Lines lines = split(text);
  return {std::string(trim(lines.back())), {}};
}

std::string printable(std::string text) {
  for (char& c : text) {
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f) c = ' ';
  }
  return text;
}

}  // namespace

LastWords read_last_words(std::string_view text) {
  const std::string valid = core::to_valid_utf8(text);
  std::string_view rest = valid;
  // Rust's advice is for somebody who can set the guest's environment.
  if (const auto note = rest.rfind("note: run with `RUST_BACKTRACE"); note != std::string::npos)
    rest = rest.substr(0, note);
  rest = trim(rest);
  if (rest.empty()) return {};
  LastWords words = read(rest);
  words.sentence = core::shorten(printable(std::move(words.sentence)), kLongestSentence);
  words.stack = core::shorten(printable(std::string(trim(words.stack))), kLongestStack);
  return words;
}

}  // namespace every::wasm
