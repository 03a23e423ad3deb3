#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "every/core/bytes.h"
#include "every/core/clock.h"
#include "every/core/crash_point.h"
#include "every/core/error.h"
#include "every/core/log.h"
#include "every/core/metrics.h"
#include "every/invocation/invocation.h"
#include "every/ipld/car.h"
#include "every/ipld/cid.h"
#include "every/ipld/key.h"
#include "every/runtime/homestar.h"
#include "every/runtime/housekeeping.h"
#include "every/runtime/run.h"
#include "every/workflow/short_form.h"

namespace every::wasm {
class Executor;
struct Limits;
}  // namespace every::wasm
namespace every::store {
class Store;
}
namespace every::blocks {
class BlockStore;
class Publisher;
class WebFiles;
}  // namespace every::blocks

namespace every::runtime {

class Explaining;
class Sharing;
class Steering;
struct BuildNote;

/// A component the node serves.
struct LoadedComponent {
  std::string label;   ///< file name without folder and `.wasm`; tells equal function names apart
  std::string origin;  ///< where it came from, for people: a path or a CID
  ipld::Cid cid;
  std::uint64_t size = 0;
  std::vector<std::shared_ptr<const wit::Function>> functions;
  std::vector<std::string> imports;
  std::string wit;
  std::string language =
      {};  ///< `rust`, `javascript`, `python`, `c++`, …; empty where the component does not say
};

/// Why what is served under a label is not what its source says now.
struct SourceProblem {
  std::string label;
  std::string origin;   ///< the path of the source
  std::string message;  ///< the build's error
  friend bool operator==(const SourceProblem&, const SourceProblem&) = default;
};

struct NodeOptions {
  std::chrono::nanoseconds run_timeout = std::chrono::hours(1);
  std::size_t max_active_runs = 4096;  ///< more: submit fails with kUnavailable
  std::size_t max_active_tasks = 4'000'000;
  std::size_t memo_bytes = std::size_t{64} << 20;  ///< of known results kept in memory
  std::chrono::nanoseconds stop_within = std::chrono::seconds(5);
  std::string engine;  ///< name and version of the engine, remembered with receipts
  KeepLimits keep = {};
  std::chrono::nanoseconds housekeeping_interval{0};  ///< how often it happens by itself; 0: never
  std::vector<ipld::PublicKey> trusted_keys =
      {};  ///< whose attestations make imported receipts hits, beside the node's own
  std::function<core::Result<ipld::SigningKey>()> signing_key =
      {};  ///< the node's own; asked for when something is to be attested, and for its name in runs
  std::function<std::optional<BuildNote>(const ipld::Cid& component)> build_of =
      {};  ///< how a component was built, where that is recorded; may block
  std::size_t runs_to_compare = 200;  ///< earlier ones, when somebody asks why a task ran
};

/// What a node is made of. The node owns those in pointers of their own; logger and clock outlive it.
struct NodeParts {
  std::unique_ptr<wasm::Executor> executor;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<blocks::BlockStore> blocks;
  const core::Logger* logger = nullptr;
  const core::Clock* clock = nullptr;
  invocation::NormalizeUrl normalize_url;       ///< WHATWG printing of `rsc`
  std::shared_ptr<blocks::WebFiles> web_files;  ///< components at `https://…` by hash; null: none
  core::Metrics* metrics = nullptr;  ///< what it counts goes here; null: nowhere. Outlives the node
  core::CrashPlan* crash = nullptr;  ///< outlives the node; may be null
  RunObserver observer;              ///< may be null; sees every event of every run
  std::unique_ptr<blocks::Publisher>
      publisher;  ///< gets components and receipts; null: nobody does
};

/// One row of the list of runs.
struct RunSummary {
  std::string id;
  std::string name;
  ipld::Cid workflow;
  RunState state = RunState::kRunning;
  std::uint32_t task_count = 0;
  std::string error_code;
  std::string error_message;
  core::WallNanos accepted = 0;
  core::WallNanos finished = 0;
};

/// The composer: takes workflows, runs what is not known, answers. thread: any.
class Node {
 public:
  [[nodiscard]] static core::Result<std::unique_ptr<Node>> open(NodeOptions options,
                                                                NodeParts parts);
  virtual ~Node() = default;

  /// Keeps a component's bytes as content, compiles it and serves its functions. Blocks for as long as compiling takes.
  /// A component already served under that label is replaced for new runs; runs under way keep what they began with.
  ///
  /// errors: those of Executor::prepare, of BlockStore::put; the origin is named
  [[nodiscard]] virtual core::Result<std::shared_ptr<const LoadedComponent>> load(
      const std::string& label, const std::string& origin, core::BytesView bytes) = 0;
  /// load() of what was loaded into this home before, without its bytes.
  ///
  /// errors: kNotFound its blocks or its compiled code are not here, so that load() has to be asked; those of load()
  [[nodiscard]] virtual core::Result<std::shared_ptr<const LoadedComponent>> load_known(
      const std::string& label, const std::string& origin, const ipld::Cid& cid) {
    (void)label, (void)origin;
    return core::fail(core::ErrorCode::kNotFound,
                      "component " + cid.render() + " is to be loaded with its bytes");
  }
  [[nodiscard]] virtual std::vector<std::shared_ptr<const LoadedComponent>> components() const = 0;
  /// Keeps a problem to be shown beside the components, in place of the label's last one; an empty message forgets it, and so does
  /// load() of the label. A node that builds nothing needs neither of the two.
  virtual void set_problem(SourceProblem problem) { (void)problem; }
  /// In order of their labels.
  [[nodiscard]] virtual std::vector<SourceProblem> problems() const { return {}; }
  /// The functions served now; a snapshot.
  [[nodiscard]] virtual std::shared_ptr<const workflow::FunctionTable> functions() const = 0;

  /// The way `rsc` is printed here, for parsing full-form workflows.
  [[nodiscard]] virtual const invocation::NormalizeUrl& normalize_url() const = 0;

  /// Takes a run. Never blocks on guests, compiling or (but for Accept::kDurable) the disk.
  ///
  /// in: observer   may be null; sees every event of the run, from the first
  /// errors: kInvalidArgument the workflow cannot be run (the task is named); kConflict its submission key is taken (Accept::kDurable); kUnavailable too much is under way, or the node is stopping;
  ///         kIo, kResourceExhausted with Accept::kDurable
  [[nodiscard]] virtual core::Result<std::shared_ptr<RunHandle>> submit(RunRequest request,
                                                                        RunObserver observer) = 0;

  struct Submitted {
    std::string run;
    core::Bytes digest;
  };
  /// The run that was submitted under a key, in this process or before. errors: kIo, kIntegrity
  [[nodiscard]] virtual core::Result<std::optional<Submitted>> find_submitted(
      const std::string& key) = 0;
  /// A run under way. Null when it is over or unknown: find_run knows those.
  [[nodiscard]] virtual std::shared_ptr<RunHandle> find_active(const std::string& id) = 0;
  /// A run's answer from the store (or as it stands). errors: kNotFound, kIo
  [[nodiscard]] virtual core::Result<std::shared_ptr<const RunAnswer>> get_run(
      const std::string& id) = 0;
  /// Newest first.
  [[nodiscard]] virtual core::Result<std::vector<RunSummary>> list_runs(
      std::size_t limit, const std::string& before) = 0;
  /// What guests wrote during a run, in order, of tasks that have ended. errors: kNotFound, kIo
  [[nodiscard]] virtual core::Result<std::vector<GuestLine>> logs_of(const std::string& id,
                                                                     std::size_t limit) = 0;
  /// The DAG-CBOR block of a receipt, a failure's too. errors: kNotFound, kIntegrity, kIo
  [[nodiscard]] virtual core::Result<core::Bytes> get_receipt(const ipld::Cid& cid) = 0;

  /// How far a block is looked for.
  enum class Reach : std::uint8_t {
    kHere,      ///< what this node keeps
    kAnywhere,  ///< elsewhere, too, where the settings name places; may take half a minute
  };
  /// A block by its CID, checked: content, or a receipt, a failure's too. Blocks, on the disk at least.
  /// errors: kIntegrity what is kept does not match; kUnsupported a hash not known here; kIo; those of elsewhere
  [[nodiscard]] virtual core::Result<std::optional<core::Bytes>> find_block(const ipld::Cid& cid,
                                                                            Reach reach) = 0;
  /// Keeps blocks as content, all or none, durably on return. errors: kIntegrity one does not match its CID; kResourceExhausted; kIo
  [[nodiscard]] virtual core::Status put_blocks(std::span<const ipld::car::Block> blocks) = 0;
  /// Says that somebody added the content of this CID, whose blocks were put or are here: it stays with all it links to until it is unpinned. errors: kIo,
  /// kResourceExhausted
  [[nodiscard]] virtual core::Status note_added(const ipld::Cid& root) = 0;
  /// Brings what a database of the original holds into this node, each workflow as a run; what is here already stays as it is. Blocks.
  /// errors: kNotFound no such file; kMalformed no database of the original's; kPermissionDenied, kIo, kResourceExhausted: what was kept is kept, doing it
  ///         again goes on
  [[nodiscard]] virtual core::Result<HomestarReport> import_homestar(
      const std::filesystem::path& file, Believe believe) = 0;

  /// What comes from elsewhere and goes elsewhere, and how far it is believed; lives as long as the node. Null: not offered here.
  [[nodiscard]] virtual Sharing* sharing() { return nullptr; }
  /// Why tasks ran, or did not; lives as long as the node. Null: not offered here.
  [[nodiscard]] virtual Explaining* explaining() { return nullptr; }

  /// How runs are paused, stepped through and made anew; lives as long as the node. Null: not offered here.
  [[nodiscard]] virtual Steering* steering() { return nullptr; }
  /// What keeps it small; lives as long as the node. Null: not offered here.
  [[nodiscard]] virtual Housekeeping* housekeeping() { return nullptr; }

  /// Takes up the runs a crash left unfinished; says how many. Called once, after the components are loaded.
  [[nodiscard]] virtual core::Result<std::size_t> resume_unfinished() = 0;

  struct Health {
    bool healthy = true;
    std::string problem;
    std::size_t active_runs = 0;  ///< paused ones left out
  };
  [[nodiscard]] virtual Health health() const = 0;

  /// Takes nothing new, waits a while for what is under way (it resumes at the next start otherwise), then stops everything.
  virtual void stop() = 0;
};

}  // namespace every::runtime
