#include <limits>
#include <string>
#include <string_view>

#include "names.h"
#include "numbers.h"

#include "every/wit/json_schema.h"

namespace every::wit {
namespace {

namespace json = boost::json;

// Base64 whose last character has no stray bits, padded as requests write it and unpadded as DAG-JSON does.
constexpr std::string_view kBase64 =
    "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$";
constexpr std::string_view kBareBase64 =
    "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/][AQgw]|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048])?$";
constexpr std::string_view kDataUri =
    "^data:[a-z]+/[a-z0-9.+-]+;base64,([A-Za-z0-9+/]{4})*([A-Za-z0-9+/][AQgw]==|"
    "[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$";

json::object any_of(json::array of) {
  return {{"anyOf", std::move(of)}};
}
json::object constant(std::string_view text) {
  return {{"const", text}};
}
json::object closed(json::object properties, json::array required) {
  json::object out{{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) out["required"] = std::move(required);
  out["additionalProperties"] = false;
  return out;
}
json::object wrapper(std::string_view key, json::value inner) {
  return closed({{key, std::move(inner)}}, {json::string(key)});
}
json::object array_of(json::value items) {
  return {{"type", "array"}, {"items", std::move(items)}};
}
json::object positions(json::array items) {
  const std::size_t size = items.size();
  return {{"type", "array"},
          {"prefixItems", std::move(items)},
          {"items", false},
          {"minItems", size},
          {"maxItems", size}};
}
json::object integer(json::value least, json::value most) {
  return {{"type", "integer"}, {"minimum", std::move(least)}, {"maximum", std::move(most)}};
}
template <typename T>
json::object integer_of() {
  return integer(std::numeric_limits<T>::min(), std::numeric_limits<T>::max());
}
json::object real(double most) {
  return {{"type", "number"}, {"minimum", -most}, {"maximum", most}};
}
json::object null_schema() {
  return {{"type", "null"}};
}
json::object pattern(std::string_view text) {
  return {{"type", "string"}, {"pattern", text}};
}

class Writer {
 public:
  explicit Writer(Side side) : side_(side) {}

  [[nodiscard]] json::value schema(const Type& type) const {
    json::value own = body(type);
    if (!type.docs.empty()) own.as_object()["description"] = type.docs;
    if (side_ != Side::kGivenOrAwait) return own;
    return any_of({std::move(own), json::object{{"$ref", "#/$defs/await"}}});
  }

 private:
  [[nodiscard]] bool given() const { return side_ != Side::kReturned; }
  [[nodiscard]] std::string name(const std::string& wit) const {
    return given() ? to_camel(wit) : wit;
  }
  [[nodiscard]] json::value schema_of(const TypePtr& type) const {
    return type ? schema(*type) : json::value(null_schema());
  }

  [[nodiscard]] json::value body(const Type& type) const;
  [[nodiscard]] json::value list(const Type& type) const;
  [[nodiscard]] json::value bytes(const Type& type) const;
  [[nodiscard]] json::value pairs(const TypePtr& key, const TypePtr& mapped) const;
  [[nodiscard]] json::value tuple(const std::vector<TypePtr>& elements) const;
  [[nodiscard]] json::value record(const Type& type) const;
  [[nodiscard]] json::value variant(const Type& type) const;
  [[nodiscard]] json::value enumeration(const std::vector<std::string>& names) const;
  [[nodiscard]] json::value flags(const Type& type) const;
  [[nodiscard]] json::value option(const Type& type) const;
  [[nodiscard]] json::value result(const Type& type) const;

  Side side_;
};

json::value Writer::body(const Type& type) const {
  switch (type.kind) {
    case Kind::kBool:
      return json::object{{"type", "boolean"}};
    case Kind::kU8:
      return integer_of<std::uint8_t>();
    case Kind::kU16:
      return integer_of<std::uint16_t>();
    case Kind::kU32:
      return integer_of<std::uint32_t>();
    case Kind::kU64:
      return integer_of<std::uint64_t>();
    case Kind::kS8:
      return integer_of<std::int8_t>();
    case Kind::kS16:
      return integer_of<std::int16_t>();
    case Kind::kS32:
      return integer_of<std::int32_t>();
    case Kind::kS64:
      return integer_of<std::int64_t>();
    case Kind::kF32:
      return real(detail::kMaxF32);
    case Kind::kF64:
      return real(std::numeric_limits<double>::max());
    case Kind::kChar:
      return json::object{{"type", "string"}, {"minLength", 1}, {"maxLength", 1}};
    case Kind::kString:
      return json::object{{"type", "string"}};
    case Kind::kList:
      return list(type);
    case Kind::kFixedList: {
      json::object out = array_of(schema(*type.element));
      out["minItems"] = type.length;
      out["maxItems"] = type.length;
      return out;
    }
    case Kind::kMap:
      return pairs(type.key, type.element);
    case Kind::kTuple:
      return tuple(type.elements);
    case Kind::kRecord:
      return record(type);
    case Kind::kVariant:
      return variant(type);
    case Kind::kEnum:
      return enumeration(type.names);
    case Kind::kFlags:
      return flags(type);
    case Kind::kOption:
      return option(type);
    case Kind::kResult:
      return result(type);
    case Kind::kOwn:
    case Kind::kBorrow:
    case Kind::kStream:
    case Kind::kFuture:
    case Kind::kErrorContext:
      break;
  }
  return json::object{{"not", json::object()}};
}

json::value Writer::list(const Type& type) const {
  if (type.element->kind == Kind::kU8) return bytes(type);
  if (detail::is_pair_list(type))
    return pairs(type.element->elements[0], type.element->elements[1]);
  return array_of(schema(*type.element));
}

json::value Writer::bytes(const Type& type) const {
  json::object dag_json = wrapper("/", wrapper("bytes", pattern(kBareBase64)));
  if (!given()) return dag_json;
  json::object text = pattern(kBase64);
  text["contentEncoding"] = "base64";
  return any_of(
      {std::move(text), array_of(schema(*type.element)), pattern(kDataUri), std::move(dag_json)});
}

json::value Writer::pairs(const TypePtr& key, const TypePtr& mapped) const {
  json::value list = array_of(tuple({key, mapped}));
  if (!given() || key->kind != Kind::kString) return list;
  return any_of({json::object{{"type", "object"}, {"additionalProperties", schema(*mapped)}},
                 std::move(list)});
}

json::value Writer::tuple(const std::vector<TypePtr>& elements) const {
  json::array items;
  for (const TypePtr& element : elements) items.push_back(schema(*element));
  return positions(std::move(items));
}

json::value Writer::record(const Type& type) const {
  json::object properties;
  json::array required;
  for (const Field& field : type.fields) {
    json::value inner = schema(*field.type);
    if (!field.docs.empty()) inner.as_object()["description"] = field.docs;
    properties[name(field.name)] = std::move(inner);
    if (!given() || !detail::is_option(field.type))
      required.emplace_back(json::string(name(field.name)));
  }
  return closed(std::move(properties), std::move(required));
}

json::value Writer::variant(const Type& type) const {
  json::array cases;
  json::array bare;
  for (const Field& one : type.fields) {
    if (given()) {
      json::object properties{{"tag", constant(one.name)}};
      json::array required{"tag"};
      if (one.type) {
        properties["val"] = schema(*one.type);
        if (!detail::takes_null(one.type)) required.emplace_back("val");
      } else {
        bare.emplace_back(json::string(one.name));
      }
      cases.push_back(closed(std::move(properties), std::move(required)));
    }
    // A case called `tag` cannot be told from the form above by its key.
    if (!given() || one.name != "tag") cases.push_back(wrapper(one.name, schema_of(one.type)));
  }
  if (!bare.empty()) cases.push_back(json::object{{"enum", std::move(bare)}});
  return any_of(std::move(cases));
}

json::value Writer::enumeration(const std::vector<std::string>& names) const {
  json::array list;
  for (const std::string& one : names) list.emplace_back(json::string(one));
  return json::object{{"type", "string"}, {"enum", std::move(list)}};
}

json::value Writer::flags(const Type& type) const {
  json::value list = array_of(enumeration(type.names));
  if (!given()) return list;
  json::object properties;
  for (const std::string& one : type.names)
    properties[to_camel(one)] = json::object{{"type", "boolean"}};
  return any_of({closed(std::move(properties), {}), std::move(list)});
}

json::value Writer::option(const Type& type) const {
  json::value inner = schema(*type.element);
  if (detail::is_option(type.element)) inner = positions({std::move(inner)});
  return any_of({std::move(inner), null_schema()});
}

json::value Writer::result(const Type& type) const {
  // In the pair a side without payload is 1.
  const auto side = [this](const TypePtr& payload) {
    return payload ? schema(*payload) : json::value(json::object{{"const", 1}});
  };
  json::array forms;
  if (given()) {
    forms.push_back(wrapper("ok", schema_of(type.element)));
    forms.push_back(wrapper("err", schema_of(type.error)));
  }
  forms.push_back(positions({side(type.element), null_schema()}));
  forms.push_back(positions({null_schema(), side(type.error)}));
  return any_of(std::move(forms));
}

}  // namespace

json::value schema_2020(const Type& type, Side side) {
  return Writer(side).schema(type);
}

json::object parameters_schema_2020(const Function& function, Side side) {
  json::object properties;
  json::array required;
  for (const Param& param : function.params) {
    const std::string name = to_camel(param.name);
    properties[name] = schema_2020(*param.type, side);
    if (!detail::is_option(param.type)) required.emplace_back(json::string(name));
  }
  return closed(std::move(properties), std::move(required));
}

json::value await_schema() {
  const json::object link = wrapper("/", json::object{{"type", "string"}});
  json::array forms{json::object{{"type", "string"}, {"pattern", "^\\{\\{.*\\}\\}$"}}};
  for (const std::string_view branch : {"await/ok", "await/error", "await/*"})
    forms.push_back(wrapper(branch, link));
  return any_of(std::move(forms));
}

json::value example(const Type& type, std::size_t index) {
  switch (type.kind) {
    case Kind::kBool:
      return true;
    case Kind::kChar:
      return json::string(1, static_cast<char>('a' + index % 26));
    case Kind::kString:
      return "text";
    case Kind::kList:
      if (type.element->kind == Kind::kU8) return "aGVsbG8=";
      return json::array{example(*type.element, index), example(*type.element, index + 1)};
    case Kind::kFixedList: {
      json::array items;
      for (std::uint32_t i = 0; i < type.length; ++i)
        items.push_back(example(*type.element, index + i));
      return items;
    }
    case Kind::kMap:
      return json::array{json::array{example(*type.key, index), example(*type.element, index)}};
    case Kind::kTuple: {
      json::array items;
      for (const TypePtr& element : type.elements) items.push_back(example(*element, index++));
      return items;
    }
    case Kind::kRecord: {
      json::object out;
      for (const Field& field : type.fields)
        out[to_camel(field.name)] = example(*field.type, index++);
      return out;
    }
    case Kind::kVariant: {
      const Field& first = type.fields.front();
      json::object out{{"tag", first.name}};
      if (first.type) out["val"] = example(*first.type, index);
      return out;
    }
    case Kind::kEnum:
      return json::value(type.names.front());
    case Kind::kFlags:
      return json::array{json::value(type.names.front())};
    case Kind::kOption:
      if (detail::is_option(type.element)) return json::array{example(*type.element, index)};
      return example(*type.element, index);
    case Kind::kResult:
      return json::object{
          {"ok", type.element ? example(*type.element, index) : json::value(nullptr)}};
    case Kind::kOwn:
    case Kind::kBorrow:
    case Kind::kStream:
    case Kind::kFuture:
    case Kind::kErrorContext:
      return nullptr;
    default:
      return index + 1;
  }
}

}  // namespace every::wit
