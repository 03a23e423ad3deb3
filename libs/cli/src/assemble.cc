#include "assemble.h"

#include <algorithm>

#include "build_note.h"
#include "node_key.h"
#include "trace_choices.h"
#include <unistd.h>

#include "every/blocks/blocks.h"
#include "every/blocks/publisher.h"
#include "every/core/file.h"
#include "every/core/log_output.h"
#include "every/core/thread_pool.h"
#include "every/store/store.h"
#include "every/wasm/code_keeper.h"
#include "every/wasm/in_process_executor.h"
#include "every/wasm/url.h"
#include "every/wasm/worker_pool.h"

namespace every::cli {
namespace {

using core::ErrorCode;
using settings::Settings;

// Guests at once in one process while some take long; the rest wait.
constexpr std::size_t kMostThreads = 256;
// Leaves a second of the five a stop may take to answers on their way out.
constexpr std::chrono::seconds kStopWithin{4};
// Of the time a stop may take, what the last traces get: at least and at most.
constexpr std::chrono::milliseconds kAllOfStop{4500};
constexpr std::chrono::milliseconds kLeastForTraces{500};
constexpr std::chrono::milliseconds kMostForTraces{2000};

store::Durability store_durability(settings::Durability durability) {
  switch (durability) {
    case settings::Durability::kDurable:
      return store::Durability::kDurable;
    case settings::Durability::kRelaxed:
      return store::Durability::kRelaxed;
    case settings::Durability::kMemory:
      break;
  }
  return store::Durability::kMemory;
}

core::Result<std::unique_ptr<blocks::BlockStore>> open_own_blocks(const Places& places,
                                                                  settings::Durability durability) {
  if (durability == settings::Durability::kMemory) return blocks::make_memory_blocks();
  return blocks::open_sqlite_blocks(
      places.blocks_file(), durability == settings::Durability::kDurable ? blocks::Sync::kDurable
                                                                         : blocks::Sync::kRelaxed);
}

/// Where the settings say that content may be had from, the nearest first.
core::Result<std::vector<std::shared_ptr<blocks::BlockSource>>> open_remotes(
    const Settings& settings) {
  std::vector<std::shared_ptr<blocks::BlockSource>> remotes;
  if (settings.ipfs != settings::Ipfs::kEmbedded)
    remotes.push_back(blocks::make_kubo(settings.ipfs_host, settings.ipfs_port));
  for (const std::string& address : settings.gateways) {
    auto gateway = blocks::make_http_gateway(address);
    if (!gateway) return core::fail(core::Error(gateway.error()).in("every.gateways"));
    remotes.push_back(std::move(*gateway));
  }
  return remotes;
}

/// Files may be fetched from below these, once they read as `rsc` does.
core::Result<std::shared_ptr<blocks::WebFiles>> open_web_files(const Settings& settings) {
  std::vector<std::string> allowed;
  for (const std::string& text : settings.trusted_urls) {
    auto url = wasm::normalize_url(text);
    if (!url || !url->starts_with("https://") || url->find_first_of("?#@") != std::string::npos)
      return core::fail(ErrorCode::kInvalidArgument,
                        "--trust-url (every.trusted_urls): '" + text +
                            "' is no address of the form https://HOST/PATH/");
    allowed.push_back(std::move(*url));
  }
  return blocks::make_web_files(std::move(allowed));
}

core::Result<std::unique_ptr<blocks::BlockStore>> open_blocks(
    const Places& places, const Settings& settings,
    const std::vector<std::shared_ptr<blocks::BlockSource>>& remotes, const core::Logger& logger) {
  EVERY_TRY_ASSIGN(auto own, open_own_blocks(places, settings.durability));
  if (remotes.empty()) return own;
  // That no Kubo runs is nothing to be told of where none was asked for.
  const auto level = settings.ipfs == settings::Ipfs::kAuto && settings.gateways.empty()
                         ? core::LogLevel::kDebug
                         : core::LogLevel::kWarn;
  return blocks::make_layered_blocks(std::move(own), remotes,
                                     [&logger, level](const std::string& text) {
                                       logger.log(level, "ipfs.fetch.err", "ipfs", text);
                                     });
}

/// What sends components and receipts to a Kubo; null where the settings say that none is used.
core::Result<std::unique_ptr<blocks::Publisher>> open_publisher(const Places& places,
                                                                const Settings& settings,
                                                                Assembly& assembly) {
  if (settings.ipfs == settings::Ipfs::kEmbedded) return nullptr;
  blocks::PublisherOptions options;
  if (settings.durability != settings::Durability::kMemory) options.file = places.blocks_file();
  options.sync = settings.durability == settings::Durability::kDurable ? blocks::Sync::kDurable
                                                                       : blocks::Sync::kRelaxed;
  if (settings.ipfs == settings::Ipfs::kKubo) options.no_kubo = blocks::NoKubo::kAWarning;
  // Its own, so that content is still fetched from Kubo while this one is given up, and the other way round.
  return blocks::Publisher::make(options, blocks::make_kubo(settings.ipfs_host, settings.ipfs_port),
                                 *assembly.logger, *assembly.metrics);
}

core::Result<std::vector<ipld::PublicKey>> read_trusted_keys(const Settings& settings) {
  std::vector<ipld::PublicKey> keys;
  for (const std::string& did : settings.trusted_keys) {
    auto key = ipld::PublicKey::parse_did(did);
    if (!key)
      return core::fail(std::move(key).error().in("every.trusted_keys: '" + did +
                                                  "' is not the did of a key (`every keys show` "
                                                  "on its machine prints it)"));
    keys.push_back(std::move(*key));
  }
  return keys;
}

/// What makes no sense is told, and no reason not to run.
std::unique_ptr<gateway::TraceExporter> open_traces(const Settings& settings,
                                                    const Assembly& assembly) {
  TraceChoice choice = choose_traces(settings, system_environment);
  for (const std::string& warning : choice.warnings)
    assembly.logger->warn("traces", "traces", warning);
  if (!choice.options) return nullptr;
  choice.options->service_version = EVERY_VERSION;
  auto traces =
      gateway::TraceExporter::open(std::move(*choice.options), *assembly.logger, *assembly.metrics);
  if (traces) return std::move(*traces);
  assembly.logger->warn("traces.err", "traces", "no traces are sent: " + traces.error().message);
  return nullptr;
}

/// The folder of compiled code, or empty (and a line in the log) when it cannot be this user's alone.
std::filesystem::path open_code_cache(const Places& places, const core::Logger& logger) {
  for (const auto& directory : {places.cache, places.code_cache()}) {
    if (const auto status = core::ensure_private_directory(directory); !status) {
      logger.warn("wasm", "cache", "compiled code is not kept: " + status.error().message);
      return {};
    }
  }
  return places.code_cache();
}

core::Result<std::unique_ptr<wasm::Executor>> open_executor(const Places& places,
                                                            const Settings& settings,
                                                            const core::Logger& logger) {
  const std::filesystem::path cache = open_code_cache(places, logger);
  if (settings.workers == 0u) {
    wasm::InProcessOptions options;
    options.threads = core::usable_cores();
    options.max_threads = std::max(kMostThreads, options.threads);
    options.guest_bytes =
        settings.guest_bytes > 0 ? settings.guest_bytes : core::usable_memory() / 2;
    options.code_cache = cache;
    options.on_notice = [&logger](const std::string& text) { logger.info("wasm", "engine", text); };
    EVERY_TRY_ASSIGN(auto executor, wasm::InProcessExecutor::make(std::move(options)));
    return wasm::keep_code_within(std::move(executor), cache, settings.keep_code_bytes);
  }
  wasm::WorkerPoolOptions options;
  options.command = {"/proc/self/exe", "__worker"};
  options.workers = settings.workers.value_or(0);
  options.max_threads = kMostThreads;
  options.guest_bytes = settings.guest_bytes;
  options.compile_cpu = settings.compile_time;
  options.code_cache = cache;
  options.logger = &logger;
  EVERY_TRY_ASSIGN(auto pool, wasm::make_worker_pool(std::move(options)));
  return wasm::keep_code_within(std::move(pool), cache, settings.keep_code_bytes);
}

}  // namespace

core::Result<InForce> load_settings_in_force(const Places& places, const NodeChoices& choices,
                                             const Console& console) {
  EVERY_TRY_ASSIGN(InForce all,
                   read_settings_in_force(places, choices.config, environment_variables()));
  for (const std::string& warning : all.warnings) console.warn(warning);
  if (choices.workers) all.settings.workers = choices.workers;
  if (choices.durability) all.settings.durability = *choices.durability;
  std::vector<std::string>& urls = all.settings.trusted_urls;
  urls.insert(urls.end(), choices.trusted_urls.begin(), choices.trusted_urls.end());
  return all;
}

core::Result<Settings> load_settings(const Places& places, const NodeChoices& choices,
                                     const Console& console) {
  EVERY_TRY_ASSIGN(InForce all, load_settings_in_force(places, choices, console));
  return std::move(all.settings);
}

core::Result<std::unique_ptr<Assembly>> assemble(std::unique_ptr<store::HomeLock> lock,
                                                 const Places& places, const Settings& settings,
                                                 const LogSetup& log, core::CrashPlan* crash) {
  auto assembly = std::make_unique<Assembly>();
  assembly->lock = std::move(lock);
  const bool is_server = log.target == LogTarget::kStdout;
  core::LogOutputOptions output;
  output.format = log.format;
  output.colour = colour_of(is_server ? stdout : stderr);
  assembly->output = core::make_output_sink(is_server ? STDOUT_FILENO : STDERR_FILENO, output);
  assembly->filter = core::make_filter_sink(log.filter, *assembly->output);
  assembly->logger = std::make_unique<core::Logger>(
      *assembly->filter, assembly->clock, log.filter.least(), log.filter.least_of_guests());

  runtime::NodeParts parts;
  EVERY_TRY_ASSIGN(parts.store, store::open_store({places.store_file(),
                                                   store_durability(settings.durability), crash}));
  EVERY_TRY_ASSIGN(assembly->remotes, open_remotes(settings));
  EVERY_TRY_ASSIGN(parts.blocks,
                   open_blocks(places, settings, assembly->remotes, *assembly->logger));
  EVERY_TRY_ASSIGN(parts.publisher, open_publisher(places, settings, *assembly));
  EVERY_TRY_ASSIGN(parts.executor, open_executor(places, settings, *assembly->logger));
  EVERY_TRY_ASSIGN(assembly->web_files, open_web_files(settings));
  parts.web_files = assembly->web_files;
  parts.logger = assembly->logger.get();
  parts.clock = &assembly->clock;
  parts.metrics = assembly->metrics.get();
  parts.normalize_url = wasm::normalize_url;
  parts.crash = crash;
  assembly->traces = open_traces(settings, *assembly);
  if (assembly->traces) parts.observer = assembly->traces->observer();

  runtime::NodeOptions options;
  options.run_timeout = settings.run_time;
  options.max_active_runs = settings.active_runs;
  options.stop_within = settings.shutdown_timeout.value_or(kStopWithin);
  options.engine = "wasmtime 48";
  options.keep = {.run_age = std::chrono::hours(24) * settings.keep_run_days,
                  .run_bytes = settings.keep_run_bytes};
  // A command that owns the home for a moment has other things to do.
  if (is_server) options.housekeeping_interval = settings.gc_interval;
  EVERY_TRY_ASSIGN(options.trusted_keys, read_trusted_keys(settings));
  options.signing_key = [places, settings]() -> core::Result<ipld::SigningKey> {
    EVERY_TRY_ASSIGN(NodeKey key, load_node_key(places, settings));
    return std::move(key.key);
  };
  options.build_of = [folder = places.home / "builds"](const ipld::Cid& component) {
    return build_note(folder, component);
  };
  EVERY_TRY_ASSIGN(assembly->node, runtime::Node::open(std::move(options), std::move(parts)));
  return assembly;
}

void Assembly::stop() {
  for (const auto& remote : remotes) remote->cancel();
  web_files->cancel();
  const core::SteadyTime begun = clock.steady();
  node->stop();
  if (!traces) return;
  const auto left =
      kAllOfStop - std::chrono::duration_cast<std::chrono::milliseconds>(clock.steady() - begun);
  traces->stop(std::clamp(left, kLeastForTraces, kMostForTraces));
}

core::Result<std::unique_ptr<wasm::Executor>> open_compiler(const Places& places) {
  wasm::WorkerPoolOptions options;
  options.command = {"/proc/self/exe", "__worker"};
  options.workers = 1;
  if (!places.cache.empty() && core::ensure_private_directory(places.cache) &&
      core::ensure_private_directory(places.code_cache()))
    options.code_cache = places.code_cache();
  return wasm::make_worker_pool(std::move(options));
}

int run_worker() {
  return wasm::worker_main(wasm::kWorkerSocket, wasm::make_worker_executor);
}

}  // namespace every::cli
