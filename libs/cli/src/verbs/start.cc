#include "verbs/start.h"

#include <filesystem>

#include "assemble.h"
#include "control.h"
#include "daemon.h"
#include "functions.h"
#include "known_files.h"
#include "node_key.h"
#include "serving.h"
#include "settings_in_force.h"
#include "verbs/import.h"
#include <unistd.h>

#include "every/gateway/server.h"
#include "every/gateway/service.h"

namespace every::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDaemonFolder = "/tmp";
constexpr std::string_view kDatabase = "homestar.db";
// The original's ports, where the settings name none: those of `dev` are its development ones.
constexpr std::uint16_t kWebserverPort = 1337;
constexpr std::uint16_t kMetricsPort = 4000;

/// The settings in force, with the original's ports where nobody says others.
core::Result<settings::Settings> load_start_settings(const Places& places, const StartVerb& verb,
                                                     const Console& console) {
  EVERY_TRY_ASSIGN(InForce all, load_settings_in_force(places, verb.node, console));
  const auto or_usual = [&all](std::string_view key, std::uint16_t& port, std::uint16_t usual) {
    if (!all.origins.contains(std::string(key))) port = usual;
  };
  settings::Settings& settings = all.settings;
  or_usual("node.network.webserver.port", settings.webserver_port, kWebserverPort);
  or_usual("node.network.metrics.port", settings.metrics_port, kMetricsPort);
  or_usual("node.network.rpc.port", settings.rpc_port, kRpcPort);
  settings.webserver_port = verb.ports.rpc.value_or(settings.webserver_port);
  settings.metrics_port = verb.ports.metrics.value_or(settings.metrics_port);
  settings.rpc_port = verb.rpc_port.value_or(settings.rpc_port);
  apply(verb.access, settings);
  return std::move(settings);
}

/// The database that is meant, if one is; a relative path as the original takes it: a daemon's is in its folder.
std::optional<fs::path> database_of(const StartVerb& verb, const fs::path& folder) {
  std::optional<std::string> path = verb.db;
  // A home that is named is meant, whatever the environment says.
  if (!path && !verb.node.home) path = system_environment("DATABASE_PATH");
  if (!path && !verb.node.home && verb.face == Face::kHomestar) path = std::string(kDatabase);
  if (!path) return std::nullopt;
  return (folder / *path).lexically_normal();
}

/// A node beside a database keeps what it has in a folder beside it.
fs::path home_of(fs::path database) {
  database += ".every";
  return database;
}

core::Status load_functions(runtime::Node& node, const std::vector<std::string>& paths,
                            const Places& places, const Console& console) {
  const std::vector<std::string> labels = make_labels(paths);
  KnownFiles known(places.cache);
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const KnownFiles::Seen seen = known.look(paths[i]);
    if (seen.cid && node.load_known(labels[i], paths[i], *seen.cid)) continue;
    EVERY_TRY_ASSIGN(const FunctionFile file, read_function(paths[i], labels[i]));
    const auto loaded = compile_with_notice(
        file, [&node, &file] { return node.load(file.label, file.origin, file.bytes); }, console);
    if (!loaded) {
      core::Error error = loaded.error();
      error.message = describe_loading_error(paths[i], error);
      return std::unexpected(std::move(error));
    }
    if (seen.identity) known.remember(*seen.identity, (*loaded)->cid);
  }
  known.save();
  return {};
}

}  // namespace

void StartVerb::define(Options& options) {
  options
      .value("--db", "FILE", db,
             "A database of the original: what it holds is taken over, and the home is FILE.every "
             "beside it (DATABASE_PATH says the same)")
      .completes(Completion::kFiles);
  options.flag("--daemonize", place, Place::kDaemon,
               "Return once the node runs; it goes on by itself, with homestar.pid and "
               "homestar.log.YYYY-MM-DD in a folder");
  options
      .value("--daemon-dir", "DIR", daemon_folder,
             "That folder (default: /tmp); a relative --db is in it, too")
      .completes(Completion::kDirectories);
  add_function_option(options, node);
  options.number("--runtime-port", "N", ports.rpc, 0, 65535,
                 "Port of the runtime's JSON-RPC (default 1337; 0: any free one)");
  options.number("--metrics-port", "N", ports.metrics, 0, 65535,
                 "Port Prometheus reads (default 4000; 0: any free one)");
  options.number("--rpc-port", "N", rpc_port, 0, 65535,
                 "Port that every stop, ping and node --port speak to (default 3030; 0: any)");
  add_access_options(options, access);
  add_node_options(options, node);
}

core::Result<int> StartVerb::run(const Console& console) {
  const bool is_daemon = place == Place::kDaemon;
  const fs::path daemon_place = fs::absolute(daemon_folder.value_or(std::string(kDaemonFolder)));
  database_ = database_of(*this, is_daemon ? daemon_place : fs::current_path());
  if (database_ && node.home)
    return core::fail(core::ErrorCode::kInvalidArgument,
                      "--db and --home exclude one another: with --db the home is beside the "
                      "database; `every import` brings one into any home");
  EVERY_TRY_ASSIGN(Places places, find_places(node.home, system_environment));
  EVERY_TRY_ASSIGN(const settings::Settings settings, load_start_settings(places, *this, console));
  // Settings and caches are the user's, whichever database is meant.
  if (database_) places.home = home_of(*database_);
  // Where a daemon stands, paths given on the command line mean something else.
  for (std::string& path : node.functions) path = fs::absolute(path).string();

  if (!is_daemon) return serve(places, settings, console, nullptr);
  EVERY_TRY_ASSIGN(const std::unique_ptr<Daemon> daemon, Daemon::start(daemon_place));
  if (daemon == nullptr) {
    if (face == Face::kEvery)
      console.done("The node runs, and its pid and log are in", daemon_place.string());
    return 0;
  }
  auto served = serve(places, settings, console, daemon.get());
  if (!served) daemon->failed(served.error());
  return served;
}

core::Result<int> StartVerb::serve(const Places& places, const settings::Settings& settings,
                                   const Console& console, Daemon* daemon) const {
  const StopSignals signals;
  std::optional<EndWhileStarting> starting(std::in_place);
  EVERY_TRY_ASSIGN(const LogSetup log,
                   choose_log(node, LogTarget::kStdout, system_environment, console));
  EVERY_TRY_ASSIGN(const ServerAccess server_access, ServerAccess::open(settings));
  EVERY_TRY_ASSIGN(const NodeKey key, load_node_key(places, settings));
  EVERY_TRY_ASSIGN(auto lock, store::HomeLock::take(places.home));
  EVERY_TRY(lock->announce({::getpid(), 0}));
  EVERY_TRY_ASSIGN(const auto assembly, assemble(std::move(lock), places, settings, log));

  gateway::ServiceOptions service_options;
  service_options.hosts = server_access.names;
  service_options.origins = settings.cors;
  service_options.peer_id = key.key.public_key().peer_id();
  service_options.on_stop = stop_this_process;
  service_options.stop_by = gateway::StopBy::kAnybody;
  gateway::Service service(std::move(service_options), *assembly->node, *assembly->logger);
  // The same routes over the home's socket and the RPC port: the original's verbs need few of them.
  gateway::ServerOptions options = server_access.options_for({settings.rpc_host}, settings);
  options.port = settings.rpc_port;
  options.port_option = "--rpc-port or node.network.rpc.port";
  options.socket = places.socket();
  EVERY_TRY_ASSIGN(const auto server,
                   name_port_owner(gateway::Server::open(options, service, *assembly->logger)));
  // A port that is taken is an error, as it is to the original: clients look for the node at that one.
  const RuntimePorts asked{settings.webserver_port, settings.metrics_port};
  EVERY_TRY_ASSIGN(const auto runtime,
                   name_port_owner(RuntimeServers::open(*assembly, places, settings, server_access,
                                                        asked, &service)));
  EVERY_TRY(assembly->lock->announce({::getpid(), runtime->rpc_port()}));
  if (database_) EVERY_TRY(take_over_database(*assembly->node, *database_, places.home, console));
  EVERY_TRY(load_functions(*assembly->node, node.functions, places, console));
  starting.reset();
  EVERY_TRY_ASSIGN(const std::size_t resumed, assembly->node->resume_unfinished());
  runtime->start();
  server->start();
  console.done("The home is", places.home.string());
  runtime->say(console);
  console.done("Commands are taken at", server->url());
  for (const std::string& note : server->notes()) console.warn(note);
  server_access.warn(console);
  if (resumed > 0)
    console.line("Going on with " + std::to_string(resumed) + " runs that were not finished");
  if (daemon != nullptr) daemon->ready();

  signals.wait();
  stop_serving(*server, *runtime, service, *assembly);
  return 0;
}

const VerbInfo kStartVerb{
    "start", "Run the runtime as homestar start does: JSON-RPC on 1337, metrics on 4000",
    "  every start                                  in the foreground; Ctrl-C or every stop ends "
    "it\n"
    "  every start --config settings.toml --daemonize --daemon-dir /run/homestar\n"
    "  every start --db homestar.db                 take over from the original, at its place\n",
    make_verb<StartVerb>};

}  // namespace every::cli
