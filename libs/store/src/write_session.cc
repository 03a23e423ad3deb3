#include "write_session.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "rows.h"

#include "every/ipld/dag_cbor.h"
#include "every/store/homestar_form.h"

namespace every::store {
namespace {

using core::ErrorCode;
using Step = sql::Statement::Step;

/// The `out` of a receipt block; null when there is none (it then differs from every other).
ipld::Value out_of(core::BytesView block) {
  auto receipt = ipld::dag_cbor::decode(block);
  if (!receipt) return {};
  const ipld::Map* map = receipt->if_map();
  const ipld::Value* out = map != nullptr ? map->find("out") : nullptr;
  return out != nullptr ? *out : ipld::Value();
}

/// A short run begins and ends in one batch: its row is then written once, with its end. Batches hold one run, or two at most.
const RunEnd* end_of(const Batch& batch, std::string_view run) {
  const auto end = std::ranges::find(batch.ends, run, &RunEnd::run);
  return end != batch.ends.end() ? &*end : nullptr;
}
bool begins(const Batch& batch, std::string_view run) {
  return std::ranges::find(batch.runs, run, &RunRecord::id) != batch.runs.end();
}

}  // namespace

core::Result<std::unique_ptr<WriteSession>> WriteSession::make(
    std::shared_ptr<sql::Connection> connection, KnownFilter& filter) {
  std::unique_ptr<WriteSession> session(new WriteSession(std::move(connection), filter));
  EVERY_TRY(session->prepare());
  EVERY_TRY(session->load_resumed());
  return session;
}

core::Status WriteSession::prepare() {
  sql::Connection& db = *connection_;
  EVERY_TRY_ASSIGN(insert_receipt_, db.prepare("INSERT INTO receipts (" EVERY_STORE_RECEIPT_COLUMNS
                                               ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                                               "ON CONFLICT (cid) DO NOTHING"));
  EVERY_TRY_ASSIGN(delete_receipt_, db.prepare("DELETE FROM receipts WHERE cid = ?"));
  EVERY_TRY_ASSIGN(same_receipt_, db.prepare("SELECT " EVERY_STORE_RECEIPT_COLUMNS
                                             " FROM receipts WHERE cid = ?"));
  // By the index alone: most receipts are the first of their instruction.
  EVERY_TRY_ASSIGN(known_, db.prepare("SELECT 1 FROM receipts WHERE instruction = ? LIMIT 1"));
  EVERY_TRY_ASSIGN(known_receipts_,
                   db.prepare("SELECT " EVERY_STORE_RECEIPT_COLUMNS
                              " FROM receipts WHERE instruction = ? ORDER BY provenance, id"));
  EVERY_TRY_ASSIGN(insert_conflict_,
                   db.prepare("INSERT INTO conflicts (instruction, kept, other) VALUES (?, ?, ?) "
                              "ON CONFLICT DO NOTHING"));
  EVERY_TRY_ASSIGN(insert_failure_,
                   db.prepare("INSERT INTO failures (cid, run, block) VALUES (?, ?, ?) "
                              "ON CONFLICT DO UPDATE SET block = excluded.block"));
  EVERY_TRY_ASSIGN(insert_run_, db.prepare("INSERT INTO runs (" EVERY_STORE_RUN_COLUMNS
                                           ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  EVERY_TRY_ASSIGN(insert_submission_,
                   db.prepare("INSERT INTO submissions (" EVERY_STORE_SUBMISSION_COLUMNS
                              ") VALUES (?, ?, ?, ?)"));
  EVERY_TRY_ASSIGN(
      insert_task_,
      db.prepare("INSERT OR REPLACE INTO tasks (" EVERY_STORE_TASK_COLUMNS
                 ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  EVERY_TRY_ASSIGN(insert_log_, db.prepare("INSERT INTO logs (" EVERY_STORE_LOG_COLUMNS
                                           ") VALUES (?, ?, ?, ?, ?, ?, ?)"));
  EVERY_TRY_ASSIGN(end_run_, db.prepare("UPDATE runs SET status = ?, error_code = ?, error_message "
                                        "= ?, finished = ?, end_seal = ? "
                                        "WHERE id = ?"));
  EVERY_TRY_ASSIGN(mark_run_,
                   db.prepare("UPDATE runs SET status = ?, error_code = ?, error_message "
                              "= ?, finished = ?, end_seal = ?, resumptions = 0 "
                              "WHERE id = ? AND status IN (0, 4, 5)"));
  EVERY_TRY_ASSIGN(count_up_,
                   db.prepare("UPDATE runs SET resumptions = resumptions + 1 WHERE id = ?"));
  EVERY_TRY_ASSIGN(count_, db.prepare("SELECT resumptions FROM runs WHERE id = ?"));
  EVERY_TRY_ASSIGN(clear_count_, db.prepare("UPDATE runs SET resumptions = 0 WHERE id = ?"));
  EVERY_TRY_ASSIGN(
      insert_attestation_,
      db.prepare("INSERT INTO attestations (" EVERY_STORE_ATTESTATION_COLUMNS
                 ") SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM receipts WHERE cid = ?1) "
                 "ON CONFLICT DO UPDATE SET block = excluded.block"));
  EVERY_TRY_ASSIGN(
      set_standing_,
      db.prepare("UPDATE receipts SET standing = ?, decided = ?, seal = ? WHERE cid = ?"));
  EVERY_TRY_ASSIGN(insert_quarantine_,
                   db.prepare("INSERT INTO quarantine (" EVERY_STORE_QUARANTINE_COLUMNS
                              ") VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"));
  EVERY_TRY_ASSIGN(delete_quarantine_, db.prepare("DELETE FROM quarantine WHERE component = ?"));
  EVERY_TRY_ASSIGN(probe_, db.prepare("UPDATE probe SET n = 1 - n"));
  return {};
}

core::Status WriteSession::load_resumed() {
  EVERY_TRY_ASSIGN(
      auto query, connection_->prepare("SELECT id FROM runs WHERE status = 0 AND resumptions > 0"));
  for (;;) {
    EVERY_TRY_ASSIGN(const auto step, query.step());
    if (step == Step::kDone) return {};
    resumed_.emplace(query.text(0));
  }
}

core::Result<std::uint64_t> WriteSession::recorded_conflicts() {
  EVERY_TRY_ASSIGN(const auto count, connection_->query_integer("SELECT count(*) FROM conflicts"));
  return static_cast<std::uint64_t>(count);
}

core::Status WriteSession::apply(const Batch& batch, Effects& effects) {
  for (const RunRecord& run : batch.runs) {
    bind_run(insert_run_, run, end_of(batch, run.id));
    auto inserted = insert_run_.run();
    if (!inserted && inserted.error().code == ErrorCode::kConflict) {
      return core::fail(ErrorCode::kConflict,
                        "a run with the id " + run.id + " is already recorded");
    }
    EVERY_TRY(std::move(inserted));
    filter_.add(run.workflow);
    EVERY_TRY(put_submission(run));
  }
  for (const ReceiptRecord& receipt : batch.receipts) EVERY_TRY(put_receipt(receipt, effects));
  for (const FailureRecord& failure : batch.failures) {
    EVERY_TRY(insert_failure_.bind(1, failure.cid.encode())
                  .bind(2, std::string_view(failure.run))
                  .bind(3, core::BytesView(failure.block))
                  .run());
  }
  for (const TaskRecord& task : batch.tasks) {
    bind_task(insert_task_, task);
    EVERY_TRY(insert_task_.run());
    EVERY_TRY(note_progress(task, effects));
  }
  for (const RunLogRecord& line : batch.logs) {
    bind_log(insert_log_, line);
    EVERY_TRY(insert_log_.run());
  }
  for (const RunMark& mark : batch.marks) {
    // Written with its end already.
    if (begins(batch, mark.run) && end_of(batch, mark.run) != nullptr) continue;
    const RunEnd standing{mark.run, mark.status, {}, {}, 0};
    bind_end(mark_run_, standing);
    EVERY_TRY(mark_run_.run());
    effects.progressed.push_back(mark.run);
  }
  for (const RunEnd& end : batch.ends) {
    if (begins(batch, end.run)) continue;
    bind_end(end_run_, end);
    EVERY_TRY(end_run_.run());
    if (connection_->changes() == 0)
      return core::fail(ErrorCode::kNotFound,
                        "no run with the id " + end.run + " is recorded to be ended");
  }
  for (const std::string& run : batch.interrupted) {
    EVERY_TRY(clear_count_.bind(1, std::string_view(run)).run());
    effects.progressed.push_back(run);
  }
  return put_trust(batch);
}

core::Status WriteSession::put_trust(const Batch& batch) {
  for (const AttestationRecord& attestation : batch.attestations) {
    bind_attestation(insert_attestation_, attestation);
    EVERY_TRY(insert_attestation_.run());
  }
  for (const StandingChange& change : batch.standings) EVERY_TRY(put_standing(change));
  for (const QuarantineRecord& record : batch.quarantined) {
    bind_quarantine(insert_quarantine_, record);
    EVERY_TRY(insert_quarantine_.run());
  }
  for (const ipld::Cid& component : batch.released)
    EVERY_TRY(delete_quarantine_.bind(1, component.encode()).run());
  return {};
}

core::Status WriteSession::put_standing(const StandingChange& change) {
  std::optional<ReceiptRecord> record;
  {
    const sql::ResetAtEnd reset(same_receipt_);
    EVERY_TRY_ASSIGN(const auto step, same_receipt_.bind(1, change.receipt.encode()).step());
    if (step == Step::kDone)
      return core::fail(ErrorCode::kNotFound,
                        "receipt " + change.receipt.render() + " is not kept here");
    EVERY_TRY_ASSIGN(record, read_receipt(same_receipt_));
  }
  const bool changes =
      record->standing != Standing::kForgotten &&
      (change.standing == Standing::kForgotten || record->provenance == Provenance::kImported);
  if (!changes) return {};
  record->standing = change.standing;
  record->decided = change.decided;
  bind_standing(set_standing_, *record);
  return set_standing_.run();
}

core::Status WriteSession::put_submission(const RunRecord& run) {
  if (run.submission_key.empty()) return {};
  bind_submission(insert_submission_, run);
  auto inserted = insert_submission_.run();
  if (!inserted && inserted.error().code == ErrorCode::kConflict) {
    return core::fail(ErrorCode::kConflict, "a run with the submission key " + run.submission_key +
                                                " is already recorded");
  }
  return inserted;
}

core::Status WriteSession::put_receipt(const ReceiptRecord& record, Effects& effects) {
  // Before the row itself is there: the others of its instruction are what it may contradict.
  if (filter_.may_hold(record.instruction)) {
    known_.bind(1, record.instruction.encode());
    EVERY_TRY_ASSIGN(const auto known, known_.step());
    known_.reset();
    if (known == Step::kRow) EVERY_TRY(note_conflict(record, effects));
  }
  // What is rolled back stays in the filter, and costs a look-up more.
  filter_.add(record.instruction);

  bind_receipt(insert_receipt_, record);
  EVERY_TRY(insert_receipt_.run());
  if (connection_->changes() != 0) return {};
  EVERY_TRY_ASSIGN(const bool replaces, replaces_row(record));
  if (!replaces) return {};
  EVERY_TRY(delete_receipt_.bind(1, record.cid.encode()).run());
  bind_receipt(insert_receipt_, record);
  return insert_receipt_.run();
}

/// Whether the row of the same CID gives way: a damaged one does, an imported one to a local one, and a forgotten one to one made since.
core::Result<bool> WriteSession::replaces_row(const ReceiptRecord& record) {
  const sql::ResetAtEnd reset(same_receipt_);
  same_receipt_.bind(1, record.cid.encode());
  EVERY_TRY_ASSIGN(const auto step, same_receipt_.step());
  if (step == Step::kDone) return true;
  const auto kept = read_receipt(same_receipt_);
  if (!kept) return true;
  if (record.provenance != Provenance::kLocal) return false;
  if (kept->standing == Standing::kForgotten) return record.created > kept->decided;
  return kept->provenance == Provenance::kImported;
}

/// Records a receipt that says another result than the memo hit of its instruction.
core::Status WriteSession::note_conflict(const ReceiptRecord& record, Effects& effects) {
  const sql::ResetAtEnd reset(known_receipts_);
  known_receipts_.bind(1, record.instruction.encode());
  for (;;) {
    EVERY_TRY_ASSIGN(const auto step, known_receipts_.step());
    if (step == Step::kDone) return {};
    const auto kept = read_receipt(known_receipts_);
    if (!kept) continue;
    if (kept->cid == record.cid ||
        say_the_same(*kept, out_of(kept->block), record, out_of(record.block)))
      return {};
    EVERY_TRY(insert_conflict_.bind(1, record.instruction.encode())
                  .bind(2, kept->cid.encode())
                  .bind(3, record.cid.encode())
                  .run());
    effects.conflicts += static_cast<std::uint64_t>(connection_->changes());
    return {};
  }
}

core::Status WriteSession::note_progress(const TaskRecord& record, Effects& effects) {
  const bool new_receipt = record.status == TaskStatus::kOk && record.receipt && !record.replayed;
  if (!new_receipt || resumed_.empty() || !resumed_.contains(record.run)) return {};
  EVERY_TRY(clear_count_.bind(1, std::string_view(record.run)).run());
  effects.progressed.push_back(record.run);
  return {};
}

core::Result<std::uint32_t> WriteSession::count_resumption(const std::string& run,
                                                           Effects& effects) {
  EVERY_TRY(count_up_.bind(1, std::string_view(run)).run());
  if (connection_->changes() == 0)
    return core::fail(ErrorCode::kNotFound, "no run with the id " + run + " is recorded");
  const sql::ResetAtEnd reset(count_);
  EVERY_TRY_ASSIGN(const auto step, count_.bind(1, std::string_view(run)).step());
  if (step == Step::kDone)
    return core::fail(ErrorCode::kInternal, "run " + run + " went away while it was counted");
  effects.resumed.push_back(run);
  return static_cast<std::uint32_t>(count_.integer(0));
}

core::Status WriteSession::probe() {
  return probe_.run();
}

void WriteSession::committed(const Effects& effects) {
  for (const std::string& run : effects.progressed) resumed_.erase(run);
  for (const std::string& run : effects.resumed) resumed_.insert(run);
}

}  // namespace every::store
