#pragma once

#include <memory>
#include <string>
#include <vector>

#include "console.h"
#include "log_choices.h"
#include "node_choices.h"
#include "places.h"
#include "settings_in_force.h"

#include "every/blocks/remote.h"
#include "every/core/clock.h"
#include "every/core/crash_point.h"
#include "every/core/log.h"
#include "every/core/metrics.h"
#include "every/gateway/traces.h"
#include "every/runtime/node.h"
#include "every/settings/settings.h"
#include "every/store/home.h"
#include "every/wasm/executor.h"

namespace every::cli {

/// A node and everything it stands on, in the order it must go.
struct Assembly {
  std::unique_ptr<store::HomeLock> lock;
  std::unique_ptr<core::LogSink> output;
  std::unique_ptr<core::LogSink> filter;
  core::SystemClock clock;
  std::unique_ptr<core::Logger> logger;
  std::unique_ptr<core::Metrics> metrics = std::make_unique<core::Metrics>();
  std::vector<std::shared_ptr<blocks::BlockSource>> remotes;  ///< where content is fetched from
  std::shared_ptr<blocks::WebFiles> web_files;
  std::unique_ptr<gateway::TraceExporter> traces;  ///< null: none are sent
  std::unique_ptr<runtime::Node> node;

  /// Stops the node; what it fetches from elsewhere is given up first, and traces that wait are sent last.
  void stop();
};

/// The settings in force with what the command line says, and where they come from. Warnings go to the console. errors: as load_settings
[[nodiscard]] core::Result<InForce> load_settings_in_force(const Places& places,
                                                           const NodeChoices& choices,
                                                           const Console& console);
/// The settings in force: built-in ones, then the files of the user, then `--config`, then the command line. Warnings go to the console.
/// errors: those of reading and settings::parse; kNotFound the file of `--config`
[[nodiscard]] core::Result<settings::Settings> load_settings(const Places& places,
                                                             const NodeChoices& choices,
                                                             const Console& console);

/// in: crash   outlives what is assembled; may be null
/// Opens store, blocks and executor of a home this process owns, and a node over them. The only place where the parts are put together.
[[nodiscard]] core::Result<std::unique_ptr<Assembly>> assemble(
    std::unique_ptr<store::HomeLock> lock, const Places& places, const settings::Settings& settings,
    const LogSetup& log, core::CrashPlan* crash = nullptr);

/// Something that compiles components and runs nothing, with the code cache of these places if they name one and it can be used.
/// errors: those of wasm::make_worker_pool
[[nodiscard]] core::Result<std::unique_ptr<wasm::Executor>> open_compiler(const Places& places);

/// The life of a worker process (`every __worker`). out: its exit code
[[nodiscard]] int run_worker();

}  // namespace every::cli
