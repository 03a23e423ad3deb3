#include "verbs/stop.h"

#include "node_access.h"
#include "node_request.h"
#include <boost/json.hpp>

namespace every::cli {
namespace {

/// 0 where the answer names none.
std::int64_t pid_in(const std::string& text) {
  boost::system::error_code problem;
  const boost::json::value answer = boost::json::parse(text, problem);
  const boost::json::object* object = answer.if_object();
  const auto* pid = !problem && object != nullptr ? object->if_contains("pid") : nullptr;
  return pid != nullptr && pid->is_int64() ? pid->as_int64() : 0;
}

}  // namespace

void StopVerb::define(Options& options) {
  add_rpc_options(options, rpc);
}

core::Result<int> StopVerb::run(const Console& console) {
  EVERY_TRY_ASSIGN(const Control node, Control::open(rpc, face));
  EVERY_TRY_ASSIGN(const gateway::Response response, node.send(json_post("/-/stop", {})));
  if (response.status != 202) return std::unexpected(error_from(response));
  EVERY_TRY(node.wait_until_gone(pid_in(response.body)));
  // The original says nothing.
  if (face == Face::kEvery) console.done("Stopped the node at", node.address());
  return 0;
}

const VerbInfo kStopVerb{"stop", "Stop a node; what is unfinished goes on at its next start",
                         "  every stop                            the one of this user's home\n"
                         "  every stop --host ::1 --port 3030     the one whose RPC port that is\n",
                         make_verb<StopVerb>};

}  // namespace every::cli
