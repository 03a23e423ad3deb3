#include <charconv>
#include <cmath>

#include "violations.h"

#include "every/ipld/dag_json.h"
#include "every/wit/coerce.h"

namespace every::wit {
namespace {

using detail::Path;
using detail::Violations;
using ipld::Value;
using Parsed = std::expected<Value, std::vector<Violation>>;

Parsed refuse(const std::string& path, std::string_view expected) {
  Violations violations(path);
  violations.type(Path{}, expected);
  return std::unexpected(violations.take());
}

/// A JSON number, leading zeros and a bare `.5` forgiven: what people type.
Parsed parse_number(const std::string& text, const std::string& path) {
  const char* end = text.data() + text.size();
  double real = 0;
  const auto [stop, error] = std::from_chars(text.data(), end, real);
  if (error != std::errc() || stop != end || !std::isfinite(real) ||
      text.find_first_of("nN") != std::string::npos)
    return refuse(path, "number");
  if (text.find_first_of(".eE") == std::string::npos) {
    const bool negative = text.front() == '-';
    std::uint64_t digits = 0;
    const auto [last, failed] = std::from_chars(text.data() + (negative ? 1 : 0), end, digits);
    if (failed == std::errc() && last == end) {
      if (!negative) return Value(digits);
      return digits == 0 ? Value(0) : Value(ipld::Integer::from_negative(digits - 1));
    }
  }
  return Value(real);
}

Parsed parse_json(const std::string& text, const std::string& path) {
  auto value = ipld::dag_json::decode(text);
  if (value) return std::move(*value);
  Violations violations(path);
  violations.other(Path{}, "format", "must be JSON: " + value.error().message,
                   {{"format", "json"}});
  return std::unexpected(violations.take());
}

bool looks_like_json(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  return first != std::string::npos && (text[first] == '[' || text[first] == '{');
}

Value split_names(const std::string& text) {
  ipld::List names;
  for (std::size_t start = 0; start < text.size();) {
    const auto end = std::min(text.find(',', start), text.size());
    names.emplace_back(text.substr(start, end - start));
    start = end + 1;
  }
  return names;
}

}  // namespace

Parsed parse_query_text(const std::string& text, const Type& type, const std::string& path) {
  switch (type.kind) {
    case Kind::kBool:
      if (text == "true") return Value(true);
      if (text == "false") return Value(false);
      return refuse(path, "boolean");
    case Kind::kChar:
    case Kind::kString:
    case Kind::kEnum:
      return Value(text);
    case Kind::kFlags:
      return looks_like_json(text) ? parse_json(text, path) : Parsed(split_names(text));
    case Kind::kVariant:
      return looks_like_json(text) ? parse_json(text, path) : Parsed(Value(text));
    case Kind::kList:
    case Kind::kFixedList:
      // Bytes are written as text; every other list as JSON.
      if (type.element->kind == Kind::kU8 && !looks_like_json(text)) return Value(text);
      return parse_json(text, path);
    case Kind::kOption:
      if (type.element->kind == Kind::kOption) return parse_json(text, path);
      if (text == "null" && type.element->kind != Kind::kString &&
          type.element->kind != Kind::kChar)
        return Value();
      return parse_query_text(text, *type.element, path);
    case Kind::kMap:
    case Kind::kTuple:
    case Kind::kRecord:
    case Kind::kResult:
      return parse_json(text, path);
    case Kind::kOwn:
    case Kind::kBorrow:
    case Kind::kStream:
    case Kind::kFuture:
    case Kind::kErrorContext:
      return Value(text);  // normalise() refuses them by name
    default:
      return parse_number(text, path);
  }
}

}  // namespace every::wit
