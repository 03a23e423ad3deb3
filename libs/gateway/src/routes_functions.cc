#include <algorithm>
#include <set>

#include "error_body.h"
#include "js_json.h"
#include "request_body.h"
#include "routes.h"
#include "run_json.h"
#include "submit.h"
#include "workflow_json.h"
#include <boost/json.hpp>

#include "every/wit/coerce.h"
#include "every/wit/json_schema.h"

namespace every::gateway {
namespace {

using workflow::NamedFunction;
using workflow::ValidationError;

// Query words that steer the gateway; a parameter of the same name wins.
const std::set<std::string, std::less<>> kControls{"allResults", "fresh", "raw", "content-type"};

/// A function and the table that keeps it alive.
struct Found {
  std::shared_ptr<const workflow::FunctionTable> table;
  const NamedFunction* function = nullptr;
};

/// The function of the route's `:name`; answers and is empty when there is none.
std::optional<Found> find_function(const ExchangePtr& exchange) {
  Found found{exchange->node().functions(), nullptr};
  const auto function = found.table->find(exchange->param("name"));
  if (function) {
    found.function = *function;
    return found;
  }
  exchange->reply(function.error().code == core::ErrorCode::kNotFound
                      ? unknown_function()
                      : error_response(function.error()));
  return std::nullopt;
}

const wit::Param* find_param(const wit::Function& function, std::string_view name) {
  for (const wit::Param& param : function.params) {
    if (param.name == name || wit::to_camel(param.name) == name) return &param;
  }
  return nullptr;
}

/// Whether every parameter may be left out.
bool needs_no_argument(const wit::Function& function) {
  return std::ranges::all_of(function.params, [](const wit::Param& param) {
    return param.type->kind == wit::Kind::kOption;
  });
}

void add_violations(ValidationError& error, const std::string& name,
                    const std::vector<wit::Violation>& violations) {
  for (const wit::Violation& violation : violations) {
    error.entries.push_back({violation.path, "#/properties/" + name + "/" + violation.keyword,
                             violation.keyword, violation.message, violation.params});
  }
  if (!error.entries.empty()) error.summary = error.entries.front().message;
}

/// Adds one text as an argument; a parameter given twice becomes a list where its type is one.
void add_text_argument(ipld::Map& arguments, ValidationError& error, const wit::Param& param,
                       const std::string& key, const std::string& text, bool repeated) {
  const std::string path = "/" + key;
  const bool is_list = param.type->kind == wit::Kind::kList;
  const wit::Type& type =
      is_list && repeated && param.type->element ? *param.type->element : *param.type;
  auto value = wit::parse_query_text(text, type, path);
  if (!value) {
    add_violations(error, key, value.error());
  } else if (!repeated) {
    arguments.set(key, std::move(value).value());
  } else if (!is_list) {
    error.entries.push_back({path, "#/properties/" + key + "/maxItems", "maxItems",
                             "must be given once", ipld::Map{{"limit", 1}}});
  } else {
    if (arguments.find(key) == nullptr) arguments.set(key, ipld::List());
    if (ipld::List* list = arguments.find(key)->if_list())
      list->push_back(std::move(value).value());
  }
}

std::expected<ipld::Map, ValidationError> arguments_from_query(const NamedFunction& function,
                                                               const Target& target) {
  ipld::Map arguments;
  ValidationError error;
  for (const QueryPair& pair : target.query) {
    const wit::Param* param = find_param(*function.type, pair.name);
    if (param == nullptr) {
      // Left for the call to refuse by name.
      if (!kControls.contains(pair.name)) arguments.set(pair.name, pair.value);
      continue;
    }
    const auto same = [&pair](const QueryPair& other) { return other.name == pair.name; };
    const bool repeated = std::ranges::count_if(target.query, same) > 1;
    add_text_argument(arguments, error, *param, pair.name, pair.value, repeated);
  }
  if (!error.entries.empty()) return std::unexpected(std::move(error));
  return arguments;
}

ValidationError not_an_object() {
  return {{{"", "#/type", "type", "must be object", ipld::Map{{"type", "object"}}}},
          "the body must be a JSON object of arguments by name"};
}

/// Arguments by name, from the query of a GET or the body of a POST.
std::expected<ipld::Map, Response> read_arguments(const Exchange& exchange,
                                                  const NamedFunction& function) {
  if (exchange.request().method != Method::kPost ||
      (exchange.request().body.empty() && needs_no_argument(*function.type))) {
    auto arguments = arguments_from_query(function, exchange.target());
    if (!arguments) return std::unexpected(validation_response(arguments.error()));
    return std::move(arguments).value();
  }
  auto body = read_body(exchange.request());
  if (!body) return std::unexpected(std::move(body).error());
  ipld::Map* arguments = body->if_map();
  if (arguments == nullptr) return std::unexpected(validation_response(not_an_object()));
  if (find_param(*function.type, "content-type") == nullptr) arguments->erase("content-type");
  return std::move(*arguments);
}

void plan_call(const ExchangePtr& exchange, const Found& found, const ipld::Map& arguments,
               const std::function<void(workflow::NamedWorkflow)>& use) {
  const auto options = short_form_options(exchange->parts().options, 1);
  auto planned = workflow::call_by_name(*found.function, arguments, options);
  if (!planned) return exchange->reply(validation_response(planned.error()));
  use(std::move(planned).value());
}

void run_call(const ExchangePtr& exchange, const Found& found, const ipld::Map& arguments,
              FailureAnswer when, decltype(answer_body)* answer,
              runtime::Start start = runtime::Start::kAtOnce) {
  plan_call(exchange, found, arguments, [&](workflow::NamedWorkflow planned) {
    submit(exchange, {std::move(planned), found.function->listed_name, when, answer, start});
  });
}

/// The whole run instead of its output.
Response answer_whole_run(const Exchange&, const runtime::RunAnswer& run) {
  return json_response(200, render_run(run));
}

}  // namespace

void list_functions(const ExchangePtr& exchange) {
  boost::json::array list;
  const auto table = exchange->node().functions();
  for (const NamedFunction& function : table->all()) {
    list.push_back(
        boost::json::array{table->spelling(function), wit::parameters_schema(*function.type)});
  }
  exchange->reply(json_response(200, boost::json::serialize(list)));
}

void call_function(const ExchangePtr& exchange) {
  const auto found = find_function(exchange);
  if (!found) return;
  auto arguments = read_arguments(*exchange, *found->function);
  if (!arguments) return exchange->reply(std::move(arguments).error());
  run_call(exchange, *found, *arguments, FailureAnswer::kAtOnce, answer_body);
}

void call_function_by_position(const ExchangePtr& exchange) {
  const auto found = find_function(exchange);
  if (!found) return;
  const auto body = read_body(exchange->request());
  if (!body) return exchange->reply(body.error());
  ipld::Map arguments;
  ValidationError error;
  const std::vector<wit::Param>& params = found->function->type->params;
  const ipld::List* texts = body->if_list();
  for (std::size_t i = 0; texts != nullptr && i < texts->size(); ++i) {
    const std::string* text = (*texts)[i].if_string();
    if (text == nullptr) continue;
    // `name=value` names its parameter, whatever its place.
    const wit::Param* named = find_param(*found->function->type, text->substr(0, text->find('=')));
    if (named != nullptr && text->find('=') != std::string::npos) {
      add_text_argument(arguments, error, *named, wit::to_camel(named->name),
                        text->substr(text->find('=') + 1), false);
    } else if (i < params.size()) {
      add_text_argument(arguments, error, params[i], wit::to_camel(params[i].name), *text, false);
    } else {
      error.entries.push_back(
          {"", "#/maxItems", "maxItems",
           "must NOT have more than " + std::to_string(params.size()) + " items",
           ipld::Map{{"limit", static_cast<std::int64_t>(params.size())}}});
      break;
    }
  }
  if (!error.entries.empty()) return exchange->reply(validation_response(error));
  const std::string* answer = exchange->target().find_query("answer");
  if (answer != nullptr && *answer == "run")
    return run_call(exchange, *found, arguments, FailureAnswer::kAtEnd, answer_whole_run,
                    read_start(*exchange));
  run_call(exchange, *found, arguments, FailureAnswer::kAtOnce, answer_body, read_start(*exchange));
}

void show_function_schema(const ExchangePtr& exchange) {
  const auto found = find_function(exchange);
  if (!found) return;
  const boost::json::object schema = wit::parameters_schema(*found->function->type);
  boost::json::object properties;
  if (const auto* known = schema.if_contains("properties")) properties = known->as_object();
  properties["content-type"] = {{"type", "string"}, {"default", "text/plain"}};
  boost::json::object shown;
  for (const auto& [key, value] : schema) {
    if (key == "properties") continue;
    shown[key] = value;
    if (key == "type") shown["properties"] = properties;
  }
  exchange->reply(json_response(200, boost::json::serialize(shown)));
}

void show_function_workflow(const ExchangePtr& exchange) {
  const auto found = find_function(exchange);
  if (!found) return;
  const auto arguments = read_arguments(*exchange, *found->function);
  if (!arguments) return exchange->reply(arguments.error());
  plan_call(exchange, *found, *arguments, [&](const workflow::NamedWorkflow& planned) {
    exchange->reply(
        workflow_response(planned, found->function->listed_name, TaskOrder::kCauseFirst));
  });
}

}  // namespace every::gateway
