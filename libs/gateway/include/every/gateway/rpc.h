#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "every/core/log.h"
#include "every/core/metrics.h"
#include "every/gateway/request_handler.h"
#include "every/runtime/node.h"

namespace every::gateway {

struct RpcOptions {
  std::string peer_id;             ///< what `node` says; empty where the node has no key
  std::vector<std::string> hosts;  ///< accepted in `Host` beside the loopback names, without a port
  std::vector<std::string> origins;  ///< accepted beside loopback ones; `*`: all
  std::size_t threads = 0;           ///< for parsing and rendering; 0: one a core
  std::size_t calls = 1000;          ///< in one batch
  std::size_t subscriptions = 1024;  ///< live ones of one connection; more: the run is refused
  /// Of what one connection's runs told and it has not been sent yet; more: it is closed with 1013.
  std::size_t backlog_bytes = std::size_t{256} << 20;
  std::size_t all_backlog_bytes = std::size_t{1} << 30;  ///< the same of all connections
};

/// JSON-RPC 2.0 as the original runtime speaks it, over WebSocket and HTTP POST, with the GET shortcuts.
///
/// No notification is lost: a subscription is there before its run begins, and what it has to tell waits until the reply has arrived.
/// thread: any. source: docs/formats/rpc.md
class RpcService final : public RequestHandler {
 public:
  /// in: other   takes the requests under `/ipfs/`; null: there are none. All outlive it.
  RpcService(RpcOptions options, runtime::Node& node, core::Metrics& metrics,
             const core::Logger& logger, RequestHandler* other = nullptr);
  ~RpcService() override;
  RpcService(const RpcService&) = delete;
  RpcService& operator=(const RpcService&) = delete;

  void handle(Request request, Respond respond) override;
  [[nodiscard]] WebSocketAcceptor* web_sockets() override;

  /// Tells every connection that the node goes, after what is on its way to it, and takes nothing new. Call it after the node has stopped and
  /// before the server is gone.
  void stop();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

/// `GET /metrics` as Prometheus reads it, and nothing else. thread: any.
class MetricsService final : public RequestHandler {
 public:
  /// All outlive it. in: hosts   as RpcOptions::hosts
  MetricsService(std::vector<std::string> hosts, const core::Metrics& metrics);
  void handle(Request request, Respond respond) override;

 private:
  std::vector<std::string> hosts_;
  const core::Metrics& metrics_;
};

/// Has the process and machine numbers of the original (`homestar_…`) in the metrics, as long as the token is kept.
/// in: home   whose database and disk are meant
[[nodiscard]] std::shared_ptr<void> add_process_metrics(core::Metrics& metrics,
                                                        const std::string& home);

}  // namespace every::gateway
