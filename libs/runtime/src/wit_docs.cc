#include "wit_docs.h"

#include <utility>

namespace every::runtime {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

/// Takes a word and the space after it from the front.
bool take(std::string_view& line, std::string_view word) {
  if (!line.starts_with(word)) return false;
  line = trim(line.substr(word.size()));
  return true;
}

}  // namespace

std::map<std::string, std::string> docs_in_wit(std::string_view wit) {
  std::map<std::string, std::string> out;
  std::string comment;
  std::string interface;  // empty outside of one
  while (!wit.empty()) {
    std::string_view line = wit.substr(0, wit.find('\n'));
    wit.remove_prefix(std::min(wit.size(), line.size() + 1));
    line = trim(line);
    if (line.starts_with("///")) {
      if (!comment.empty()) comment += '\n';
      comment += trim(line.substr(3));
      continue;
    }
    if (line.starts_with("@"))
      continue;  // `@since` and the like stand between a comment and its item
    if (take(line, "interface ")) {
      interface = trim(line.substr(0, line.find('{')));
    } else if (take(line, "world ")) {
      interface.clear();
    } else {
      const bool exported = take(line, "export ");
      const std::size_t colon = line.find(": ");
      const bool is_function =
          colon != std::string_view::npos && (line.substr(colon + 2).starts_with("func(") ||
                                              line.substr(colon + 2).starts_with("async func("));
      if (is_function && !comment.empty() && exported == interface.empty()) {
        std::string_view name = line.substr(0, colon);
        if (name.starts_with('%')) name.remove_prefix(1);
        out[(interface.empty() ? "" : interface + "#") + std::string(name)] = comment;
      }
    }
    comment.clear();
  }
  return out;
}

}  // namespace every::runtime
