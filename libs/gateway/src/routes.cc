#include "routes.h"

#include <array>

namespace every::gateway {
namespace {

// Our own routes live under /-/, which no function name can take.
constexpr std::array kRoutes{
    Route{Method::kGet, "/", list_functions},
    Route{Method::kPost, "/run", run_short_form, Lane::kAtOnceIfSmall},
    Route{Method::kPost, "/workflow", show_workflow},
    Route{Method::kGet, "/-/healthz", show_health},
    Route{Method::kGet, "/-/node", show_node},
    Route{Method::kPost, "/-/stop", stop_node},
    Route{Method::kPost, "/-/imports/homestar", import_homestar, Lane::kLong},
    Route{Method::kGet, "/-/functions", describe_node_functions},
    Route{Method::kGet, "/-/schema", show_run_schema},
    Route{Method::kGet, "/-/openapi.json", show_openapi},
    Route{Method::kGet, "/-/receipts/:cid", show_receipt},
    Route{Method::kGet, "/-/receipts/:cid/origin", show_receipt_origin},
    Route{Method::kPost, "/-/car/export", export_car, Lane::kLong},
    Route{Method::kPost, "/-/car/import", import_car, Lane::kLong},
    Route{Method::kPost, "/-/verify", verify_receipts, Lane::kLong},
    Route{Method::kPost, "/-/forget", forget_results, Lane::kLong},
    Route{Method::kPost, "/-/gc", collect_garbage, Lane::kLong},
    Route{Method::kGet, "/-/pins", list_pins},
    Route{Method::kPost, "/-/pins", pin_something},
    Route{Method::kPost, "/-/pins/remove", unpin_something},
    Route{Method::kGet, "/-/quarantine", list_quarantine},
    Route{Method::kPost, "/-/quarantine/:cid/release", release_component},
    Route{Method::kGet, "/-/runs", list_runs},
    Route{Method::kPost, "/-/runs", submit_run},
    Route{Method::kGet, "/-/runs/:id", show_run},
    Route{Method::kGet, "/-/runs/:id/events", follow_run},
    Route{Method::kGet, "/-/runs/:id/logs", show_run_logs},
    Route{Method::kPost, "/-/runs/:id/cancel", cancel_run},
    Route{Method::kPost, "/-/runs/:id/pause", pause_run},
    Route{Method::kPost, "/-/runs/:id/resume", resume_run},
    Route{Method::kPost, "/-/runs/:id/step", step_run},
    Route{Method::kPost, "/-/runs/:id/fork", fork_run},
    Route{Method::kGet, "/-/runs/:id/why", explain_run, Lane::kLong},
    Route{Method::kGet, "/-/runs/:id/tasks/:task/why", explain_task, Lane::kLong},
    Route{Method::kPost, "/-/workflows", run_document},
    Route{Method::kPost, "/-/workflows/why", explain_workflow, Lane::kLong},
    Route{Method::kPost, "/-/call/:name", call_function_by_position},
    Route{Method::kPost, "/-/components", load_component, Lane::kLong},
    Route{Method::kPost, "/-/blocks", put_content},
    Route{Method::kGet, "/:name", call_function, Lane::kAtOnceIfSmall},
    Route{Method::kPost, "/:name", call_function, Lane::kAtOnceIfSmall},
    Route{Method::kGet, "/:name/schema", show_function_schema},
    Route{Method::kGet, "/:name/workflow", show_function_workflow},
    Route{Method::kPost, "/:name/workflow", show_function_workflow},
    Route{Method::kGet, "/ipfs/:cid", show_content},
    Route{Method::kGet, "/ipfs/:cid/*", show_content},
};

bool match_pattern(std::string_view pattern, const Target& target,
                   std::vector<std::pair<std::string, std::string>>& params) {
  params.clear();
  std::size_t index = 0;
  while (pattern.size() > 1) {
    pattern.remove_prefix(1);
    const std::string_view word = pattern.substr(0, pattern.find('/'));
    pattern.remove_prefix(word.size());
    if (word == "*") return true;
    if (index >= target.segments.size()) return false;
    const std::string& segment = target.segments[index++];
    if (word.starts_with(':')) {
      if (index == 1 && segment == "-") return false;
      params.emplace_back(word.substr(1), segment);
    } else if (word != segment) {
      return false;
    }
  }
  return index == target.segments.size();
}

}  // namespace

std::span<const Route> routes() {
  return kRoutes;
}

Match match_route(Method method, const Target& target) {
  const Method wanted = method == Method::kHead ? Method::kGet : method;
  Match match;
  for (const Route& route : kRoutes) {
    if (!match_pattern(route.pattern, target, match.params)) continue;
    if (route.method == wanted) {
      match.route = &route;
      return match;
    }
    match.others.push_back(route.method);
  }
  match.params.clear();
  return match;
}

}  // namespace every::gateway
