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

std::expected<workflow::NamedWorkflow, Response> plan_short_form(
    const Exchange& exchange, const ipld::Value& document,
    const workflow::FunctionTable& functions) {
  auto planned = workflow::parse_short_form(
      document, functions, short_form_options(exchange.parts().options, count_tasks(document)));
  if (!planned) return std::unexpected(validation_response(planned.error()));
  return std::move(planned).value();
}

/// The body of /run and /workflow, planned; answers and is empty when it cannot be.
std::optional<workflow::NamedWorkflow> read_short_form(const ExchangePtr& exchange,
                                                       const workflow::FunctionTable& functions) {
  auto document = read_body(exchange->request());
  if (!document) {
    exchange->reply(std::move(document).error());
    return std::nullopt;
  }
  auto planned = plan_short_form(*exchange, *document, functions);
  if (!planned) {
    exchange->reply(std::move(planned).error());
    return std::nullopt;
  }
  return std::move(planned).value();
}

/// The body of /run, read and planned now or when it came before; answers and is null when it cannot be.
std::shared_ptr<const ReadWorkflow> read_or_recall(const ExchangePtr& exchange) {
  const Request& request = exchange->request();
  WorkflowCache& known = exchange->parts().workflows;
  auto functions = exchange->node().functions();
  const std::string* type = request.find_header("content-type");
  // With nonces no two are the same.
  const bool may_recur = type != nullptr && exchange->parts().options.nonces == Nonces::kNone;
  if (may_recur) {
    if (auto before = known.find(*type, request.body, functions)) return before;
  }
  auto workflow = read_short_form(exchange, *functions);
  if (!workflow) return nullptr;
  auto plan = runtime::plan_workflow(*workflow);
  if (!plan) {
    exchange->reply(error_response(plan.error()));
    return nullptr;
  }
  auto read = std::make_shared<const ReadWorkflow>(
      ReadWorkflow{std::move(functions), std::move(*workflow), std::move(*plan)});
  if (may_recur) known.put(*type, request.body, read);
  return read;
}

std::expected<workflow::NamedWorkflow, Response> plan_document(const Exchange& exchange,
                                                               const ipld::Value& document) {
  if (!workflow::is_full_form(document))
    return plan_short_form(exchange, document, *exchange.node().functions());
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
  const auto read = read_or_recall(exchange);
  if (read == nullptr) return;
  submit(exchange, {.workflow = read->workflow,
                    .name = std::string(kRunName),
                    .failure = FailureAnswer::kAtOnce,
                    .finish = answer_body,
                    .plan = read->plan});
}

void show_workflow(const ExchangePtr& exchange) {
  const auto planned = read_short_form(exchange, *exchange->node().functions());
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
