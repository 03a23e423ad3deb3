#pragma once

#include <cstdint>

#include "every/sql/statement.h"
#include "every/store/store.h"

/// Records to rows and back. Every row carries a seal, a sum over its columns, so that a damaged one is never taken for good:
/// a receipt's hash guards its block, but not which instruction it answers.
namespace every::store {

// Parameters of an INSERT, columns in the order of the table. The records must live until the statement is reset.
void bind_receipt(sql::Statement& insert, const ReceiptRecord& record);
/// With `end`, the row of a run that is over already.
void bind_run(sql::Statement& insert, const RunRecord& record, const RunEnd* end = nullptr);
void bind_task(sql::Statement& insert, const TaskRecord& record);
void bind_log(sql::Statement& insert, const RunLogRecord& record);
void bind_attestation(sql::Statement& insert, const AttestationRecord& record);
void bind_quarantine(sql::Statement& insert, const QuarantineRecord& record);
/// Parameters: standing, decided, seal, cid. in: record   with what it is to be
void bind_standing(sql::Statement& update, const ReceiptRecord& record);
/// The submission key of a run.
void bind_submission(sql::Statement& insert, const RunRecord& record);
/// Parameters: status, error_code, error_message, finished, end_seal, id.
void bind_end(sql::Statement& update, const RunEnd& end);

// What a SELECT reads, in this order.
#define EVERY_STORE_RECEIPT_COLUMNS                                                       \
  "cid, instruction, ran, block, provenance, profile, engine, created, seal, run, task, " \
  "standing, decided"
#define EVERY_STORE_ATTESTATION_COLUMNS "receipt, cid, block"
#define EVERY_STORE_QUARANTINE_COLUMNS "component, instruction, kept, other, since, seal"
#define EVERY_STORE_RUN_COLUMNS                                                                 \
  "id, name, workflow, workflow_block, extra, task_count, accepted, seal, status, error_code, " \
  "error_message, finished, end_seal, "                                                         \
  "resumptions"
#define EVERY_STORE_TASK_COLUMNS                                                         \
  "run, task, status, instruction, receipt, replayed, error_code, error_message, seal, " \
  "way, miss, ready, started, ended, run_time, peak_memory, fuel, bytes_in, bytes_out"
#define EVERY_STORE_LOG_COLUMNS "run, task, time, level, category, message, seal"
#define EVERY_STORE_SUBMISSION_COLUMNS "key, digest, run, seal"

// errors of all: kIntegrity the row is damaged, naming it
[[nodiscard]] core::Result<ReceiptRecord> read_receipt(const sql::Statement& row);
[[nodiscard]] core::Result<AttestationRecord> read_attestation(const sql::Statement& row);
[[nodiscard]] core::Result<QuarantineRecord> read_quarantine(const sql::Statement& row);
[[nodiscard]] core::Result<RunRecord> read_run(const sql::Statement& row);
[[nodiscard]] core::Result<TaskRecord> read_task(const sql::Statement& row);
[[nodiscard]] core::Result<RunLogRecord> read_log(const sql::Statement& row);
[[nodiscard]] core::Result<SubmissionRecord> read_submission(const sql::Statement& row);

}  // namespace every::store
