#include "admission.h"
#include "error_body.h"
#include "js_json.h"
#include "routes.h"

#include "every/ipld/dag_cbor.h"
#include "every/ipld/dag_json.h"

namespace every::gateway {
namespace {

constexpr std::string_view kDagCbor = "application/vnd.ipld.dag-cbor";

bool wants_cbor(const Request& request) {
  const std::string* accept = request.find_header("accept");
  return accept != nullptr && (accept->find(kDagCbor) != std::string::npos ||
                               accept->find("application/cbor") != std::string::npos);
}

Response component_response(const runtime::LoadedComponent& component) {
  std::string functions = "[";
  for (const auto& function : component.functions) {
    if (functions.size() > 1) functions += ',';
    append_json_string(functions, function->listed_name());
  }
  ObjectWriter object;
  object.text("label", component.label).text("cid", component.cid.render());
  return json_response(200, std::move(object.raw("functions", functions + "]")).finish());
}

}  // namespace

void show_health(const ExchangePtr& exchange) {
  const runtime::Node::Health health = exchange->node().health();
  ObjectWriter object;
  object.raw("healthy", health.healthy ? "true" : "false");
  object.raw("active_runs", std::to_string(health.active_runs));
  if (!health.problem.empty()) object.text("problem", health.problem);
  exchange->reply(json_response(health.healthy ? 200 : 503, std::move(object).finish()));
}

void show_receipt(const ExchangePtr& exchange) {
  const auto cid = ipld::Cid::parse_reference(exchange->param("cid"));
  if (!cid) return exchange->reply(error_response(cid.error()));
  const auto block = exchange->node().get_receipt(*cid);
  if (!block) return exchange->reply(error_response(block.error()));
  if (wants_cbor(exchange->request())) {
    return exchange->reply(
        {200, {{"Content-Type", std::string(kDagCbor)}}, std::string(core::as_text(*block))});
  }
  const auto value = ipld::dag_cbor::decode(*block);
  if (!value) return exchange->reply(error_response(value.error()));
  auto json = ipld::dag_json::encode(*value);
  if (!json) return exchange->reply(error_response(json.error()));
  exchange->reply(json_response(200, std::move(json).value()));
}

void load_component(const ExchangePtr& exchange) {
  if (!acts_as_owner(exchange->request().peer)) {
    return exchange->reply(error_response(
        {core::ErrorCode::kPermissionDenied,
         "components are loaded by this node's own user, with --fn, or over the network by who "
         "has its token; this node was started without --token-file",
         {}}));
  }
  const std::string* label = exchange->target().find_query("label");
  const std::string* origin = exchange->target().find_query("origin");
  if (label == nullptr || label->empty()) {
    return exchange->reply(
        error_response({core::ErrorCode::kInvalidArgument, "the address needs ?label=", {}}));
  }
  const std::string* cid = exchange->target().find_query("cid");
  const auto components = exchange->node().components();
  for (const auto& served : components) {
    if (cid != nullptr && served->cid.render() == *cid)
      return exchange->reply(component_response(*served));
  }
  for (const auto& served : components) {
    if (served->label != *label) continue;
    return exchange->reply(error_response(
        {core::ErrorCode::kConflict,
         "the node of this home serves another component as '" + *label + "' (" + served->origin +
             "); rename the file, stop that node, or use another --home",
         {}}));
  }
  const auto loaded = exchange->node().load(*label, origin != nullptr ? *origin : *label,
                                            core::as_bytes(exchange->request().body));
  if (!loaded) return exchange->reply(error_response(loaded.error()));
  exchange->reply(component_response(**loaded));
}

}  // namespace every::gateway
