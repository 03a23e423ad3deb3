#pragma once

#include <span>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "exchange.h"

#include "every/gateway/message.h"

namespace every::gateway {

/// A handler runs where its route says, and answers now or later, on any thread.
using Handler = void (*)(const ExchangePtr&);

/// Where a handler runs.
enum class Lane : std::uint8_t {
  kQuick,  ///< on the service's pool: it never waits long
  kLong,  ///< on a pool of its kind: it may wait for a compiler, a guest or a whole database, and would keep others from their answers
  /// For a small request on the thread that brings it, the server's loop: it must neither block nor take long then, and a thread that hands a few
  /// microseconds of work to another spends more on that than on the work. For any other as kQuick.
  kAtOnceIfSmall,
};

/// One route. `:word` in the pattern matches one segment, `*` at its end all that are left.
struct Route {
  Method method;
  std::string_view pattern;
  Handler handler;
  Lane lane = Lane::kQuick;
};

/// All routes; the first that matches is taken. A new route is one line here and one handler below.
[[nodiscard]] std::span<const Route> routes();

struct Match {
  const Route* route = nullptr;  ///< null: none
  std::vector<std::pair<std::string, std::string>> params;
  std::vector<Method> others;  ///< methods the same path has routes for, when none matched
};
/// HEAD matches the routes of GET.
[[nodiscard]] Match match_route(Method method, const Target& target);

// routes_functions.cc
void list_functions(const ExchangePtr& exchange);
void call_function(const ExchangePtr& exchange);
void call_function_by_position(const ExchangePtr& exchange);
void show_function_schema(const ExchangePtr& exchange);
void show_function_workflow(const ExchangePtr& exchange);
// routes_workflows.cc
void run_short_form(const ExchangePtr& exchange);
void show_workflow(const ExchangePtr& exchange);
void run_document(const ExchangePtr& exchange);
// routes_node.cc
void show_health(const ExchangePtr& exchange);
void show_receipt(const ExchangePtr& exchange);
void load_component(const ExchangePtr& exchange);

// routes_content.cc
void show_content(const ExchangePtr& exchange);
void put_content(const ExchangePtr& exchange);
// routes_control.cc
void show_node(const ExchangePtr& exchange);
void stop_node(const ExchangePtr& exchange);
void import_homestar(const ExchangePtr& exchange);

// routes_sharing.cc
void export_car(const ExchangePtr& exchange);
void import_car(const ExchangePtr& exchange);
void verify_receipts(const ExchangePtr& exchange);
void forget_results(const ExchangePtr& exchange);
void collect_garbage(const ExchangePtr& exchange);
void list_pins(const ExchangePtr& exchange);
void pin_something(const ExchangePtr& exchange);
void unpin_something(const ExchangePtr& exchange);
void list_quarantine(const ExchangePtr& exchange);
void release_component(const ExchangePtr& exchange);
void show_receipt_origin(const ExchangePtr& exchange);

// routes_describe.cc
void describe_node_functions(const ExchangePtr& exchange);
void show_run_schema(const ExchangePtr& exchange);
void show_openapi(const ExchangePtr& exchange);
// routes_runs.cc
void submit_run(const ExchangePtr& exchange);
void list_runs(const ExchangePtr& exchange);
void show_run(const ExchangePtr& exchange);
void cancel_run(const ExchangePtr& exchange);
void show_run_logs(const ExchangePtr& exchange);
void follow_run(const ExchangePtr& exchange);
// routes_why.cc
void explain_run(const ExchangePtr& exchange);
void explain_task(const ExchangePtr& exchange);
void explain_workflow(const ExchangePtr& exchange);
// routes_steer.cc
void pause_run(const ExchangePtr& exchange);
void resume_run(const ExchangePtr& exchange);
void step_run(const ExchangePtr& exchange);
// routes_fork.cc
void fork_run(const ExchangePtr& exchange);

}  // namespace every::gateway
