#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "known_filter.h"

#include "every/sql/connection.h"
#include "every/store/store.h"

namespace every::store {

/// What a part of a transaction changes outside the database once it is committed.
struct Effects {
  std::uint64_t conflicts = 0;
  std::vector<std::string> progressed;  ///< runs whose resumptions went back to 0
  std::vector<std::string> resumed;     ///< runs whose resumptions were counted up
};

/// The writing connection's prepared statements. Transactions are the caller's. thread: the store's writer.
class WriteSession {
 public:
  /// in: filter   told of what is written; outlives the session
  /// errors: as sql::Connection::prepare
  [[nodiscard]] static core::Result<std::unique_ptr<WriteSession>> make(
      std::shared_ptr<sql::Connection> connection, KnownFilter& filter);

  /// Writes a batch into the open transaction. On error the caller undoes it.
  /// errors: as Store::commit, and kNotFound the end of a run that is not recorded
  [[nodiscard]] core::Status apply(const Batch& batch, Effects& effects);
  /// As Store::count_resumption, within the open transaction.
  [[nodiscard]] core::Result<std::uint32_t> count_resumption(const std::string& run,
                                                             Effects& effects);
  /// A write that changes nothing, to learn whether writing works.
  [[nodiscard]] core::Status probe();
  /// Tells the session that what gave these effects was committed.
  void committed(const Effects& effects);

  [[nodiscard]] sql::Connection& connection() { return *connection_; }
  /// Conflicts recorded before this session began.
  [[nodiscard]] core::Result<std::uint64_t> recorded_conflicts();

 private:
  WriteSession(std::shared_ptr<sql::Connection> connection, KnownFilter& filter)
      : connection_(std::move(connection)), filter_(filter) {}
  core::Status prepare();
  core::Status load_resumed();
  core::Status put_submission(const RunRecord& run);
  core::Status put_receipt(const ReceiptRecord& record, Effects& effects);
  core::Status put_trust(const Batch& batch);
  core::Status put_standing(const StandingChange& change);
  core::Status note_conflict(const ReceiptRecord& record, Effects& effects);
  core::Result<bool> replaces_row(const ReceiptRecord& record);
  core::Status note_progress(const TaskRecord& record, Effects& effects);

  std::shared_ptr<sql::Connection> connection_;  // before its statements, so that they go first
  KnownFilter& filter_;
  sql::Statement insert_receipt_, delete_receipt_, same_receipt_, known_, known_receipts_,
      insert_conflict_, insert_failure_, insert_run_, insert_submission_, insert_task_, insert_log_,
      end_run_, mark_run_, count_up_, count_, clear_count_, probe_, insert_attestation_,
      set_standing_, insert_quarantine_, delete_quarantine_;
  std::unordered_set<std::string> resumed_;  // unfinished runs with resumptions above 0, or once so
};

}  // namespace every::store
