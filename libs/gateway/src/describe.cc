#include "describe.h"

#include "target.h"

#include "every/wit/json_schema.h"

namespace every::gateway {
namespace {

namespace json = boost::json;
using workflow::NamedFunction;

json::value text_or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

json::object describe_function(const Served& served, const NamedFunction& function) {
  const wit::Function& type = *function.type;
  json::array parameters;
  for (const wit::Param& param : type.params) {
    parameters.push_back({{"name", wit::to_camel(param.name)},
                          {"wit", param.name},
                          {"type", wit::render(*param.type)},
                          {"required", param.type->kind != wit::Kind::kOption},
                          {"schema", wit::schema_2020(*param.type, wit::Side::kGiven)}});
  }
  json::value result = nullptr;
  if (type.result) {
    result = json::object{{"type", wit::render(*type.result)},
                          {"schema", wit::schema_2020(*type.result, wit::Side::kReturned)}};
  }
  return {{"name", served.functions->spelling(function)},
          {"path", "/" + segment_of(*served.functions, function)},
          {"interface", text_or_null(type.interface_name)},
          {"label", function.label},
          {"component", function.component.render()},
          {"signature", wit::render(type)},
          {"docs", text_or_null(type.docs)},
          {"parameters", std::move(parameters)},
          {"result", std::move(result)},
          {"schema", wit::parameters_schema_2020(type, wit::Side::kGiven)}};
}

json::object describe_component(const Served& served, const runtime::LoadedComponent& component) {
  json::array functions;
  for (const NamedFunction& function : served.functions->all()) {
    if (function.component == component.cid && function.label == component.label)
      functions.emplace_back(served.functions->spelling(function));
  }
  json::array imports;
  for (const std::string& name : component.imports) imports.emplace_back(name);
  return {
      {"label", component.label},
      {"cid", component.cid.render()},
      {"origin", component.origin},
      {"size", component.size},
      {"language", text_or_null(component.language)},
      // By construction: the sandbox lets a guest see nothing that is not decided by its inputs.
      {"pure", true},
      {"imports", std::move(imports)},
      {"functions", std::move(functions)},
      {"wit", component.wit}};
}

/// What `input` must be when `func` is this function.
json::object input_rule(const workflow::FunctionTable& functions, const NamedFunction& function) {
  json::array items;
  std::size_t required = 0;
  for (const wit::Param& param : function.type->params) {
    items.push_back(wit::schema_2020(*param.type, wit::Side::kGivenOrAwait));
    if (param.type->kind != wit::Kind::kOption) required = items.size();
  }
  json::object args{{"type", "array"}, {"minItems", required}, {"maxItems", items.size()}};
  if (!items.empty()) args["prefixItems"] = std::move(items);
  args["items"] = false;
  json::object then{{"properties", json::object{{"args", std::move(args)}}}};
  if (required > 0) then["required"] = json::array{"args"};
  const json::object is_it{{"const", functions.spelling(function)}};
  return {{"if", json::object{{"properties", json::object{{"func", is_it}}},
                              {"required", json::array{"func"}}}},
          {"then", std::move(then)}};
}

}  // namespace

Served served_by(const runtime::Node& node) {
  return {node.functions(), node.components(), node.problems()};
}

std::string segment_of(const workflow::FunctionTable& functions, const NamedFunction& function) {
  std::string spelling = functions.spelling(function);
  if (const std::size_t hash = spelling.find('#'); hash != std::string::npos) {
    std::string dotted = spelling;
    dotted[hash] = '.';
    const auto found = functions.find(dotted);
    if (found && *found == &function) spelling = std::move(dotted);
  }
  std::string out;
  for (const char c : spelling) out += c == ':' ? ":" : encode_component(std::string_view(&c, 1));
  return out;
}

json::object describe_functions(const Served& served) {
  json::array functions;
  for (const NamedFunction& function : served.functions->all())
    functions.push_back(describe_function(served, function));
  json::array components;
  for (const auto& component : served.components)
    components.push_back(describe_component(served, *component));
  json::array problems;
  for (const runtime::SourceProblem& problem : served.problems) {
    problems.push_back(
        {{"label", problem.label}, {"origin", problem.origin}, {"message", problem.message}});
  }
  return {{"functions", std::move(functions)},
          {"components", std::move(components)},
          {"problems", std::move(problems)}};
}

json::object run_request_schema(const workflow::FunctionTable& functions) {
  json::array names;
  json::array rules;
  for (const NamedFunction& function : functions.all()) {
    names.emplace_back(functions.spelling(function));
    rules.push_back(input_rule(functions, function));
  }
  json::object input{{"type", "object"},
                     {"required", json::array{"func"}},
                     {"properties", json::object{{"func", json::object{{"enum", names}}},
                                                 {"args", json::object{{"type", "array"}}}}}};
  if (names.empty()) input["properties"].as_object()["func"] = false;
  if (!rules.empty()) input["allOf"] = std::move(rules);
  const json::object run{
      {"type", "object"},
      {"required", json::array{"name", "input"}},
      {"properties", json::object{{"name", json::object{{"type", "string"}}},
                                  {"input", json::object{{"$ref", "#/$defs/input"}}}}}};
  const json::object task{
      {"type", "object"},
      {"required", json::array{"run"}},
      {"properties", json::object{{"run", run}, {"meta", json::object{{"type", "object"}}}}}};
  return {
      {"$schema", "https://json-schema.org/draft/2020-12/schema"},
      {"title", "What POST /run takes"},
      {"type", "object"},
      {"required", json::array{"tasks"}},
      {"properties",
       json::object{{"tasks", json::object{{"type", "array"},
                                           {"minItems", 1},
                                           {"items", json::object{{"$ref", "#/$defs/task"}}}}}}},
      {"additionalProperties", false},
      {"$defs",
       json::object{{"task", task}, {"input", std::move(input)}, {"await", wit::await_schema()}}}};
}

}  // namespace every::gateway
