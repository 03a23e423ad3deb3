#include "run_wait.h"

#include <string>

#include "answer.h"
#include "node_request.h"
#include "places.h"
#include "run_view.h"

#include "every/store/home.h"

namespace every::cli {
namespace {

using gateway::Response;

std::string state_in(const Response& response) {
  const auto run = parse_object(response.body);
  return run ? text_at(*run, "state") : std::string();
}

bool goes_on(const Response& response, Output output) {
  if (output == Output::kText) return response.status == 202;
  const std::string state = state_in(response);
  return response.status == 200 && (state == "running" || state == "paused");
}

}  // namespace

core::Result<Response> wait_for_end(NodeAccess& node, const std::string& run, Output output) {
  const std::string target =
      "/-/runs/" + url_encode(run) + "?wait=10m" + (output == Output::kText ? "&answer=body" : "");
  for (;;) {
    auto response = node.send(get(target));
    const bool gone =
        response ? response->status == 503 : response.error().code == core::ErrorCode::kUnavailable;
    // Not to be tried again: that would be another run.
    if (gone)
      return core::fail(core::ErrorCode::kIo,
                        "the node ended before run " + run +
                            " did; it goes on, or stays paused, when a node is started again: "
                            "`every runs show " +
                            run + "`");
    if (!response || !goes_on(*response, output)) return response;
  }
}

core::Result<Response> send_and_wait(NodeAccess& node, const gateway::Request& request,
                                     Output output, const Console& console) {
  EVERY_TRY_ASSIGN(Response response, node.send(request));
  const std::string* run = response.find_header("every-run");
  if (response.status != 202 || run == nullptr) return response;
  console.warn("Run " + *run + " is paused, this command waits: " + how_to_go_on(*run));
  return wait_for_end(node, *run, output);
}

void print_accepted(const Response& response, Output output, const Console& console) {
  const std::string* run = response.find_header("every-run");
  if (output == Output::kJson) {
    print(response.body + "\n");
  } else if (run != nullptr) {
    print(*run + "\n");
    if (state_in(response) == "paused") console.warn("It is paused: " + how_to_go_on(*run));
  }
}

core::Status need_node(const NodeChoices& node) {
  if (node.remote.node) return {};
  EVERY_TRY_ASSIGN(const Places places, find_places(node.home, system_environment));
  EVERY_TRY_ASSIGN(const auto owner, store::HomeLock::find_owner(places.home));
  if (owner && owner->port != 0) return {};
  return core::fail(
      core::ErrorCode::kUnavailable,
      "--detach hands the run to a node, and none is running at " + places.home.string() +
          "; start one with `every dev`, or leave --detach out to wait for the answer");
}

}  // namespace every::cli
