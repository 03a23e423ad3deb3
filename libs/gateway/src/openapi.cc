#include "describe.h"
#include "openapi_base.h"
#include <boost/json/parse.hpp>

#include "every/wit/json_schema.h"

namespace every::gateway {
namespace {

namespace json = boost::json;
using wit::Kind;
using workflow::NamedFunction;

json::object reference(std::string_view part, std::string_view name) {
  return {{"$ref", "#/components/" + std::string(part) + "/" + std::string(name)}};
}

/// Puts the responses that `failures` counts into the operations of a path.
void expand_failures(json::object& path) {
  for (auto& member : path) {
    json::object* operation = member.value().if_object();
    const json::value* failures =
        operation != nullptr ? operation->if_contains("failures") : nullptr;
    if (failures == nullptr) continue;
    json::object& responses = operation->at("responses").as_object();
    for (const json::value& status : failures->as_array()) {
      const std::int64_t number = status.as_int64();
      responses[std::to_string(number)] =
          reference("responses", number == 400 ? "Invalid" : "Failure");
    }
    operation->erase("failures");
  }
}

// --- requests

/// Whether a query writes the type as plain text and not as JSON.
bool is_plain(const wit::Type& type) {
  switch (type.kind) {
    case Kind::kFixedList:
    case Kind::kMap:
    case Kind::kTuple:
    case Kind::kRecord:
    case Kind::kVariant:
    case Kind::kResult:
      return false;
    case Kind::kList:
      return type.element->kind == Kind::kU8;
    case Kind::kOption:
      return type.element->kind != Kind::kOption && is_plain(*type.element);
    default:
      return true;
  }
}

/// The schema of a value that a query writes as plain text.
json::value plain_schema(const wit::Type& type) {
  if (type.kind == Kind::kOption) return plain_schema(*type.element);
  json::value schema = wit::schema_2020(type, wit::Side::kGiven);
  // Of the ways to write bytes and flags, the one for texts.
  if (type.kind == Kind::kList) return schema.at("anyOf").at(0);
  if (type.kind == Kind::kFlags) return schema.at("anyOf").at(1);
  return schema;
}

json::object query_parameter(const wit::Param& param, std::size_t index) {
  json::object out{{"name", wit::to_camel(param.name)},
                   {"in", "query"},
                   {"description", wit::render(*param.type)},
                   {"required", param.type->kind != Kind::kOption}};
  json::value sample = wit::example(*param.type, index);
  if (!is_plain(*param.type)) {
    out["content"] =
        json::object{{"application/json",
                      json::object{{"schema", wit::schema_2020(*param.type, wit::Side::kGiven)},
                                   {"example", std::move(sample)}}}};
    return out;
  }
  out["schema"] = plain_schema(*param.type);
  out["example"] = std::move(sample);
  if (param.type->kind == Kind::kFlags) {
    out["style"] = "form";
    out["explode"] = false;
  }
  return out;
}

bool has_param(const wit::Function& type, std::string_view name) {
  for (const wit::Param& param : type.params) {
    if (wit::to_camel(param.name) == name || param.name == name) return true;
  }
  return false;
}

json::array controls(const wit::Function* type) {
  json::array out;
  for (const std::string_view name : {"allResults", "fresh", "raw"}) {
    if (type == nullptr || !has_param(*type, name)) out.push_back(reference("parameters", name));
  }
  return out;
}

json::object arguments_example(const wit::Function& type) {
  json::object out;
  std::size_t index = 0;
  for (const wit::Param& param : type.params)
    out[wit::to_camel(param.name)] = wit::example(*param.type, index++);
  return out;
}

// --- answers

json::object media(json::value schema) {
  return {{"schema", std::move(schema)}};
}

/// Adds the media types a result of the type may come as; JSON forms are gathered apart.
void add_media(json::object& content, json::array& as_json, const wit::TypePtr& type) {
  if (!type) {
    as_json.push_back(json::object{{"type", "null"}});
    return;
  }
  switch (type->kind) {
    case Kind::kOption:
      as_json.push_back(json::object{{"type", "null"}});
      if (type->element->kind != Kind::kOption) return add_media(content, as_json, type->element);
      break;
    case Kind::kResult:  // an err is 422
      return add_media(content, as_json, type->element);
    case Kind::kChar:
    case Kind::kString:
    case Kind::kEnum:
      content["image/svg+xml"] = media(json::object{{"type", "string"}});
      content["text/plain"] = media(json::object{{"type", "string"}});
      return;
    case Kind::kList:
      if (type->element->kind != Kind::kU8) break;
      for (const std::string_view name :
           {"application/octet-stream", "application/pdf", "application/wasm", "image/gif",
            "image/jpeg", "image/png", "image/svg+xml", "image/webp"}) {
        content[name] = json::object();
      }
      return;
    case Kind::kU8:
    case Kind::kU16:
    case Kind::kU32:
    case Kind::kU64:
    case Kind::kS8:
    case Kind::kS16:
    case Kind::kS32:
    case Kind::kS64:
    case Kind::kF32:
    case Kind::kF64:
      content["text/plain"] = media(json::object{{"type", "string"}});
      return;
    default:
      break;
  }
  as_json.push_back(wit::schema_2020(*type, wit::Side::kReturned));
}

json::object answer_of(const wit::Function& type) {
  json::object content;
  json::array as_json;
  add_media(content, as_json, type.result);
  // ?raw
  if (type.result && type.result->kind == Kind::kResult)
    as_json.push_back(wit::schema_2020(*type.result, wit::Side::kReturned));
  as_json.push_back(reference("schemas", "AllResults"));
  content["application/json"] = media(json::object{{"anyOf", std::move(as_json)}});
  json::object out{{"description", type.result ? "What it returns: " + wit::render(*type.result)
                                               : std::string("It returns nothing")},
                   {"content", std::move(content)}};
  out["headers"] = json::object{{"Every-Run", reference("headers", "Every-Run")},
                                {"Every-Receipt", reference("headers", "Every-Receipt")},
                                {"Every-Replayed", reference("headers", "Every-Replayed")}};
  return out;
}

void add_failures(json::object& responses) {
  responses["400"] = reference("responses", "Invalid");
  for (const std::string_view status : {"403", "404", "409", "422", "500", "501", "503", "504"})
    responses[status] = reference("responses", "Failure");
  responses["default"] = reference("responses", "Failure");
}

json::object call_operation(const Served& served, const NamedFunction& function) {
  const wit::Function& type = *function.type;
  json::object responses{{"200", answer_of(type)}};
  add_failures(responses);
  return {{"tags", json::array{function.label.empty() ? "functions" : function.label}},
          {"summary", served.functions->spelling(function) + ": " + wit::render(type)},
          {"description", type.docs},
          {"responses", std::move(responses)}};
}

json::object function_path(const Served& served, const NamedFunction& function) {
  const wit::Function& type = *function.type;
  const std::string spelling = served.functions->spelling(function);
  json::object get = call_operation(served, function);
  get["operationId"] = "get " + spelling;
  json::array query;
  std::size_t index = 0;
  for (const wit::Param& param : type.params) query.push_back(query_parameter(param, index++));
  for (const auto& control : controls(&type)) query.push_back(control);
  get["parameters"] = std::move(query);

  json::object post = call_operation(served, function);
  post["operationId"] = "post " + spelling;
  post["parameters"] = controls(nullptr);
  bool required = false;
  for (const wit::Param& param : type.params)
    required = required || param.type->kind != Kind::kOption;
  post["requestBody"] = json::object{
      {"required", required},
      {"content",
       json::object{{"application/json",
                     json::object{{"schema", wit::parameters_schema_2020(type, wit::Side::kGiven)},
                                  {"example", arguments_example(type)}}}}}};
  return {{"get", std::move(get)}, {"post", std::move(post)}};
}

/// A body of /run that calls the first function, and a second task that is not bound to it.
json::object run_example(const Served& served) {
  json::array tasks;
  for (const NamedFunction& function : served.functions->all()) {
    json::array args;
    std::size_t index = 0;
    for (const wit::Param& param : function.type->params)
      args.push_back(wit::example(*param.type, index++));
    const std::string spelling = served.functions->spelling(function);
    const json::object input{{"func", spelling}, {"args", std::move(args)}};
    tasks.push_back(json::object{{"run", json::object{{"name", spelling}, {"input", input}}}});
    break;
  }
  return {{"tasks", std::move(tasks)}};
}

/// The schema of a run request with its definitions where a document's components are.
json::value embedded(json::value value) {
  if (json::object* object = value.if_object()) {
    for (auto& [key, inner] : *object) {
      json::string* text = key == "$ref" ? inner.if_string() : nullptr;
      if (text != nullptr && text->starts_with("#/$defs/")) {
        inner = "#/components/schemas/run_" + std::string(std::string_view(*text).substr(8));
      } else {
        inner = embedded(std::move(inner));
      }
    }
  } else if (json::array* array = value.if_array()) {
    for (json::value& inner : *array) inner = embedded(std::move(inner));
  }
  return value;
}

void add_run_request(json::object& document, const Served& served) {
  json::object schema = run_request_schema(*served.functions);
  json::object& schemas = document["components"].as_object()["schemas"].as_object();
  for (const auto& [name, definition] : schema["$defs"].as_object())
    schemas["run_" + std::string(name)] = embedded(definition);
  schema.erase("$defs");
  schema.erase("$schema");
  schemas["RunRequest"] = embedded(std::move(schema));
  const json::object example = run_example(served);
  if (example.at("tasks").as_array().empty()) return;
  for (const std::string_view path : {"/run", "/workflow", "/-/runs", "/-/workflows"}) {
    document["paths"]
        .as_object()[path]
        .as_object()["post"]
        .as_object()["requestBody"]
        .as_object()["content"]
        .as_object()["application/json"]
        .as_object()["example"] = example;
  }
}

}  // namespace

json::object openapi_document(const Served& served) {
  json::object document = json::parse(kOpenApiBase).as_object();
  for (auto& path : document.at("paths").as_object()) expand_failures(path.value().as_object());
  json::object& paths = document["paths"].as_object();
  json::object functions;
  for (const NamedFunction& function : served.functions->all()) {
    const std::string path = "/" + segment_of(*served.functions, function);
    if (!paths.contains(path)) functions[path] = function_path(served, function);
  }
  for (auto& [path, item] : functions) paths[path] = std::move(item);
  // The same for every route: what the server itself may say.
  for (auto& [path, item] : paths) {
    for (auto& [method, operation] : item.as_object()) {
      json::object& responses = operation.as_object()["responses"].as_object();
      if (!responses.contains("default")) responses["default"] = reference("responses", "Failure");
    }
  }
  add_run_request(document, served);
  return document;
}

}  // namespace every::gateway
