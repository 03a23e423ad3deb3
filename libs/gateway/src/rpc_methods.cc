#include "rpc_methods.h"

#include "js_json.h"
#include "metrics_json.h"
#include "openrpc.h"

namespace every::gateway::rpc {
namespace {

Reply health(const RpcParts& parts) {
  const runtime::Node::Health health = parts.node.health();
  if (health.healthy) return R"({"healthy":true})";
  return std::unexpected(failure(kInternalError, health.problem));
}

Reply node(const RpcParts& parts) {
  ObjectWriter dynamic;
  dynamic.raw("connections", "{}").raw("listeners", "[]");
  ObjectWriter fixed;
  fixed.text("peer_id", parts.options.peer_id);
  ObjectWriter node;
  node.raw("dynamic", std::move(dynamic).finish());
  return std::move(node.raw("static", std::move(fixed).finish())).finish();
}

/// `[{"prefix":"homestar_system"}]` keeps what begins so; anything else keeps all.
std::string prefix_of(const ipld::Value& params) {
  const ipld::List* list = params.if_list();
  const ipld::Map* map =
      list != nullptr && !list->empty() ? list->front().if_map() : params.if_map();
  const ipld::Value* prefix = map != nullptr ? map->find("prefix") : nullptr;
  const std::string* text = prefix != nullptr ? prefix->if_string() : nullptr;
  return text != nullptr ? *text : std::string();
}

Reply subscription_result(const std::string& id) {
  return render_json_string(id);
}

Reply unsubscribe(const ipld::Value& params, Subscriber& subscriber, Subscriber::Kind kind) {
  const ipld::List* list = params.if_list();
  const std::string* id =
      list != nullptr && list->size() == 1 ? list->front().if_string() : nullptr;
  return id != nullptr && subscriber.remove(kind, *id) ? "true" : "false";
}

/// A method about subscriptions, or none of that name.
std::optional<Reply> call_subscribing(const RpcParts& parts, const Call& call,
                                      const std::shared_ptr<Subscriber>& subscriber,
                                      Answered& answered) {
  const bool known =
      call.method == "subscribe_run_workflow" || call.method == "unsubscribe_run_workflow" ||
      call.method == "subscribe_network_events" || call.method == "unsubscribe_network_events";
  if (!known) return std::nullopt;
  if (subscriber == nullptr) {
    return std::unexpected(
        failure(kInternalError,
                "subscriptions need a WebSocket connection; over HTTP a workflow "
                "is run with POST /run of the gateway"));
  }
  if (call.method == "unsubscribe_run_workflow") {
    return unsubscribe(call.params, *subscriber, Subscriber::Kind::kRun);
  }
  if (call.method == "unsubscribe_network_events") {
    return unsubscribe(call.params, *subscriber, Subscriber::Kind::kNetwork);
  }
  // Whoever does not want to know the subscription's id can do nothing with it.
  if (!call.wants_reply) return Reply("null");
  if (call.method == "subscribe_network_events") {
    if (!subscriber->may_subscribe()) {
      return std::unexpected(failure(kInternalError,
                                     "this connection has as many subscriptions as "
                                     "are allowed; unsubscribe from one"));
    }
    std::string id = make_subscription_id();
    subscriber->add_network(id);
    return subscription_result(id);
  }
  auto subscription = subscribe_run(parts, call.params, subscriber);
  if (!subscription) return std::unexpected(std::move(subscription).error());
  answered.opened.push_back(*subscription);
  return subscription_result((*subscription)->id());
}

/// The reply to one call; empty when none is wanted.
std::string answer_call(const RpcParts& parts, const Call& call,
                        const std::shared_ptr<Subscriber>& subscriber, Answered& answered) {
  std::optional<Reply> reply = call_subscribing(parts, call, subscriber, answered);
  if (!reply) reply = call_plain(parts, call.method, call.params);
  const bool known = reply.has_value();
  parts.metrics
      .counter("every_rpc_calls_total", "Calls over JSON-RPC by method.",
               {{"method", known ? call.method : "unknown"}})
      .add();
  if (!call.wants_reply) return {};
  if (!known) return render_failure(failure(kMethodNotFound), call.id);
  return *reply ? render_result(**reply, call.id) : render_failure(reply->error(), call.id);
}

}  // namespace

std::string_view openrpc_document() {
  return kOpenRpcDocument;
}

std::optional<Reply> call_plain(const RpcParts& parts, std::string_view method,
                                const ipld::Value& params) {
  if (method == "health") return health(parts);
  if (method == "node") return node(parts);
  if (method == "metrics") return render_metrics_json(parts.metrics.snapshot(), prefix_of(params));
  // The document names itself as OpenRPC asks; the original answers to the other name.
  if (method == "rpc_discover" || method == "rpc.discover")
    return render_json_string(openrpc_document());
  return std::nullopt;
}

Answered answer(const RpcParts& parts, std::string_view message,
                const std::shared_ptr<Subscriber>& subscriber) {
  Answered answered;
  const Incoming incoming = parse(message, parts.options.calls);
  std::vector<std::string> replies;
  for (const Entry& entry : incoming.entries) {
    if (const auto* refused = std::get_if<Refused>(&entry)) {
      if (refused->failure.code == kParseError) answered.json = Answered::Json::kNo;
      replies.push_back(render_failure(refused->failure, refused->id));
      continue;
    }
    auto reply = answer_call(parts, std::get<Call>(entry), subscriber, answered);
    if (!reply.empty()) replies.push_back(std::move(reply));
  }
  if (replies.empty()) return answered;
  if (incoming.form == Incoming::Form::kSingle) {
    answered.text = std::move(replies.front());
    return answered;
  }
  answered.text = "[";
  for (const std::string& reply : replies) {
    if (answered.text.size() > 1) answered.text += ',';
    answered.text += reply;
  }
  answered.text += ']';
  return answered;
}

}  // namespace every::gateway::rpc
