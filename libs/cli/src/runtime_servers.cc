#include "runtime_servers.h"

#include <limits>

#include "node_key.h"

namespace every::cli {
namespace {

using gateway::Server;
using gateway::ServerOptions;

/// As far as the original looks for a free port.
constexpr int kPortsTried = 1000;

/// Listens on the port that was asked for, or on the first free one from `usual` on.
core::Result<std::unique_ptr<Server>> listen(ServerOptions options,
                                             const std::optional<std::uint16_t>& asked,
                                             std::uint16_t usual, gateway::RequestHandler& handler,
                                             const core::Logger& logger,
                                             std::vector<std::string>& notes) {
  options.port = asked.value_or(usual);
  for (int tries = 0;; ++tries) {
    auto server = Server::open(options, handler, logger);
    if (server && tries > 0) {
      notes.push_back("port " + std::to_string(usual) + " is taken, using " +
                      std::to_string((*server)->port()) + "; choose one with " +
                      options.port_option);
    }
    const bool taken = !server && server.error().code == core::ErrorCode::kConflict;
    if (!taken || asked || tries == kPortsTried ||
        options.port == std::numeric_limits<std::uint16_t>::max())
      return server;
    ++options.port;
  }
}

}  // namespace

core::Result<std::unique_ptr<RuntimeServers>> RuntimeServers::open(
    Assembly& assembly, const Places& places, const settings::Settings& settings,
    const ServerAccess& access, const RuntimePorts& ports, gateway::RequestHandler* other) {
  EVERY_TRY_ASSIGN(NodeKey key, load_node_key(places, settings));
  std::unique_ptr<RuntimeServers> servers(new RuntimeServers());
  servers->notes_ = std::move(key.warnings);
  servers->process_metrics_ = gateway::add_process_metrics(*assembly.metrics, places.home.string());
  gateway::RpcOptions rpc_options;
  rpc_options.peer_id = key.key.public_key().peer_id();
  rpc_options.hosts = access.names;
  rpc_options.origins = settings.cors;
  servers->rpc_ = std::make_unique<gateway::RpcService>(std::move(rpc_options), *assembly.node,
                                                        *assembly.metrics, *assembly.logger, other);
  servers->metrics_ = std::make_unique<gateway::MetricsService>(access.names, *assembly.metrics);
  ServerOptions options = access.options_for(access.runtime_hosts, settings);
  options.limits.message_bytes =
      std::min<std::uint64_t>(options.limits.message_bytes, settings.body_bytes);
  options.port_option = "--runtime-port";
  EVERY_TRY_ASSIGN(servers->rpc_server_, listen(options, ports.rpc, settings.webserver_port,
                                                *servers->rpc_, *assembly.logger, servers->notes_));
  options.port_option = "--metrics-port";
  EVERY_TRY_ASSIGN(servers->metrics_server_,
                   listen(options, ports.metrics, settings.metrics_port, *servers->metrics_,
                          *assembly.logger, servers->notes_));
  return servers;
}

RuntimeServers::~RuntimeServers() {
  stop();
}

void RuntimeServers::start() {
  rpc_server_->start();
  metrics_server_->start();
}

void RuntimeServers::say(const Console& console) const {
  const std::string url = rpc_server_->url();
  console.done("Homestar is running at", url.substr(0, url.size() - 1));
  console.done("Metrics are at", metrics_server_->url() + "metrics");
  for (const std::string& note : notes_) console.warn(note);
}

void RuntimeServers::drain() {
  if (rpc_server_) rpc_server_->drain();
  if (metrics_server_) metrics_server_->drain();
}

void stop_serving(Server& server, RuntimeServers& runtime, gateway::Service& service,
                  Assembly& assembly) {
  server.drain();
  runtime.drain();
  assembly.stop();
  runtime.stop();
  service.stop();
  server.stop();
}

void RuntimeServers::stop() {
  if (rpc_) rpc_->stop();
  if (rpc_server_) rpc_server_->stop();
  if (metrics_server_) metrics_server_->stop();
}

}  // namespace every::cli
