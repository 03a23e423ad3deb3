#include "every/wit/json_schema.h"

#include <string_view>

#include "names.h"

namespace every::wit {
namespace {

namespace json = boost::json;

json::object typed(std::string_view type) {
  json::object out;
  out["type"] = type;
  return out;
}

json::array texts(const std::vector<std::string>& names) {
  json::array out;
  for (const std::string& name : names) out.emplace_back(name);
  return out;
}

json::object choice(std::string_view keyword, json::array of) {
  json::object out;
  out[keyword] = std::move(of);
  return out;
}

/// An object schema in the original's key order; `properties` and `required` only where there are any.
json::object object_of(json::object properties, json::array required) {
  json::object out = typed("object");
  if (!properties.empty()) out["properties"] = std::move(properties);
  if (!required.empty()) out["required"] = std::move(required);
  out["additionalProperties"] = false;
  return out;
}

/// An object with one property, which must be there.
json::object wrapper(std::string_view name, json::value inner) {
  json::object properties;
  properties[name] = std::move(inner);
  return object_of(std::move(properties), {json::string(name)});
}

json::object array_of(json::value items) {
  json::object out = typed("array");
  out["items"] = std::move(items);
  return out;
}

json::object sized_array(json::value items, std::size_t size) {
  json::object out = typed("array");
  out["minItems"] = size;
  out["items"] = std::move(items);
  out["maxItems"] = size;
  return out;
}

json::value schema_of(const TypePtr& type) {
  return type ? json_schema(*type) : json::value(typed("null"));
}

/// Bytes are written as numbers, as text, or as DAG-JSON writes them.
json::value bytes_schema() {
  json::object text = typed("string");
  text["contentEncoding"] = "base64";
  text["description"] = "base64 text or a data: URI";
  return choice("anyOf", {array_of(typed("number")), std::move(text),
                          wrapper("/", wrapper("bytes", typed("string")))});
}

json::object tuple_schema(const std::vector<TypePtr>& elements) {
  json::array items;
  for (const TypePtr& element : elements) items.push_back(json_schema(*element));
  const std::size_t size = items.size();
  return sized_array(std::move(items), size);
}

json::value pairs_schema(const TypePtr& key, const TypePtr& mapped) {
  json::object object = typed("object");
  object["additionalProperties"] = json_schema(*mapped);
  return choice("anyOf", {array_of(tuple_schema({key, mapped})), std::move(object)});
}

json::value record_schema(const Type& type) {
  json::object properties;
  json::array required;
  for (const Field& field : type.fields) {
    const std::string name = to_camel(field.name);
    json::value inner = json_schema(*field.type);
    if (!field.docs.empty()) inner.as_object()["description"] = field.docs;
    properties[name] = std::move(inner);
    if (!detail::is_option(field.type)) required.emplace_back(name);
  }
  return object_of(std::move(properties), std::move(required));
}

json::value variant_schema(const Type& type) {
  json::array cases;
  for (const Field& one : type.fields) {
    json::object properties;
    json::object tag = typed("string");
    tag["const"] = one.name;
    properties["tag"] = std::move(tag);
    json::array required = {"tag"};
    if (one.type) {
      properties["val"] = json_schema(*one.type);
      if (!detail::is_option(one.type)) required.emplace_back("val");
    }
    cases.push_back(object_of(std::move(properties), std::move(required)));
  }
  return choice("oneOf", std::move(cases));
}

json::object names_schema(const std::vector<std::string>& names) {
  json::object out = typed("string");
  out["enum"] = texts(names);
  return out;
}

json::value flags_schema(const Type& type) {
  json::object properties;
  for (const std::string& name : type.names) properties[to_camel(name)] = typed("boolean");
  return choice("anyOf",
                {object_of(std::move(properties), {}), array_of(names_schema(type.names))});
}

json::value option_schema(const Type& type) {
  json::value inner = json_schema(*type.element);
  if (detail::is_option(type.element)) inner = sized_array(std::move(inner), 1);
  return choice("anyOf", {std::move(inner), typed("null")});
}

}  // namespace

json::value json_schema(const Type& type) {
  switch (type.kind) {
    case Kind::kBool:
      return typed("boolean");
    case Kind::kChar:
    case Kind::kString:
      return typed("string");
    case Kind::kList:
      if (type.element->kind == Kind::kU8) return bytes_schema();
      if (detail::is_pair_list(type))
        return pairs_schema(type.element->elements[0], type.element->elements[1]);
      return array_of(json_schema(*type.element));
    case Kind::kFixedList:
      return sized_array(json_schema(*type.element), type.length);
    case Kind::kMap:
      return pairs_schema(type.key, type.element);
    case Kind::kTuple:
      return tuple_schema(type.elements);
    case Kind::kRecord:
      return record_schema(type);
    case Kind::kVariant:
      return variant_schema(type);
    case Kind::kEnum:
      return names_schema(type.names);
    case Kind::kFlags:
      return flags_schema(type);
    case Kind::kOption:
      return option_schema(type);
    case Kind::kResult:
      return choice(
          "oneOf", {wrapper("ok", schema_of(type.element)), wrapper("err", schema_of(type.error))});
    case Kind::kOwn:
    case Kind::kBorrow:
    case Kind::kStream:
    case Kind::kFuture:
    case Kind::kErrorContext: {
      json::object never;
      never["not"] = json::object();
      return never;
    }
    default:
      return typed("number");
  }
}

json::object parameters_schema(const Function& function) {
  json::object properties;
  json::array required;
  for (const Param& param : function.params) {
    const std::string name = to_camel(param.name);
    properties[name] = json_schema(*param.type);
    if (!detail::is_option(param.type)) required.emplace_back(name);
  }
  return object_of(std::move(properties), std::move(required));
}

}  // namespace every::wit
