#include "verbs/ping.h"

#include "node_access.h"
#include "node_request.h"
#include "panel.h"

namespace every::cli {

void PingVerb::define(Options& options) {
  add_rpc_options(options, rpc);
}

core::Result<int> PingVerb::run(const Console& /*console*/) {
  EVERY_TRY_ASSIGN(const Control node, Control::open(rpc, face));
  EVERY_TRY_ASSIGN(const gateway::Response response, node.send(get("/-/healthz")));
  if (response.status != 200) return std::unexpected(error_from(response));
  print(render_panel(panel_title("ping/pong"), {{"address", "response"}, {node.address(), "pong"}},
                     paint_of(face)));
  return 0;
}

const VerbInfo kPingVerb{"ping", "Ask whether a node runs",
                         "  every ping                            the one of this user's home\n"
                         "  every ping --host ::1 --port 3030     the one whose RPC port that is\n",
                         make_verb<PingVerb>};

}  // namespace every::cli
