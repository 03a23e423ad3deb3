#include <cmath>

#include "bytes_text.h"
#include "names.h"
#include "numbers.h"
#include "violations.h"

#include "every/wit/coerce.h"

namespace every::wit {
namespace {

using detail::Path;
using detail::Violations;
using ipld::Integer;
using ipld::List;
using ipld::Map;
using ipld::Value;

/// Descends value and type together. Every method gives the normalised value, or null after noting a violation.
class Normaliser {
 public:
  Normaliser(const std::string& root, const IsDeferred& deferred)
      : violations_(root), deferred_(deferred) {}

  Value run(const Value& value, const Type& type, const Path& at);
  Violations& violations() { return violations_; }

 private:
  bool is_deferred(const Value& value) const { return deferred_ && deferred_(value); }
  Value must_be(const Path& at, std::string_view expected) {
    violations_.type(at, expected);
    return {};
  }
  const List* sized_list(const Value& value, std::size_t size, const Path& at);

  Value integer(const Value& value, Kind kind, const Path& at);
  Value floating(const Value& value, Kind kind, const Path& at);
  Value text(const Value& value, Kind kind, const Path& at);
  Value bytes(const Value& value, const Type& type, const Path& at);
  Value list(const Value& value, const Type& type, const Path& at);
  Value pairs(const Value& value, const TypePtr& key, const TypePtr& mapped, const Path& at);
  Value map_key(const std::string& key, const Type& type, const Path& at);
  Value tuple(const Value& value, const std::vector<TypePtr>& elements, const Path& at);
  Value record(const Value& value, const Type& type, const Path& at);
  Value variant(const Value& value, const Type& type, const Path& at);
  Value one_case(const Type& type, std::size_t index, const Value* payload, const Path& at);
  Value enumeration(const Value& value, const Type& type, const Path& at);
  Value flags(const Value& value, const Type& type, const Path& at);
  Value option(const Value& value, const Type& type, const Path& at);
  Value result(const Value& value, const Type& type, const Path& at);
  Value result_pair(const List& pair, const Type& type, const Path& at);
  Value result_side(const Value* payload, const Type& type, std::size_t side, const Path& at);

  Violations violations_;
  const IsDeferred& deferred_;
};

Value Normaliser::run(const Value& value, const Type& type, const Path& at) {
  if (is_deferred(value)) return value;
  switch (type.kind) {
    case Kind::kBool:
      return value.if_bool() != nullptr ? value : must_be(at, "boolean");
    case Kind::kF32:
    case Kind::kF64:
      return floating(value, type.kind, at);
    case Kind::kChar:
    case Kind::kString:
      return text(value, type.kind, at);
    case Kind::kList:
    case Kind::kFixedList:
      return list(value, type, at);
    case Kind::kMap:
      return pairs(value, type.key, type.element, at);
    case Kind::kTuple:
      return tuple(value, type.elements, at);
    case Kind::kRecord:
      return record(value, type, at);
    case Kind::kVariant:
      return variant(value, type, at);
    case Kind::kEnum:
      return enumeration(value, type, at);
    case Kind::kFlags:
      return flags(value, type, at);
    case Kind::kOption:
      return option(value, type, at);
    case Kind::kResult:
      return result(value, type, at);
    case Kind::kOwn:
    case Kind::kBorrow:
    case Kind::kStream:
    case Kind::kFuture:
    case Kind::kErrorContext:
      violations_.other(at, "unsupported", "no value can be given for " + wit::render(type));
      return {};
    default:
      return integer(value, type.kind, at);
  }
}

Value Normaliser::integer(const Value& value, Kind kind, const Path& at) {
  const auto range = *detail::integer_range(kind);
  const double* number = value.if_float();
  if (value.if_integer() == nullptr && (number == nullptr || !std::isfinite(*number)))
    return must_be(at, "number");
  if (number != nullptr && std::trunc(*number) != *number) return must_be(at, "integer");
  const std::optional<Integer> whole =
      number != nullptr ? detail::whole(*number) : *value.if_integer();
  if (whole ? *whole < range.min : *number < 0) {
    violations_.minimum(at, range.min, range.min.render());
  } else if (!whole || range.max < *whole) {
    violations_.maximum(at, range.max, range.max.render());
  } else {
    return *whole;
  }
  return {};
}

Value Normaliser::floating(const Value& value, Kind kind, const Path& at) {
  double number = 0;
  if (const Integer* integer = value.if_integer()) {
    if (detail::is_safe(*integer)) return value;
    number = integer->as_double();
  } else if (const double* real = value.if_float(); real != nullptr && std::isfinite(*real)) {
    number = *real;
  } else {
    return must_be(at, "number");
  }
  if (kind == Kind::kF32 && !detail::fits_f32(number)) {
    if (number < 0) {
      violations_.minimum(at, -detail::kMaxF32, "-3.4028234663852886e+38");
    } else {
      violations_.maximum(at, detail::kMaxF32, "3.4028234663852886e+38");
    }
    return {};
  }
  const auto whole = detail::whole(number);
  if (whole && detail::is_safe(*whole)) return *whole;
  return number;
}

Value Normaliser::text(const Value& value, Kind kind, const Path& at) {
  const std::string* string = value.if_string();
  if (string == nullptr) return must_be(at, "string");
  if (kind == Kind::kChar) {
    const std::size_t count = detail::scalar_count(*string);
    if (count != 1) {
      violations_.not_one_character(at, count);
      return {};
    }
  }
  return value;
}

/// Bytes when all of them are known; a list when some are still awaited, or a fixed-length list is asked for.
Value Normaliser::bytes(const Value& value, const Type& type, const Path& at) {
  if (value.if_bytes() != nullptr || value.if_link() != nullptr) return value;
  if (const std::string* string = value.if_string()) {
    if (auto decoded = detail::parse_bytes_text(*string)) return std::move(*decoded);
    violations_.other(at, "format", "must be base64 text, a data: URI or an array of numbers",
                      {{"format", "base64"}});
    return {};
  }
  const List* items = value.if_list();
  if (items == nullptr) return must_be(at, "array");
  List normalised;
  core::Bytes out;
  bool complete = true;
  out.reserve(items->size());
  for (std::size_t i = 0; i < items->size(); ++i) {
    Value item = run((*items)[i], *type.element, at.at(i));
    const Integer* byte = item.if_integer();
    if (complete && byte != nullptr) {
      out.push_back(static_cast<std::uint8_t>(byte->n()));
      continue;
    }
    if (complete) normalised.assign(out.begin(), out.end());
    complete = false;
    normalised.push_back(std::move(item));
  }
  if (complete) return out;
  return normalised;
}

Value as_list(const core::Bytes& bytes) {
  List out;
  out.reserve(bytes.size());
  for (const std::uint8_t byte : bytes) out.emplace_back(int{byte});
  return out;
}

Value Normaliser::list(const Value& value, const Type& type, const Path& at) {
  const bool fixed = type.kind == Kind::kFixedList;
  if (type.element->kind == Kind::kU8 && !fixed) return bytes(value, type, at);
  if (detail::is_pair_list(type))
    return pairs(value, type.element->elements[0], type.element->elements[1], at);
  // Bytes have one form, fixed-length lists another: a list.
  if (fixed && type.element->kind == Kind::kU8 && value.if_list() == nullptr) {
    const Value raw = bytes(value, type, at);
    if (raw.if_bytes() == nullptr) return raw.is_null() ? raw : must_be(at, "array");
    return list(as_list(*raw.if_bytes()), type, at);
  }
  const List* items = fixed ? sized_list(value, type.length, at) : value.if_list();
  if (items == nullptr) return fixed ? Value() : must_be(at, "array");
  List out;
  out.reserve(items->size());
  for (std::size_t i = 0; i < items->size(); ++i)
    out.push_back(run((*items)[i], *type.element, at.at(i)));
  return out;
}

const List* Normaliser::sized_list(const Value& value, std::size_t size, const Path& at) {
  const List* items = value.if_list();
  if (items == nullptr) {
    must_be(at, "array");
  } else if (items->size() < size) {
    violations_.too_few(at, size);
  } else if (items->size() > size) {
    violations_.too_many(at, size);
  } else {
    return items;
  }
  return nullptr;
}

Value Normaliser::map_key(const std::string& key, const Type& type, const Path& at) {
  auto parsed = parse_query_text(key, type, "");
  if (parsed) return run(*parsed, type, at);
  violations_.other(at, "propertyNames",
                    "property name must be valid: " + parsed.error().front().message,
                    {{"propertyName", key}});
  return {};
}

Value Normaliser::pairs(const Value& value, const TypePtr& key, const TypePtr& mapped,
                        const Path& at) {
  List out;
  if (const Map* map = value.if_map()) {
    out.reserve(map->size());
    for (const auto& entry : *map) {
      const Path place = at.at(entry.key);
      out.emplace_back(List{map_key(entry.key, *key, place), run(entry.value, *mapped, place)});
    }
    return out;
  }
  const List* items = value.if_list();
  if (items == nullptr) return must_be(at, "array");
  out.reserve(items->size());
  const std::vector<TypePtr> pair = {key, mapped};
  for (std::size_t i = 0; i < items->size(); ++i) {
    out.push_back(is_deferred((*items)[i]) ? (*items)[i] : tuple((*items)[i], pair, at.at(i)));
  }
  return out;
}

Value Normaliser::tuple(const Value& value, const std::vector<TypePtr>& elements, const Path& at) {
  const List* items = sized_list(value, elements.size(), at);
  if (items == nullptr) return {};
  List out;
  out.reserve(items->size());
  for (std::size_t i = 0; i < items->size(); ++i)
    out.push_back(run((*items)[i], *elements[i], at.at(i)));
  return out;
}

Value Normaliser::record(const Value& value, const Type& type, const Path& at) {
  const Map* map = value.if_map();
  if (map == nullptr) return must_be(at, "object");
  std::vector<const ipld::MapEntry*> given(type.fields.size(), nullptr);
  for (const auto& entry : *map) {
    const std::size_t field = detail::find_name(type.fields, entry.key);
    if (field == given.size() || given[field] != nullptr) {
      violations_.additional(at, entry.key);
    } else {
      given[field] = &entry;
    }
  }
  Map out;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const Field& field = type.fields[i];
    if (given[i] != nullptr) {
      out.set(field.name, run(given[i]->value, *field.type, at.at(given[i]->key)));
    } else if (detail::is_option(field.type)) {
      out.set(field.name, Value());
    } else {
      violations_.missing(at, to_camel(field.name));
    }
  }
  return out;
}

std::vector<std::string> case_names(const Type& type) {
  std::vector<std::string> names;
  for (const Field& one : type.fields) names.push_back(one.name);
  return names;
}

Value Normaliser::one_case(const Type& type, std::size_t index, const Value* payload,
                           const Path& at) {
  const Field& one = type.fields[index];
  Value inner;
  if (one.type) {
    if (payload == nullptr && !detail::takes_null(one.type)) {
      violations_.missing(at, "val");
    } else if (payload != nullptr) {
      inner = run(*payload, *one.type, at);
    }
  } else if (payload != nullptr && !payload->is_null()) {
    must_be(at, "null");
  }
  return Map{{one.name, std::move(inner)}};
}

Value Normaliser::variant(const Value& value, const Type& type, const Path& at) {
  if (const std::string* name = value.if_string()) {  // a case without payload, by its name alone
    const std::size_t index = detail::find_name(type.fields, *name);
    if (index < type.fields.size()) return one_case(type, index, nullptr, at);
    violations_.not_allowed(at, case_names(type));
    return {};
  }
  const Map* map = value.if_map();
  if (map == nullptr) return must_be(at, "object");
  const Value* tag = map->find("tag");
  const Value* val = map->find("val");
  const bool case_called_tag =
      map->size() == 1 && detail::find_name(type.fields, "tag") < type.fields.size();
  if (tag != nullptr && tag->if_string() != nullptr && !case_called_tag &&
      map->size() == (val != nullptr ? 2U : 1U)) {
    const std::size_t index = detail::find_name(type.fields, *tag->if_string());
    if (index < type.fields.size())
      return one_case(type, index, val, val != nullptr ? at.at("val") : at);
    violations_.not_allowed(at.at("tag"), case_names(type));
    return {};
  }
  if (map->size() != 1) {
    violations_.other(
        at, "oneOf",
        "must be {\"tag\": …, \"val\": …} or an object with the case's name as its one key");
    return {};
  }
  const ipld::MapEntry& entry = *map->begin();
  const std::size_t index = detail::find_name(type.fields, entry.key);
  if (index < type.fields.size()) return one_case(type, index, &entry.value, at.at(entry.key));
  violations_.not_allowed(at, case_names(type));
  return {};
}

Value Normaliser::enumeration(const Value& value, const Type& type, const Path& at) {
  const std::string* name = value.if_string();
  if (name == nullptr) return must_be(at, "string");
  const std::size_t index = detail::find_name(type.names, *name);
  if (index < type.names.size()) return type.names[index];
  violations_.not_allowed(at, type.names);
  return {};
}

/// The set flags in declaration order; where some are still awaited, as they were given.
Value Normaliser::flags(const Value& value, const Type& type, const Path& at) {
  std::vector<bool> set(type.names.size(), false);
  if (const Map* map = value.if_map()) {
    for (const auto& entry : *map) {
      const std::size_t index = detail::find_name(type.names, entry.key);
      if (index == set.size()) {
        violations_.additional(at, entry.key);
      } else if (const bool* on = entry.value.if_bool()) {
        if (*on) set[index] = true;
      } else {
        must_be(at.at(entry.key), "boolean");
      }
    }
  } else if (const List* items = value.if_list()) {
    List given;
    bool complete = true;
    for (std::size_t i = 0; i < items->size(); ++i) {
      const Value& item = (*items)[i];
      if (is_deferred(item)) {
        complete = false;
        given.push_back(item);
        continue;
      }
      given.push_back(enumeration(item, type, at.at(i)));
      if (const std::string* name = given.back().if_string())
        set[detail::find_name(type.names, *name)] = true;
    }
    if (!complete) return given;
  } else {
    return must_be(at, "object");
  }
  List out;
  for (std::size_t i = 0; i < set.size(); ++i) {
    if (set[i]) out.emplace_back(type.names[i]);
  }
  return out;
}

Value Normaliser::option(const Value& value, const Type& type, const Path& at) {
  if (value.is_null()) return value;
  if (!detail::is_option(type.element)) return run(value, *type.element, at);
  // An option inside an option is wrapped, so that some(none) can be said.
  const List* items = value.if_list();
  if (items == nullptr || items->size() != 1) {
    violations_.other(at, "type", "must be null, [null] or [value], as an option inside an option",
                      {{"type", "array"}});
    return {};
  }
  return List{run(items->front(), *type.element, at.at(std::size_t{0}))};
}

/// in: side   0 ok, 1 err; payload   null: none was given
Value Normaliser::result_side(const Value* payload, const Type& type, std::size_t side,
                              const Path& at) {
  const TypePtr& inner = side == 0 ? type.element : type.error;
  Value out;
  if (!inner) {
    const Value& given = payload != nullptr ? *payload : out;
    if (!given.is_null() && given != Value(1) && given != Value(1.0)) must_be(at, "null");
    out = 1;
  } else if (payload != nullptr) {
    out = run(*payload, *inner, at);
  } else if (!detail::takes_null(inner)) {
    violations_.missing(at, "val");
  }
  return side == 0 ? List{std::move(out), Value()} : List{Value(), std::move(out)};
}

Value Normaliser::result_pair(const List& pair, const Type& type, const Path& at) {
  const bool second_null = pair[1].is_null();
  const bool first_null = pair[0].is_null();
  if (second_null && (!first_null || detail::takes_null(type.element)))
    return result_side(&pair[0], type, 0, at.at(std::size_t{0}));
  if (first_null && (!second_null || detail::takes_null(type.error)))
    return result_side(&pair[1], type, 1, at.at(std::size_t{1}));
  violations_.other(
      at, "oneOf",
      "must be [value, null] for ok or [null, value] for err; a side without payload is written 1");
  return {};
}

Value Normaliser::result(const Value& value, const Type& type, const Path& at) {
  if (const List* items = value.if_list()) {
    if (sized_list(value, 2, at) == nullptr) return {};
    return result_pair(*items, type, at);
  }
  const Map* map = value.if_map();
  if (map == nullptr) return must_be(at, "object");
  const Value* tag = map->find("tag");
  const Value* val = map->find("val");
  constexpr std::string_view kSides[] = {"ok", "err"};
  for (std::size_t side = 0; side < 2; ++side) {
    if (const Value* payload = map->find(kSides[side]); payload != nullptr && map->size() == 1)
      return result_side(payload, type, side, at.at(kSides[side]));
    if (tag != nullptr && *tag == Value(kSides[side]) &&
        map->size() == (val != nullptr ? 2U : 1U)) {
      return result_side(val, type, side, val != nullptr ? at.at("val") : at);
    }
  }
  violations_.other(at, "oneOf", "must be {\"ok\": …} or {\"err\": …}");
  return {};
}

}  // namespace

std::expected<Value, std::vector<Violation>> normalise(const Value& value, const Type& type,
                                                       const std::string& path,
                                                       const IsDeferred& deferred) {
  Normaliser normaliser(path, deferred);
  Value out = normaliser.run(value, type, Path{});
  if (!normaliser.violations().empty()) return std::unexpected(normaliser.violations().take());
  return out;
}

}  // namespace every::wit
