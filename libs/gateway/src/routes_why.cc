#include <functional>
#include <memory>
#include <utility>

#include "error_body.h"
#include "routes.h"
#include "submit.h"
#include "why_json.h"

#include "every/runtime/sharing.h"
#include "every/runtime/why.h"

namespace every::gateway {
namespace {

/// Looking through what ran before may take a while: not on the threads that answer.
void explain(const ExchangePtr& exchange, std::function<Response(runtime::Explaining&)> answer) {
  runtime::Explaining* explaining = exchange->node().explaining();
  if (explaining == nullptr) {
    return exchange->reply(error_response(
        {core::ErrorCode::kUnsupported, "this node does not say why its tasks ran", {}}));
  }
  auto work = [exchange, explaining, answer = std::move(answer)] {
    exchange->reply(answer(*explaining));
  };
  if (runtime::Sharing* sharing = exchange->node().sharing()) {
    sharing->post(std::move(work));
  } else {
    work();
  }
}

}  // namespace

void explain_task(const ExchangePtr& exchange) {
  explain(exchange,
          [run = exchange->param("id"),
           task = exchange->param("task")](runtime::Explaining& explaining) -> Response {
            const auto why = explaining.why(run, task);
            return why ? json_response(200, render_why(*why)) : error_response(why.error());
          });
}

void explain_run(const ExchangePtr& exchange) {
  explain(exchange, [run = exchange->param("id")](runtime::Explaining& explaining) -> Response {
    const auto whys = explaining.why_all(run);
    return whys ? json_response(200, render_whys(run, *whys)) : error_response(whys.error());
  });
}

void explain_workflow(const ExchangePtr& exchange) {
  auto planned = read_document(*exchange);
  if (!planned) return exchange->reply(std::move(planned).error());
  explain(exchange,
          [workflow = std::move(planned->workflow),
           name = std::move(planned->name)](runtime::Explaining& explaining) -> Response {
            const auto whys = explaining.why_would(workflow, name);
            return whys ? json_response(200, render_whys({}, *whys)) : error_response(whys.error());
          });
}

}  // namespace every::gateway
