#include "arguments.h"

#include "every/core/text.h"
#include "every/ipld/dag_json.h"

namespace every::workflow::detail {
namespace {

constexpr const char* kPlaceholderPattern = R"(^\{\{.*\}\}$)";

bool mentions_placeholder(const ipld::Value& value) {
  if (const std::string* text = value.if_string()) return text->find("{{") != std::string::npos;
  if (const ipld::List* list = value.if_list()) {
    for (const ipld::Value& item : *list) {
      if (mentions_placeholder(item)) return true;
    }
  }
  if (const ipld::Map* map = value.if_map()) {
    for (const auto& entry : *map) {
      if (entry.key.find("{{") != std::string::npos || mentions_placeholder(entry.value))
        return true;
    }
  }
  return false;
}

ValidationError placeholder_error(const ArgumentPlace& place, const std::string& text,
                                  const std::string& message) {
  return one_error({place.instance,
                    place.schema + "/placeholder",
                    "placeholder",
                    message,
                    {{"placeholder", text}}},
                   place.where + ": `" + core::shorten(text, 100) + "`: " + message);
}

Validated<ipld::Value> prepare_text(const std::string& text, const TaskNames& names,
                                    std::uint32_t task, const ArgumentPlace& place,
                                    References& references) {
  Validated<ipld::Value> out(std::in_place, text);
  const auto placeholder = parse_placeholder(text);
  if (!placeholder) {
    if (holds_placeholder(text)) {
      return std::unexpected(placeholder_error(
          place, text,
          "a placeholder cannot be part of a longer text; it must be the whole value"));
    }
    return out;
  }
  auto resolved = names.resolve(*placeholder, task);
  if (!resolved) return std::unexpected(placeholder_error(place, text, resolved.error().message));
  if (auto* value = std::get_if<ipld::Value>(&*resolved)) {
    out = std::move(*value);
  } else {
    references.emplace(text, std::get<Reference>(*resolved));
  }
  return out;
}

bool is_left_for_later(const ipld::Value& value) {
  if (const std::string* text = value.if_string())
    return text->starts_with("{{") && parse_placeholder(*text).has_value();
  return value.if_map() != nullptr && invocation::Await::parse(value).has_value();
}

/// What to say of a wrong argument in one sentence.
std::string summarise(const wit::Violation& first, const ipld::Value& value, const wit::Type& type,
                      const ArgumentPlace& place) {
  std::string out = place.where;
  if (first.path.size() > place.instance.size())
    out += ", at " + first.path.substr(place.instance.size()) + ",";
  out += " " + first.message;
  const auto text = ipld::dag_json::encode(value);
  if (text) out += "; got " + core::shorten(*text, 100);
  return out + " (its type is " + wit::render(type) + ")";
}

ipld::Value substitute_any(ipld::Value value, const References& references,
                           const std::function<ipld::Value(const Reference&)>& value_of) {
  if (const std::string* text = value.if_string()) {
    const auto found = references.find(*text);
    return found != references.end() ? value_of(found->second) : value;
  }
  if (ipld::List* list = value.if_list()) {
    for (ipld::Value& item : *list) item = substitute_any(std::move(item), references, value_of);
  } else if (const ipld::Map* map = value.if_map()) {
    ipld::Map out;
    for (const auto& entry : *map)
      out.set(entry.key, substitute_any(entry.value, references, value_of));
    return out;
  }
  return value;
}

}  // namespace

Validated<ipld::Value> prepare(const ipld::Value& value, const TaskNames& names, std::uint32_t task,
                               const ArgumentPlace& place, References& references) {
  if (!mentions_placeholder(value)) return value;
  if (const std::string* text = value.if_string())
    return prepare_text(*text, names, task, place, references);
  if (const ipld::List* list = value.if_list()) {
    ipld::List out;
    out.reserve(list->size());
    for (const ipld::Value& item : *list) {
      EVERY_TRY_ASSIGN(ipld::Value prepared, prepare(item, names, task, place, references));
      out.push_back(std::move(prepared));
    }
    return ipld::Value(std::move(out));
  }
  ipld::Map out;
  for (const auto& entry : *value.if_map()) {
    if (holds_placeholder(entry.key))
      return std::unexpected(
          placeholder_error(place, entry.key, "a placeholder cannot be the key of an object"));
    EVERY_TRY_ASSIGN(ipld::Value prepared, prepare(entry.value, names, task, place, references));
    out.set(entry.key, std::move(prepared));
  }
  return ipld::Value(std::move(out));
}

Validated<ipld::Value> normalise_argument(const ipld::Value& value, const wit::Type& type,
                                          const ArgumentPlace& place) {
  auto normalised = wit::normalise(value, type, place.instance, is_left_for_later);
  if (normalised) return std::move(*normalised);
  ValidationError error;
  error.entries = entries_of(normalised.error(), place.schema + "/anyOf/0");
  if (value.if_string() != nullptr) {
    error.entries.push_back({place.instance,
                             place.schema + "/anyOf/1/pattern",
                             "pattern",
                             "must match pattern \"" + std::string(kPlaceholderPattern) + "\"",
                             {{"pattern", kPlaceholderPattern}}});
  } else {
    error.entries.push_back({place.instance,
                             place.schema + "/anyOf/1/type",
                             "type",
                             "must be string",
                             {{"type", "string"}}});
  }
  error.entries.push_back(
      {place.instance, place.schema + "/anyOf", "anyOf", "must match a schema in anyOf", {}});
  error.summary = summarise(normalised.error().front(), value, type, place);
  return std::unexpected(std::move(error));
}

ipld::Value substitute(ipld::Value value, const References& references,
                       const std::function<ipld::Value(const Reference&)>& value_of) {
  return references.empty() ? std::move(value)
                            : substitute_any(std::move(value), references, value_of);
}

std::size_t required_count(const wit::Function& function) {
  std::size_t count = function.params.size();
  while (count > 0 && function.params[count - 1].type->kind == wit::Kind::kOption) --count;
  return count;
}

}  // namespace every::workflow::detail
