#include "verbs/node.h"

#include "node_access.h"
#include "node_request.h"
#include "panel.h"
#include <boost/json.hpp>

namespace every::cli {
namespace {

namespace json = boost::json;

core::Result<std::string> render_node(const std::string& text, Paint paint) {
  boost::system::error_code problem;
  const json::value value = json::parse(text, problem);
  const json::object* node = value.if_object();
  if (problem || node == nullptr || !node->contains("peer_id"))
    return core::fail(core::ErrorCode::kMalformed, "the node's answer does not say who it is");
  const auto text_of = [](const json::value& item) {
    return item.is_string() ? std::string(item.as_string()) : json::serialize(item);
  };
  Rows listeners{{"Listen Addresses"}};
  if (const auto* list = node->if_contains("listeners"); list != nullptr && list->is_array()) {
    for (const json::value& item : list->as_array()) listeners.push_back({text_of(item)});
  }
  Rows connections{{"Connections", "", ""}};
  if (const auto* map = node->if_contains("connections"); map != nullptr && map->is_object()) {
    for (const auto& [peer, address] : map->as_object())
      connections.push_back({std::string(peer), text_of(address), ""});
  }
  if (connections.size() == 1) connections.push_back({"<none>", "", ""});
  return render_panel(panel_title("node"),
                      {{render_grid({{"peer_id"}, {text_of(node->at("peer_id"))}})},
                       {render_grid(listeners)},
                       {render_grid(connections)}},
                      paint);
}

}  // namespace

void NodeVerb::define(Options& options) {
  if (face == Face::kEvery) options.flag("--json", output, Output::kJson, "As JSON");
  add_rpc_options(options, rpc);
}

core::Result<int> NodeVerb::run(const Console& /*console*/) {
  EVERY_TRY_ASSIGN(const Control node, Control::open(rpc, face));
  EVERY_TRY_ASSIGN(const gateway::Response response, node.send(get("/-/node")));
  if (response.status != 200) return std::unexpected(error_from(response));
  if (output == Output::kJson) {
    print_body(response);
    return 0;
  }
  EVERY_TRY_ASSIGN(const std::string text, render_node(response.body, paint_of(face)));
  print(text);
  return 0;
}

const VerbInfo kNodeVerb{
    "node", "Show who a running node is: its peer id and connections",
    "  every node --json                     the same for programs\n"
    "  every node --host ::1 --port 3030     of the one whose RPC port that is\n",
    make_verb<NodeVerb>};

}  // namespace every::cli
