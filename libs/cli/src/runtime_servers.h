#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "assemble.h"
#include "console.h"
#include "places.h"
#include "server_access.h"

#include "every/gateway/rpc.h"
#include "every/gateway/server.h"
#include "every/gateway/service.h"

namespace every::cli {

/// Which ports were asked for; one that was not is the settings', or the next free one above it.
struct RuntimePorts {
  std::optional<std::uint16_t> rpc;
  std::optional<std::uint16_t> metrics;
};

/// The faces of the original runtime: JSON-RPC on one port, numbers for Prometheus on another.
class RuntimeServers {
 public:
  /// Listens on both. in: assembly, other   outlive it; other   takes requests under `/ipfs/`, or null
  /// errors: those of Server::open; kConflict only for a port that was asked for
  [[nodiscard]] static core::Result<std::unique_ptr<RuntimeServers>> open(
      Assembly& assembly, const Places& places, const settings::Settings& settings,
      const ServerAccess& access, const RuntimePorts& ports, gateway::RequestHandler* other);
  ~RuntimeServers();
  RuntimeServers(const RuntimeServers&) = delete;
  RuntimeServers& operator=(const RuntimeServers&) = delete;

  void start();
  /// `✔ Homestar is running at …`, and what is not as it was asked for.
  void say(const Console& console) const;
  [[nodiscard]] std::uint16_t rpc_port() const { return rpc_server_->port(); }
  /// Takes no new connections. Before the node stops.
  void drain();
  /// Says goodbye and closes. After the node has stopped.
  void stop();

 private:
  RuntimeServers() = default;
  std::shared_ptr<void> process_metrics_;
  std::unique_ptr<gateway::RpcService> rpc_;
  std::unique_ptr<gateway::MetricsService> metrics_;
  std::unique_ptr<gateway::Server> rpc_server_;
  std::unique_ptr<gateway::Server> metrics_server_;
  std::vector<std::string> notes_;
};

/// Ends a node and what serves it, in this order: no new connections, the runs and the node, goodbyes to who is connected, then the sockets.
void stop_serving(gateway::Server& server, RuntimeServers& runtime, gateway::Service& service,
                  Assembly& assembly);

}  // namespace every::cli
