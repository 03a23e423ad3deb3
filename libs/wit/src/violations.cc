#include "violations.h"

namespace every::wit::detail {
namespace {

// A wrong list of a million numbers is as clear from its first entries.
constexpr std::size_t kMaxReported = 100;

void append(const Path& path, std::string& out) {
  if (path.parent != nullptr) append(*path.parent, out);
  switch (path.step) {
    case Path::Step::kRoot:
      return;
    case Path::Step::kIndex:
      out += "/" + std::to_string(path.index);
      return;
    case Path::Step::kKey:
      break;
  }
  out += '/';
  for (const char c : path.key) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
}

ipld::List as_values(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

}  // namespace

std::string render(const Path& path, const std::string& root) {
  std::string out = root;
  append(path, out);
  return out;
}

void Violations::other(const Path& at, std::string keyword, std::string message, ipld::Map params) {
  if (found_.size() >= kMaxReported) return;
  found_.push_back({render(at, root_), std::move(keyword), std::move(message), std::move(params)});
}

void Violations::type(const Path& at, std::string_view expected) {
  other(at, "type", "must be " + std::string(expected), {{"type", expected}});
}

void Violations::missing(const Path& at, std::string_view property) {
  other(at, "required", "must have required property '" + std::string(property) + "'",
        {{"missingProperty", property}});
}

void Violations::additional(const Path& at, std::string_view property) {
  other(at, "additionalProperties", "must NOT have additional properties",
        {{"additionalProperty", property}});
}

void Violations::too_few(const Path& at, std::size_t limit) {
  other(at, "minItems", "must NOT have fewer than " + std::to_string(limit) + " items",
        {{"limit", std::uint64_t{limit}}});
}

void Violations::too_many(const Path& at, std::size_t limit) {
  other(at, "maxItems", "must NOT have more than " + std::to_string(limit) + " items",
        {{"limit", std::uint64_t{limit}}});
}

void Violations::not_one_character(const Path& at, std::size_t count) {
  if (count == 0)
    return other(at, "minLength", "must NOT have fewer than 1 characters", {{"limit", 1}});
  other(at, "maxLength", "must NOT have more than 1 characters", {{"limit", 1}});
}

void Violations::minimum(const Path& at, ipld::Value limit, const std::string& limit_text) {
  other(at, "minimum", "must be >= " + limit_text,
        {{"comparison", ">="}, {"limit", std::move(limit)}});
}

void Violations::maximum(const Path& at, ipld::Value limit, const std::string& limit_text) {
  other(at, "maximum", "must be <= " + limit_text,
        {{"comparison", "<="}, {"limit", std::move(limit)}});
}

void Violations::not_allowed(const Path& at, const std::vector<std::string>& allowed) {
  other(at, "enum", "must be equal to one of the allowed values",
        {{"allowedValues", as_values(allowed)}});
}

}  // namespace every::wit::detail
