#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "every/core/clock.h"
#include "every/core/error.h"
#include "every/ipld/cid.h"

/// Keeping a store small: how much there is, what goes, what stays whatever its age.
namespace every::store {

struct StoreSizes {
  std::uint64_t runs = 0;
  std::uint64_t unfinished = 0;  ///< of the runs
  std::uint64_t receipts = 0;
  std::uint64_t failures = 0;
  std::uint64_t log_lines = 0;
  std::uint64_t pins = 0;
  std::uint64_t bytes = 0;       ///< of the database, its free pages too
  std::uint64_t free_bytes = 0;  ///< of it: pages that hold nothing, used again or given back
};

/// What is kept whatever its age: a run, by its id, or the receipt of a success, by its CID.
struct StorePin {
  enum class Kind : std::uint8_t { kRun, kReceipt } kind = Kind::kRun;
  std::string what;
  core::WallNanos since = 0;
  friend bool operator==(const StorePin&, const StorePin&) = default;
};

/// A run that is over and not pinned.
struct EndedRun {
  std::string id;
  core::WallNanos finished = 0;
};

struct DroppedRuns {
  std::uint64_t runs = 0;
  std::uint64_t tasks = 0;
  std::uint64_t failures = 0;
  std::uint64_t log_lines = 0;
  DroppedRuns& operator+=(const DroppedRuns& others) {
    runs += others.runs;
    tasks += others.tasks;
    failures += others.failures;
    log_lines += others.log_lines;
    return *this;
  }
};

/// thread: any. Writes go through the store's writer, in transactions of some milliseconds between which commits find room.
/// errors, where nothing else is said: kIo, kIntegrity, kResourceExhausted, kUnavailable closed
class Housekeeping {
 public:
  virtual ~Housekeeping() = default;

  /// cost: counts rows by their smallest index
  [[nodiscard]] virtual core::Result<StoreSizes> sizes() = 0;

  /// Runs that are over and not pinned, in order of their ids, that is, oldest first. Those that came over from the original are left out: somebody brought them.
  /// in: after   only larger ids, empty: from the first; before   only smaller ids, empty: to the last; limit ≥ 1
  [[nodiscard]] virtual core::Result<std::vector<EndedRun>> ended_runs(const std::string& after,
                                                                       const std::string& before,
                                                                       std::size_t limit) = 0;
  /// What a run takes, without its receipts: documents, tasks, failures, logs. Close to the truth, without what pages add.
  [[nodiscard]] virtual core::Result<std::uint64_t> bytes_of_run(const std::string& id) = 0;
  /// Drops runs with their tasks, failures, logs and submission keys, some hundred rows a transaction; the receipts of their successes stay. A run is gone at once and
  /// its rows in pieces after that; where the process dies in between, finish_dropping goes on. A run that is unfinished, pinned or unknown is left alone.
  [[nodiscard]] virtual core::Result<DroppedRuns> drop_runs(std::span<const std::string> ids) = 0;
  /// Drops what is left of runs that a process did not drop to the end.
  [[nodiscard]] virtual core::Result<DroppedRuns> finish_dropping() = 0;

  /// Visits the document of every run, and whether it is unfinished. An error it gives ends the visit.
  using VisitRun = std::function<core::Status(const std::string& id, const ipld::Cid& workflow,
                                              core::BytesView workflow_block)>;
  [[nodiscard]] virtual core::Status each_workflow(const VisitRun& visit) = 0;
  /// Visits the block of every success's receipt, forgotten and imported ones too. The views are valid during the call.
  struct SeenReceipt {
    std::int64_t id = 0;
    core::BytesView cid;
    core::BytesView ran;
    core::BytesView block;
    core::WallNanos created = 0;
  };
  using VisitReceipt = std::function<core::Status(const SeenReceipt&)>;
  [[nodiscard]] virtual core::Status each_receipt(const VisitReceipt& visit) = 0;
  /// Visits the binary CID of each receipt that a task of a run ended with, once or more often.
  using VisitCid = std::function<core::Status(core::BytesView cid)>;
  [[nodiscard]] virtual core::Status each_receipt_of_tasks(const VisitCid& visit) = 0;
  /// Drops receipts by their ids, with their attestations. Those that are pinned stay, those that a task of a run ended with whose id is not below
  /// `since`, and the last one kept, so that no id is given twice. out: how many went
  [[nodiscard]] virtual core::Result<std::uint64_t> drop_receipts(
      const std::vector<std::int64_t>& ids, const std::string& since) = 0;

  /// What is pinned already stays so since when it was. Whether it is here is not asked.
  [[nodiscard]] virtual core::Status pin(const StorePin& pin) = 0;
  /// out: whether it was pinned
  [[nodiscard]] virtual core::Result<bool> unpin(StorePin::Kind kind, std::string_view what) = 0;
  /// Oldest first.
  [[nodiscard]] virtual core::Result<std::vector<StorePin>> pins() = 0;

  /// Gives free pages back to the file system, one step of about a MiB. out: bytes given back, 0: nothing is left, or the file is one that
  /// cannot
  [[nodiscard]] virtual core::Result<std::uint64_t> give_back() = 0;
};

/// What a store holds, beside the process that uses it or without one. errors: kNotFound no such file; kUnsupported of a newer version; kConflict of another
/// kind; kIo, kIntegrity
[[nodiscard]] core::Result<StoreSizes> sizes_of(const std::filesystem::path& file);

}  // namespace every::store
