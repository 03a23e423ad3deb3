#include "read_session.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "rows.h"

namespace every::store {
namespace {

using Step = sql::Statement::Step;

/// All rows of a query. errors: those of the query and of the first row that cannot be read
template <typename Record>
core::Result<std::vector<Record>> read_all(sql::Statement& query,
                                           core::Result<Record> (*read)(const sql::Statement&)) {
  const sql::ResetAtEnd reset(query);
  std::vector<Record> records;
  for (;;) {
    EVERY_TRY_ASSIGN(const auto step, query.step());
    if (step == Step::kDone) return records;
    EVERY_TRY_ASSIGN(auto record, read(query));
    records.push_back(std::move(record));
  }
}

std::unexpected<core::Error> led_astray() {
  return core::fail(core::ErrorCode::kIntegrity,
                    "an index of the store is damaged (it leads to a row of something else) and is "
                    "not used; check the disk, and make it anew with: every doctor --repair");
}

std::int64_t to_limit(std::size_t limit) {
  return static_cast<std::int64_t>(
      std::min<std::size_t>(limit, std::numeric_limits<std::int64_t>::max()));
}

}  // namespace

core::Result<std::unique_ptr<ReadSession>> ReadSession::make(
    std::shared_ptr<sql::Connection> connection) {
  std::unique_ptr<ReadSession> session(new ReadSession(std::move(connection)));
  EVERY_TRY(session->prepare());
  return session;
}

core::Status ReadSession::prepare() {
  sql::Connection& db = *connection_;
  EVERY_TRY_ASSIGN(by_instruction_,
                   db.prepare("SELECT " EVERY_STORE_RECEIPT_COLUMNS
                              " FROM receipts WHERE instruction = ? ORDER BY provenance, id"));
  EVERY_TRY_ASSIGN(receipt_block_, db.prepare("SELECT block FROM receipts WHERE cid = ?"));
  EVERY_TRY_ASSIGN(failure_block_, db.prepare("SELECT block FROM failures WHERE cid = ?"));
  EVERY_TRY_ASSIGN(
      receipt_, db.prepare("SELECT " EVERY_STORE_RECEIPT_COLUMNS " FROM receipts WHERE cid = ?"));
  EVERY_TRY_ASSIGN(receipts_, db.prepare("SELECT " EVERY_STORE_RECEIPT_COLUMNS
                                         ", id FROM receipts WHERE id > ? ORDER BY id LIMIT ?"));
  EVERY_TRY_ASSIGN(attestations_, db.prepare("SELECT " EVERY_STORE_ATTESTATION_COLUMNS
                                             " FROM attestations WHERE receipt = ? ORDER BY cid"));
  EVERY_TRY_ASSIGN(quarantine_, db.prepare("SELECT " EVERY_STORE_QUARANTINE_COLUMNS
                                           " FROM quarantine ORDER BY component"));
  EVERY_TRY_ASSIGN(run_, db.prepare("SELECT " EVERY_STORE_RUN_COLUMNS " FROM runs WHERE id = ?"));
  EVERY_TRY_ASSIGN(runs_newest_, db.prepare("SELECT " EVERY_STORE_RUN_COLUMNS
                                            " FROM runs ORDER BY id DESC LIMIT ?"));
  EVERY_TRY_ASSIGN(runs_before_, db.prepare("SELECT " EVERY_STORE_RUN_COLUMNS
                                            " FROM runs WHERE id < ?2 ORDER BY id DESC LIMIT ?1"));
  EVERY_TRY_ASSIGN(runs_unfinished_,
                   db.prepare("SELECT id FROM runs WHERE status = 0 ORDER BY id"));
  EVERY_TRY_ASSIGN(runs_paused_, db.prepare("SELECT count(*) FROM runs WHERE status = 5"));
  EVERY_TRY_ASSIGN(workflow_, db.prepare("SELECT 1 FROM runs WHERE workflow = ? LIMIT 1"));
  EVERY_TRY_ASSIGN(tasks_, db.prepare("SELECT " EVERY_STORE_TASK_COLUMNS
                                      " FROM tasks WHERE run = ? ORDER BY task"));
  EVERY_TRY_ASSIGN(logs_, db.prepare("SELECT " EVERY_STORE_LOG_COLUMNS
                                     " FROM logs WHERE run = ? ORDER BY id DESC LIMIT ?"));
  EVERY_TRY_ASSIGN(submission_, db.prepare("SELECT " EVERY_STORE_SUBMISSION_COLUMNS
                                           " FROM submissions WHERE key = ?"));
  EVERY_TRY_ASSIGN(instructions_after_,
                   db.prepare("SELECT DISTINCT instruction FROM receipts WHERE instruction > ? "
                              "ORDER BY instruction LIMIT 4096"));
  EVERY_TRY_ASSIGN(workflows_after_,
                   db.prepare("SELECT DISTINCT workflow FROM runs WHERE workflow > ? "
                              "ORDER BY workflow LIMIT 4096"));
  return {};
}

core::Result<std::optional<ReceiptRecord>> ReadSession::find_by_instruction(
    const ipld::Cid& instruction) {
  const sql::ResetAtEnd reset(by_instruction_);
  by_instruction_.bind(1, instruction.encode());
  std::optional<core::Error> damage;
  for (;;) {
    EVERY_TRY_ASSIGN(const auto step, by_instruction_.step());
    if (step == Step::kDone) break;
    auto record = read_receipt(by_instruction_);
    // The row may be sound and the index that led to it not.
    if (record && record->instruction != instruction) record = led_astray();
    if (record && record->standing == Standing::kForgotten) continue;
    if (record) return std::optional(std::move(*record));
    // A damaged row does not hide a sound one that came after it.
    if (!damage) damage = std::move(record).error();
  }
  if (damage) return core::fail(std::move(*damage).with("instruction", instruction.render()));
  return std::nullopt;
}

core::Result<std::vector<ReceiptRecord>> ReadSession::receipts_of(const ipld::Cid& instruction) {
  const sql::ResetAtEnd reset(by_instruction_);
  by_instruction_.bind(1, instruction.encode());
  std::vector<ReceiptRecord> records;
  for (;;) {
    EVERY_TRY_ASSIGN(const auto step, by_instruction_.step());
    if (step == Step::kDone) return records;
    auto record = read_receipt(by_instruction_);
    if (record && record->instruction == instruction) records.push_back(std::move(*record));
  }
}

core::Result<std::optional<ReceiptRecord>> ReadSession::find_receipt(const ipld::Cid& receipt) {
  const sql::ResetAtEnd reset(receipt_);
  EVERY_TRY_ASSIGN(const auto step, receipt_.bind(1, receipt.encode()).step());
  if (step == Step::kDone) return std::nullopt;
  EVERY_TRY_ASSIGN(auto record, read_receipt(receipt_));
  if (record.cid != receipt) return led_astray();
  return std::optional(std::move(record));
}

core::Result<std::vector<ListedReceipt>> ReadSession::list_receipts(std::int64_t after,
                                                                    std::size_t limit) {
  const sql::ResetAtEnd reset(receipts_);
  receipts_.bind(1, after).bind(2, to_limit(limit));
  std::vector<ListedReceipt> listed;
  for (;;) {
    EVERY_TRY_ASSIGN(const auto step, receipts_.step());
    if (step == Step::kDone) return listed;
    listed.push_back({receipts_.integer(13), read_receipt(receipts_)});
  }
}

core::Result<std::vector<AttestationRecord>> ReadSession::attestations_of(
    const ipld::Cid& receipt) {
  attestations_.bind(1, receipt.encode());
  EVERY_TRY_ASSIGN(auto records, read_all(attestations_, read_attestation));
  for (const AttestationRecord& record : records) {
    if (record.receipt != receipt) return led_astray();
  }
  return records;
}

core::Result<std::vector<QuarantineRecord>> ReadSession::quarantined() {
  return read_all(quarantine_, read_quarantine);
}

core::Result<std::optional<core::Bytes>> ReadSession::find_receipt_block(const ipld::Cid& receipt) {
  bool damaged = false;
  for (sql::Statement* query : {&receipt_block_, &failure_block_}) {
    const sql::ResetAtEnd reset(*query);
    query->bind(1, receipt.encode());
    for (;;) {
      EVERY_TRY_ASSIGN(const auto step, query->step());
      if (step == Step::kDone) break;
      const core::BytesView block = query->bytes(0);
      EVERY_TRY_ASSIGN(const bool matches, receipt.matches(block));
      if (matches) return std::optional(core::to_bytes(block));
      damaged = true;
    }
  }
  if (damaged) {
    return core::fail(
        core::ErrorCode::kIntegrity,
        "receipt " + receipt.render() +
            " is damaged in the store (its block does not hash to its CID) and is not "
            "served; check the disk");
  }
  return std::nullopt;
}

core::Result<std::optional<RunRecord>> ReadSession::find_run(const std::string& id) {
  const sql::ResetAtEnd reset(run_);
  run_.bind(1, std::string_view(id));
  EVERY_TRY_ASSIGN(const auto step, run_.step());
  if (step == Step::kDone) return std::nullopt;
  EVERY_TRY_ASSIGN(auto record, read_run(run_));
  if (record.id != id) return led_astray();
  return std::optional(std::move(record));
}

core::Result<std::optional<SubmissionRecord>> ReadSession::find_submission(const std::string& key) {
  const sql::ResetAtEnd reset(submission_);
  submission_.bind(1, std::string_view(key));
  EVERY_TRY_ASSIGN(const auto step, submission_.step());
  if (step == Step::kDone) return std::nullopt;
  EVERY_TRY_ASSIGN(auto record, read_submission(submission_));
  if (record.key != key) return led_astray();
  return std::optional(std::move(record));
}

core::Result<std::vector<RunRecord>> ReadSession::list_runs(std::size_t limit,
                                                            const std::string& before) {
  sql::Statement& query = before.empty() ? runs_newest_ : runs_before_;
  query.bind(1, to_limit(limit));
  if (!before.empty()) query.bind(2, std::string_view(before));
  return read_all(query, read_run);
}

// Their ids alone: a damaged one must not keep the others from going on.
core::Result<std::vector<std::string>> ReadSession::unfinished_runs() {
  return read_all<std::string>(runs_unfinished_,
                               [](const sql::Statement& row) -> core::Result<std::string> {
                                 return std::string(row.text(0));
                               });
}

core::Result<std::uint64_t> ReadSession::count_paused() {
  const sql::ResetAtEnd reset(runs_paused_);
  EVERY_TRY_ASSIGN(const auto step, runs_paused_.step());
  return step == Step::kDone ? 0 : static_cast<std::uint64_t>(runs_paused_.integer(0));
}

core::Result<bool> ReadSession::knows_workflow(const ipld::Cid& workflow) {
  const sql::ResetAtEnd reset(workflow_);
  workflow_.bind(1, workflow.encode());
  EVERY_TRY_ASSIGN(const auto step, workflow_.step());
  return step == Step::kRow;
}

core::Result<std::vector<ipld::Cid>> ReadSession::cids_after(
    Named what, const std::optional<ipld::Cid>& after) {
  sql::Statement& query = what == Named::kInstructions ? instructions_after_ : workflows_after_;
  query.bind(1, after ? after->encode() : core::BytesView());
  const sql::ResetAtEnd reset(query);
  std::vector<ipld::Cid> cids;
  for (;;) {
    EVERY_TRY_ASSIGN(const auto step, query.step());
    if (step == Step::kDone) return cids;
    EVERY_TRY_ASSIGN(auto cid, ipld::Cid::decode(query.bytes(0)));
    cids.push_back(std::move(cid));
  }
}

core::Result<std::vector<TaskRecord>> ReadSession::tasks_of(const std::string& run) {
  tasks_.bind(1, std::string_view(run));
  return read_all(tasks_, read_task);
}

core::Result<std::vector<RunLogRecord>> ReadSession::logs_of(const std::string& run,
                                                             std::size_t limit) {
  logs_.bind(1, std::string_view(run)).bind(2, to_limit(limit));
  EVERY_TRY_ASSIGN(auto lines, read_all(logs_, read_log));
  for (const RunLogRecord& line : lines) {
    if (line.run != run) return led_astray();
  }
  std::reverse(lines.begin(), lines.end());
  return lines;
}

}  // namespace every::store
