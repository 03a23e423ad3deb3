#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rpc_message.h"
#include "rpc_subscription.h"

#include "every/core/metrics.h"
#include "every/core/thread_pool.h"
#include "every/gateway/rpc.h"
#include "every/runtime/node.h"

namespace every::gateway::rpc {

/// What all calls share.
struct RpcParts {
  RpcOptions options;
  runtime::Node& node;
  core::Metrics& metrics;
  const core::Logger& logger;
  core::ThreadPool& pool;
};

/// Who subscriptions of a call belong to.
class Subscriber : public NotificationSink {
 public:
  /// Whether another live one is allowed.
  [[nodiscard]] virtual bool may_subscribe() = 0;
  virtual void add(std::shared_ptr<RunSubscription> subscription) = 0;
  /// A subscription to the network's events: known by its id alone.
  virtual void add_network(std::string id) = 0;
  enum class Kind : std::uint8_t { kRun, kNetwork };
  /// Whether there was one of that kind.
  virtual bool remove(Kind kind, const std::string& id) = 0;
};

/// Answers a message, and says which subscriptions begin once the answer has arrived.
///
/// in: subscriber   null over HTTP, where nothing can be subscribed
/// out: the text to send back, empty when there is nothing to say; whether the message was JSON at all
struct Answered {
  std::string text;
  std::vector<std::shared_ptr<RunSubscription>> opened;
  enum class Json : std::uint8_t { kYes, kNo } json = Json::kYes;
};
[[nodiscard]] Answered answer(const RpcParts& parts, std::string_view message,
                              const std::shared_ptr<Subscriber>& subscriber);

using Reply = std::expected<std::string, Failure>;
/// The result of a method that takes nothing and subscribes to nothing: `health`, `metrics`, `node`, `rpc_discover`. Also for the GET shortcuts.
/// out: none when there is no such method
[[nodiscard]] std::optional<Reply> call_plain(const RpcParts& parts, std::string_view method,
                                              const ipld::Value& params);

/// The OpenRPC document.
[[nodiscard]] std::string_view openrpc_document();

/// `subscribe_run_workflow`. out: the subscription, its run under way
[[nodiscard]] std::expected<std::shared_ptr<RunSubscription>, Failure> subscribe_run(
    const RpcParts& parts, const ipld::Value& params,
    const std::shared_ptr<Subscriber>& subscriber);

/// 16 random letters and digits.
[[nodiscard]] std::string make_subscription_id();

}  // namespace every::gateway::rpc
