#include "verbs/dev.h"

#include <optional>

#include "assemble.h"
#include "dev_sources.h"
#include "node_key.h"
#include "places.h"
#include "serving.h"
#include <unistd.h>

#include "every/gateway/server.h"
#include "every/gateway/service.h"

namespace every::cli {
namespace {

void say_what_runs(const DevVerb& command, const Places& places, const settings::Settings& settings,
                   const gateway::Server& server, const RuntimeServers& runtime, std::size_t loaded,
                   const Console& console) {
  if (settings.durability == settings::Durability::kMemory) {
    console.done("Embedded block store is in memory: nothing is kept");
  } else {
    console.done("Embedded block store is open at", places.home.string());
  }
  const std::size_t given = command.node.functions.size();
  if (loaded > 0 && loaded == given) console.done("Functions parsed and compiled");
  if (loaded < given) {
    console.warn("Serving " + std::to_string(loaded) + " of " + std::to_string(given) +
                 " function files");
  }
  if (given == 0) console.warn("No function is loaded; give components or sources with --fn FILE");
  runtime.say(console);
  for (const std::string& note : server.notes()) console.warn(note);
  if (command.nonces == gateway::Nonces::kRandom)
    console.warn("--debug: every task gets a fresh nonce, nothing is replayed");
  console.line("");
  console.arrow("Local", server.url());
}

}  // namespace

void DevVerb::define(Options& options) {
  options.words("FILE", node.functions, "More components or sources, as with --fn")
      .completes(Completion::kFiles);
  add_function_option(options, node);
  options.flag("--debug", nonces, gateway::Nonces::kRandom,
               "Add a fresh nonce to every task, so that nothing is replayed");
  options.number("--port", "N", port, 0, 65535,
                 "Port of the gateway (default 3000; 0: any free one)");
  options.number("--runtime-port", "N", runtime_ports.rpc, 0, 65535,
                 "Port of the runtime's JSON-RPC (default 8020, or the next free one; 0: any)");
  options.number("--metrics-port", "N", runtime_ports.metrics, 0, 65535,
                 "Port Prometheus reads (default 4020, or the next free one; 0: any)");
  options.number("--ipfsPort", "N", ipfs_port, 1, 65535,
                 "Port of Kubo's RPC, where one is used (default 5001)");
  options.values("--cors", "ORIGIN", origins,
                 "An origin whose pages may call the gateway beside those of this machine, such as "
                 "https://example.org; *: any; may be given again");
  options.value(
      "--simulate-crash", "POINT", simulate_crash,
      "For tests of durability: the process dies, as by a power cut, when a run gets to this point "
      "(POINT:N, the N-th time); a wrong one lists them");
  add_access_options(options, access);
  add_node_options(options, node);
}

core::Result<int> DevVerb::run(const Console& console) {
  const StopSignals signals;
  std::optional<EndWhileStarting> starting(std::in_place);
  EVERY_TRY_ASSIGN(const Places places, find_places(node.home, system_environment));
  EVERY_TRY_ASSIGN(settings::Settings settings, load_settings(places, node, console));
  if (ipfs_port) settings.ipfs_port = *ipfs_port;
  apply(access, settings);
  settings.cors.insert(settings.cors.end(), origins.begin(), origins.end());
  EVERY_TRY_ASSIGN(const ServerAccess server_access, ServerAccess::open(settings));
  EVERY_TRY_ASSIGN(const LogSetup log,
                   choose_log(node, LogTarget::kStdout, system_environment, console));
  core::CrashPlan crash;
  if (simulate_crash) EVERY_TRY(core::CrashPlan::parse(*simulate_crash, crash));
  EVERY_TRY_ASSIGN(const NodeKey key, load_node_key(places, settings));
  EVERY_TRY_ASSIGN(auto lock, store::HomeLock::take(places.home));
  EVERY_TRY(lock->announce({::getpid(), 0}));
  EVERY_TRY_ASSIGN(const auto assembly, assemble(std::move(lock), places, settings, log, &crash));

  gateway::ServiceOptions service_options;
  service_options.nonces = nonces;
  service_options.hosts = server_access.names;
  service_options.origins = settings.cors;
  service_options.peer_id = key.key.public_key().peer_id();
  service_options.on_stop = stop_this_process;
  gateway::Service service(std::move(service_options), *assembly->node, *assembly->logger);
  gateway::ServerOptions options = server_access.options_for(server_access.gateway_hosts, settings);
  options.port = port.value_or(settings.port);
  options.socket = places.socket();
  // Listening comes before compiling, so that a port that is taken is told at once; serving after it, so that nobody sees half of the functions.
  EVERY_TRY_ASSIGN(const auto server,
                   name_port_owner(gateway::Server::open(options, service, *assembly->logger)));
  EVERY_TRY_ASSIGN(const auto runtime,
                   name_port_owner(RuntimeServers::open(*assembly, places, settings, server_access,
                                                        runtime_ports, &service)));
  EVERY_TRY(assembly->lock->announce({::getpid(), server->port()}));
  EVERY_TRY_ASSIGN(auto sources,
                   DevSources::open(*assembly->node, node.functions, node.home, places, console));
  const std::size_t loaded = sources->load();
  starting.reset();
  if (loaded == 0 && !node.functions.empty() && !sources->has_sources()) {
    assembly->stop();
    return core::fail(core::ErrorCode::kInvalidArgument, "none of the functions could be loaded");
  }
  // Without watches there are still functions to serve.
  if (const auto status = sources->watch(); !status) console.warn(status.error().message);
  EVERY_TRY_ASSIGN(const std::size_t resumed, assembly->node->resume_unfinished());
  runtime->start();
  server->start();
  say_what_runs(*this, places, settings, *server, *runtime, loaded, console);
  if (const auto url = server_access.url_for_others(server->port())) console.arrow("Network", *url);
  server_access.warn(console);
  if (resumed > 0)
    console.line("Going on with " + std::to_string(resumed) + " runs that were not finished");

  signals.wait();
  sources.reset();
  stop_serving(*server, *runtime, service, *assembly);
  return 0;
}

const VerbInfo kDevVerb{
    "dev", "Serve functions: gateway on port 3000 (the default command)",
    "  every dev --fn math.wasm                 then: curl localhost:3000/add?a=1&b=2\n"
    "  every math.wasm greet.wasm               the same, shorter, with two components\n"
    "  every dev --fn app.py --fn rust/         builds sources, again whenever they change\n"
    "  every dev --fn math.wasm --port 0        on any free port\n"
    "  every dev --fn math.wasm --debug         nothing is replayed\n"
    "  every dev --host 0.0.0.0 --token-file FILE   for other machines, too\n",
    make_verb<DevVerb>};

}  // namespace every::cli
