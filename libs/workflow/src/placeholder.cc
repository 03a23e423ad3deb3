#include "placeholder.h"

#include <cctype>

namespace every::workflow::detail {
namespace {

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}
bool is_key(char c) {
  return is_word(c) || c == '.' || c == '-';
}
bool is_blank(char c) {
  return std::isspace(static_cast<unsigned char>(c)) != 0;
}

template <typename Is>
std::string_view take_while(std::string_view& text, Is is) {
  std::size_t n = 0;
  while (n < text.size() && is(text[n])) ++n;
  const std::string_view taken = text.substr(0, n);
  text.remove_prefix(n);
  return taken;
}

bool take(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

/// A placeholder at the front of `text`, which is moved past it.
std::optional<Placeholder> take_placeholder(std::string_view& text) {
  if (!take(text, "{{")) return std::nullopt;
  take_while(text, is_blank);
  Placeholder found;
  found.key = take_while(text, is_key);
  if (found.key.empty()) return std::nullopt;
  if (take(text, ":")) {
    found.param = take_while(text, is_word);
    if (found.param->empty()) return std::nullopt;
  }
  take_while(text, is_blank);
  if (!take(text, "}}")) return std::nullopt;
  return found;
}

}  // namespace

std::optional<Placeholder> parse_placeholder(std::string_view text) {
  auto found = take_placeholder(text);
  return text.empty() ? found : std::nullopt;
}

bool holds_placeholder(std::string_view text) {
  for (auto at = text.find("{{"); at != std::string_view::npos; at = text.find("{{", at + 1)) {
    std::string_view rest = text.substr(at);
    if (take_placeholder(rest)) return true;
  }
  return false;
}

}  // namespace every::workflow::detail
