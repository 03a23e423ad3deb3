#include <utility>

#include "error_body.h"
#include "js_json.h"
#include "query.h"
#include "routes.h"
#include "run_json.h"
#include "submit.h"

#include "every/runtime/steering.h"

namespace every::gateway {
namespace {

using runtime::RunEvent;
using runtime::Steered;

/// How long a step may take before it is answered that it is under way.
constexpr std::chrono::milliseconds kStepPatience = std::chrono::minutes(10);

/// A command that owns the home ends with its work; only a node can be stopped, and goes on until it is.
runtime::GoOn where_of(const ExchangePtr& exchange) {
  return exchange->parts().options.on_stop ? runtime::GoOn::kHere : runtime::GoOn::kAtNextStart;
}

void reply_steered(const ExchangePtr& exchange, const core::Result<Steered>& steered) {
  if (!steered) return exchange->reply(error_response(steered.error()));
  const int status = steered->change == Steered::Change::kNoted ? 202 : 200;
  Response response = json_response(status, render_run(*steered->run));
  response.headers.push_back({"Every-Run", steered->run->id});
  exchange->reply(std::move(response));
}

/// The step's task as it stands, the tasks that are ready now, the run without its tasks.
void reply_step(const ExchangePtr& exchange, const std::string& id, std::uint32_t task) {
  if (exchange->answered()) return;
  const auto run = exchange->node().get_run(id);
  if (!run) return exchange->reply(error_response(run.error()));
  const runtime::TaskAnswer& answer = (*run)->tasks.at(task);
  std::string ready = "[";
  for (const std::string& name : exchange->node().steering()->ready(id)) {
    if (ready.size() > 1) ready += ',';
    append_json_string(ready, name);
  }
  ObjectWriter object;
  object.raw("task", render_task(answer, 0)).raw("ready", ready + "]");
  object.raw("run", render_run_summary(**run));
  Response response = json_response(answer.state == runtime::TaskState::kPending ? 202 : 200,
                                    std::move(object).finish());
  response.headers.push_back({"Every-Run", id});
  exchange->reply(std::move(response));
}

}  // namespace

void pause_run(const ExchangePtr& exchange) {
  if (auto* steering = find_steering(exchange))
    reply_steered(exchange, steering->pause(exchange->param("id")));
}

void resume_run(const ExchangePtr& exchange) {
  if (auto* steering = find_steering(exchange))
    reply_steered(exchange, steering->resume(exchange->param("id"), where_of(exchange)));
}

void step_run(const ExchangePtr& exchange) {
  auto* steering = find_steering(exchange);
  if (steering == nullptr) return;
  const auto wait = read_wait(exchange->target());
  if (!wait) return exchange->reply(error_response(wait.error()));
  const std::string& id = exchange->param("id");
  const std::string* name = exchange->target().find_query("task");
  const auto step =
      steering->step(id, name != nullptr ? std::optional(*name) : std::nullopt, where_of(exchange));
  if (!step) return exchange->reply(error_response(step.error()));
  const auto tell = [exchange, id, task = step->task] {
    exchange->parts().pool.post([exchange, id, task] { reply_step(exchange, id, task); });
  };
  // What happened before the watcher came is told to it, too. A task that ends with the node stays pending.
  auto watching = step->run->watch([tell, exchange, task = step->task](const RunEvent& event) {
    if (exchange->answered()) return;
    if (event.kind == RunEvent::Kind::kEnd ||
        (event.kind == RunEvent::Kind::kTask && event.task->task == task))
      tell();
  });
  exchange->parts().alarms.after(wait->value_or(kStepPatience),
                                 [tell, exchange, watching = std::move(watching)] {
                                   if (!exchange->answered()) tell();
                                 });
}

}  // namespace every::gateway
