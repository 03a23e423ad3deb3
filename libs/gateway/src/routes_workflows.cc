#include "error_body.h"
#include "request_body.h"
#include "routes.h"
#include "run_json.h"
#include "submit.h"
#include "workflow_json.h"

namespace every::gateway {
namespace {

// What the original names every run of /run and /workflow.
constexpr std::string_view kRunName = "test";

std::size_t count_tasks(const ipld::Value& document) {
  const ipld::Map* map = document.if_map();
  const ipld::Value* tasks = map != nullptr ? map->find("tasks") : nullptr;
  const ipld::List* list = tasks != nullptr ? tasks->if_list() : nullptr;
  return list != nullptr ? list->size() : 0;
}

std::expected<workflow::NamedWorkflow, Response> plan_short_form(const Exchange& exchange,
                                                                 const ipld::Value& document) {
  const auto functions = exchange.node().functions();
  auto planned = workflow::parse_short_form(
      document, *functions, short_form_options(exchange.parts().options, count_tasks(document)));
  if (!planned) return std::unexpected(validation_response(planned.error()));
  return std::move(planned).value();
}

/// The body of /run and /workflow, planned; answers and is empty when it cannot be.
std::optional<workflow::NamedWorkflow> read_short_form(const ExchangePtr& exchange) {
  auto document = read_body(exchange->request());
  if (!document) {
    exchange->reply(std::move(document).error());
    return std::nullopt;
  }
  auto planned = plan_short_form(*exchange, *document);
  if (!planned) {
    exchange->reply(std::move(planned).error());
    return std::nullopt;
  }
  return std::move(planned).value();
}

std::expected<workflow::NamedWorkflow, Response> plan_document(const Exchange& exchange,
                                                               const ipld::Value& document) {
  if (!workflow::is_full_form(document)) return plan_short_form(exchange, document);
  if (exchange.parts().options.nonces == Nonces::kRandom) {
    exchange.parts().logger.debug("gateway", "workflow",
                                  "a full-form workflow is hashed as it stands: no nonces added");
  }
  auto planned = workflow::parse_full_form(document, *exchange.node().functions(),
                                           exchange.node().normalize_url());
  if (!planned) return std::unexpected(error_response(planned.error()));
  return std::move(planned).value();
}

std::string name_of(const Exchange& exchange, const ipld::Value& document) {
  if (const std::string* name = exchange.target().find_query("name")) return *name;
  const ipld::Map* map = document.if_map();
  const ipld::Value* name = map != nullptr ? map->find("name") : nullptr;
  const std::string* text = name != nullptr ? name->if_string() : nullptr;
  return text != nullptr ? *text : std::string(kRunName);
}

Response answer_run(const Exchange&, const runtime::RunAnswer& run) {
  Response response = json_response(200, render_run(run));
  if (run.answer && *run.answer < run.tasks.size()) {
    add_run_headers(response, run.id, run.tasks[*run.answer]);
  } else {
    response.headers.push_back({"Every-Run", run.id});
  }
  return response;
}

}  // namespace

std::expected<NamedDocument, Response> read_document(const Exchange& exchange) {
  const auto document = read_body(exchange.request());
  if (!document) return std::unexpected(document.error());
  auto planned = plan_document(exchange, *document);
  if (!planned) return std::unexpected(std::move(planned).error());
  return NamedDocument{std::move(*planned), name_of(exchange, *document)};
}

void run_short_form(const ExchangePtr& exchange) {
  auto planned = read_short_form(exchange);
  if (!planned) return;
  submit(exchange,
         {std::move(*planned), std::string(kRunName), FailureAnswer::kAtOnce, answer_body});
}

void show_workflow(const ExchangePtr& exchange) {
  const auto planned = read_short_form(exchange);
  if (planned) exchange->reply(workflow_response(*planned, kRunName, TaskOrder::kRunFirst));
}

void run_document(const ExchangePtr& exchange) {
  auto planned = read_document(*exchange);
  if (!planned) return exchange->reply(std::move(planned).error());
  const bool as_body = exchange->target().find_query("answer") != nullptr &&
                       *exchange->target().find_query("answer") == "body";
  submit(exchange, {std::move(planned->workflow), std::move(planned->name),
                    as_body ? FailureAnswer::kAtOnce : FailureAnswer::kAtEnd,
                    as_body ? answer_body : answer_run, read_start(*exchange)});
}

}  // namespace every::gateway
