#include "target.h"

#include <algorithm>
#include <cctype>

#include "every/core/text.h"

namespace every::gateway {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

enum class Plus { kLiteral, kSpace };

core::Result<std::string> decode(std::string_view text, Plus plus) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) {
        return core::fail(core::ErrorCode::kMalformed,
                          "the address holds a % that is not followed by two hexadecimal digits; "
                          "write a literal % as %25");
      }
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i] == '+' && plus == Plus::kSpace ? ' ' : text[i];
    }
  }
  if (!core::is_utf8(out)) {
    return core::fail(core::ErrorCode::kMalformed, "the address holds bytes that are not UTF-8");
  }
  return out;
}

core::Status parse_query(std::string_view text, std::vector<QueryPair>& out) {
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    EVERY_TRY_ASSIGN(std::string name, decode(pair.substr(0, equals), Plus::kSpace));
    std::string value;
    if (equals != std::string_view::npos) {
      EVERY_TRY_ASSIGN(value, decode(pair.substr(equals + 1), Plus::kSpace));
    }
    out.push_back({std::move(name), std::move(value)});
  }
  return {};
}

}  // namespace

const std::string* Target::find_query(std::string_view name) const {
  const auto found =
      std::ranges::find_if(query, [name](const QueryPair& pair) { return pair.name == name; });
  return found == query.end() ? nullptr : &found->value;
}

bool Target::is_on(std::string_view name) const {
  const std::string* value = find_query(name);
  return value != nullptr && *value != "false" && *value != "0";
}

core::Result<Target> parse_target(std::string_view text) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!text.starts_with(scheme)) continue;
    const std::size_t path = text.find_first_of("/?", scheme.size());
    text = path == std::string_view::npos ? std::string_view("/") : text.substr(path);
  }
  if (text.empty() || (text.front() != '/' && text.front() != '?')) {
    return core::fail(core::ErrorCode::kMalformed, "the address does not begin with /");
  }
  text = text.substr(0, text.find('#'));
  Target target;
  const std::size_t question = text.find('?');
  std::string_view path = text.substr(0, question);
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    if (segment.empty() && path.empty()) break;
    EVERY_TRY_ASSIGN(std::string decoded, decode(segment, Plus::kLiteral));
    target.segments.push_back(std::move(decoded));
  }
  if (question != std::string_view::npos) {
    EVERY_TRY(parse_query(text.substr(question + 1), target.query));
  }
  return target;
}

std::string encode_component(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.' || c == '~') {
      out += c;
    } else {
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
  return out;
}

}  // namespace every::gateway
