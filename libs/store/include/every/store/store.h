#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "every/core/bytes.h"
#include "every/core/clock.h"
#include "every/core/crash_point.h"
#include "every/core/error.h"
#include "every/core/log.h"
#include "every/invocation/trace.h"
#include "every/ipld/cid.h"

/// Receipts, runs, failures and the logs of runs.
namespace every::store {

enum class Provenance : std::uint8_t { kLocal, kImported };

/// What was decided about a receipt, beyond where it came from.
enum class Standing : std::uint8_t {
  kAsItCame,   ///< local: a hit. Imported: one if a trusted key attests it
  kVerified,   ///< imported, and its task gave the same result here
  kTrusted,    ///< imported, and taken at somebody's word
  kForgotten,  ///< never a hit again; kept for audit
};

/// A receipt of a success, as kept. Its row is found by instruction (the memo) and by its own CID.
struct ReceiptRecord {
  ipld::Cid cid;
  ipld::Cid instruction;
  ipld::Cid ran;
  core::Bytes block;  ///< DAG-CBOR of the five keys; hashes to `cid`
  Provenance provenance = Provenance::kLocal;
  std::uint32_t profile = 0;  ///< determinism profile it was made under
  std::string engine;         ///< engine version it was made with
  core::WallNanos created = 0;
  std::string run = {};    ///< local: the run whose task made it, where its invocation is found
  std::uint32_t task = 0;  ///< index into that run's workflow
  Standing standing = Standing::kAsItCame;
  core::WallNanos decided = 0;  ///< when its standing was last changed; 0: never
};

/// Somebody's signed word for a receipt. What it says is in the block.
struct AttestationRecord {
  ipld::Cid receipt;
  ipld::Cid cid;
  core::Bytes block;  ///< docs/formats/attestation.md; hashes to `cid`
};

/// Sets the standing of a receipt. A local one can only be forgotten, and what is forgotten stays so.
struct StandingChange {
  ipld::Cid receipt;
  Standing standing = Standing::kForgotten;
  core::WallNanos decided = 0;
};

/// A component that gave two results for one instruction: not run until a person decides.
struct QuarantineRecord {
  ipld::Cid component;
  ipld::Cid instruction;
  ipld::Cid kept;   ///< the receipt that was known
  ipld::Cid other;  ///< the one that contradicts it
  core::WallNanos since = 0;
};

enum class RunStatus : std::uint8_t {
  kRunning,
  kCompleted,
  kFailed,
  kCancelled,
  kQuarantined,
  kPaused,  ///< has no end, and goes on only when somebody says so
};
/// `running`, `completed`, `failed`, `cancelled`, `quarantined`, `paused`.
[[nodiscard]] std::string_view render_status(RunStatus status);

/// One run of a workflow.
struct RunRecord {
  std::string id;  ///< unique, sorts by time of acceptance
  std::string name;
  ipld::Cid workflow;
  core::Bytes
      workflow_block;  ///< DAG-CBOR of the full form; empty: it came over from the original, which keeps none
  core::Bytes
      extra;  ///< DAG-CBOR of what else is needed to resume it (task names, options); the runtime's
  std::uint32_t task_count = 0;
  RunStatus status = RunStatus::kRunning;
  std::string error_code;  ///< of a failed run; stable name from the error table
  std::string error_message;
  core::WallNanos accepted = 0;
  core::WallNanos finished = 0;   ///< 0: not yet
  std::uint32_t resumptions = 0;  ///< after unclean stops, without a new receipt since
  /// Written with the run, and read back by find_submission alone: the key its client chose so that asking twice runs once. Empty: none.
  std::string submission_key = {};
  core::Bytes submission_digest = {};  ///< of what was asked under the key
};

/// What a client's key stands for.
struct SubmissionRecord {
  std::string key;
  core::Bytes digest;
  std::string run;
};

enum class TaskStatus : std::uint8_t { kOk, kFailed, kSkipped, kCancelled };
[[nodiscard]] std::string_view render_status(TaskStatus status);

/// How one task of a run ended.
struct TaskRecord {
  std::string run;
  std::uint32_t task = 0;  ///< index into the workflow
  TaskStatus status = TaskStatus::kOk;
  ipld::Cid instruction;
  std::optional<ipld::Cid> receipt;  ///< of the success or of the failure
  bool replayed = false;
  std::string error_code;
  std::string error_message;
  invocation::Trace trace = {};
};

/// A failure's receipt, `["error",{code,message}]`: readable by CID, part of its run only, never a memo hit.
struct FailureRecord {
  ipld::Cid cid;
  std::string run;
  core::Bytes block;
};

/// A guest's line, part of its run.
struct RunLogRecord {
  std::string run;
  std::uint32_t task = 0;
  core::WallNanos time = 0;
  core::LogLevel level = core::LogLevel::kInfo;
  std::string category;
  std::string message;
};

/// The end of a run.
struct RunEnd {
  std::string run;
  RunStatus status = RunStatus::kCompleted;
  std::string error_code;
  std::string error_message;
  core::WallNanos finished = 0;
};

/// A run without an end is paused, or goes on, out of quarantine too: resumptions are not counted against it any more. A run that has ended stays
/// as it is.
struct RunMark {
  std::string run;
  RunStatus status = RunStatus::kPaused;  ///< or kRunning
};

/// What is written together: all of it or nothing.
struct Batch {
  std::vector<RunRecord> runs;  ///< new ones
  std::vector<ReceiptRecord> receipts;
  std::vector<FailureRecord> failures;
  std::vector<TaskRecord> tasks;
  std::vector<RunLogRecord> logs;
  std::vector<RunEnd> ends;
  std::vector<std::string>
      interrupted;  ///< unfinished runs that a clean stop interrupts: no mark against them
  std::vector<RunMark> marks = {};  ///< after `runs`, before `ends`, in order
  std::vector<AttestationRecord> attestations =
      {};  ///< of receipts that are kept or in this batch; others are left out
  std::vector<StandingChange> standings = {};      ///< of receipts that are not kept: kNotFound
  std::vector<QuarantineRecord> quarantined = {};  ///< the first one of a component stays
  std::vector<ipld::Cid> released = {};            ///< components that leave quarantine
  /// Whether somebody waits for it. kSoon: it may wait some milliseconds for others, since each transaction costs as much as several batches.
  enum class Urgency : std::uint8_t { kNow, kSoon };
  Urgency urgency = Urgency::kNow;
};

/// A row of the list of receipts.
struct ListedReceipt {
  std::int64_t id = 0;                 ///< in the order they were kept
  core::Result<ReceiptRecord> record;  ///< kIntegrity: this row is damaged
};

enum class Durability : std::uint8_t {
  kDurable,  ///< what was acknowledged survives power loss
  kRelaxed,  ///< … survives the process being killed
  kMemory,   ///< nothing survives
};

class Housekeeping;

/// A place for receipts and runs.
///
/// Idempotent by CID: a receipt already there stays as it is. A second receipt for a known instruction with another result is kept readable but the first local one
/// stays the memo hit; `conflicts` counts them. Local wins over imported; a forgotten one is no hit, until its task makes the same receipt here once more.
/// thread: any, except where a member says otherwise.
class Store {
 public:
  virtual ~Store() = default;

  /// Queues a batch; never blocks. `on_durable` is called once, on the writer's thread, when it is as durable as the level says, or with why it is not
  /// (then nothing of the batch is there; other batches are unharmed). It must not block.
  /// errors: kResourceExhausted the disk is full; kIo; kConflict a run with that id, or that submission key, exists; kUnavailable closed
  virtual void commit(Batch batch, std::move_only_function<void(core::Status)> on_durable) = 0;
  /// As commit, and waits.
  [[nodiscard]] core::Status commit_and_wait(Batch batch);

  /// The memo: the receipt for an instruction, forgotten ones left out. errors: kIo, kIntegrity the row does not hash to its CID (it is not served, and reported)
  [[nodiscard]] virtual core::Result<std::optional<ReceiptRecord>> find_by_instruction(
      const ipld::Cid& instruction) = 0;
  /// All sound receipts for an instruction, local ones first, forgotten ones too. errors: kIo
  [[nodiscard]] virtual core::Result<std::vector<ReceiptRecord>> receipts_of(
      const ipld::Cid& instruction) = 0;
  /// A success's receipt by its own CID. errors: kIo, kIntegrity
  [[nodiscard]] virtual core::Result<std::optional<ReceiptRecord>> find_receipt(
      const ipld::Cid& receipt) = 0;
  /// Receipts of successes in the order they were kept. in: after   only rows with a larger id, 0: from the first; limit ≥ 1. errors: kIo
  [[nodiscard]] virtual core::Result<std::vector<ListedReceipt>> list_receipts(
      std::int64_t after, std::size_t limit) = 0;
  /// In order of their CIDs. errors: kIo, kIntegrity
  [[nodiscard]] virtual core::Result<std::vector<AttestationRecord>> attestations_of(
      const ipld::Cid& receipt) = 0;
  /// Components in quarantine. errors: kIo, kIntegrity
  [[nodiscard]] virtual core::Result<std::vector<QuarantineRecord>> quarantined() = 0;
  /// Whether an instruction's receipt or a workflow's run may be recorded: no means that looking it up would find nothing.
  /// cost: no I/O, no lock; the first call begins to read what is recorded, and until that is read everything may be
  enum class Recorded : std::uint8_t { kNo, kPerhaps };
  [[nodiscard]] virtual Recorded may_know(const ipld::Cid& cid) = 0;
  /// Block of a success's or a failure's receipt. errors: kIo, kIntegrity
  [[nodiscard]] virtual core::Result<std::optional<core::Bytes>> find_receipt_block(
      const ipld::Cid& receipt) = 0;

  [[nodiscard]] virtual core::Result<std::optional<RunRecord>> find_run(const std::string& id) = 0;
  /// The run a client's key stands for, with what was asked. errors: kIo, kIntegrity
  [[nodiscard]] virtual core::Result<std::optional<SubmissionRecord>> find_submission(
      const std::string& key) = 0;
  /// Newest first. in: limit ≥ 1; before   only runs with a smaller id, empty: from the newest
  [[nodiscard]] virtual core::Result<std::vector<RunRecord>> list_runs(
      std::size_t limit, const std::string& before) = 0;
  /// Ids of runs that have no end and are not paused, oldest first. errors: kIo
  [[nodiscard]] virtual core::Result<std::vector<std::string>> unfinished_runs() = 0;
  /// How many runs are paused. errors: kIo
  [[nodiscard]] virtual core::Result<std::uint64_t> count_paused() = 0;
  /// Whether any run of this workflow is recorded.
  [[nodiscard]] virtual core::Result<bool> knows_workflow(const ipld::Cid& workflow) = 0;
  [[nodiscard]] virtual core::Result<std::vector<TaskRecord>> tasks_of(const std::string& run) = 0;
  /// In order of writing. in: limit   the last so many
  [[nodiscard]] virtual core::Result<std::vector<RunLogRecord>> logs_of(const std::string& run,
                                                                        std::size_t limit) = 0;
  /// Adds one to a run's resumptions, durably, and returns the new count. A new receipt of the run sets it back to 0. errors: kNotFound, kIo
  [[nodiscard]] virtual core::Result<std::uint32_t> count_resumption(const std::string& run) = 0;

  struct Health {
    bool writable = true;
    std::string problem;  ///< for a person, when not
    std::uint64_t conflicts = 0;
  };
  [[nodiscard]] virtual Health health() const = 0;
  /// What keeps it small; lives as long as the store.
  [[nodiscard]] virtual Housekeeping& housekeeping() = 0;

  /// Writes what is queued, then closes; later commits fail with kUnavailable. errors: kIo
  [[nodiscard]] virtual core::Status close() = 0;
};

struct StoreOptions {
  std::filesystem::path file;  ///< ignored for kMemory
  Durability durability = Durability::kDurable;
  core::CrashPlan* crash = nullptr;  ///< outlives the store; may be null
  /// Of 4 KiB, after which the log is moved into the database. A page that is written again and again is copied once, so a longer log is less work; a start
  /// after a crash reads all of it.
  std::int64_t log_pages = 12'000;
};

/// Opens (or makes) the SQLite store. One process at a time holds it: docs/formats/store.md.
/// errors: kConflict another process holds it; kIntegrity damaged (says how to repair); kUnsupported written by a newer version; kIo
[[nodiscard]] core::Result<std::unique_ptr<Store>> open_store(const StoreOptions& options);

}  // namespace every::store
