#include "rows.h"

#include <algorithm>
#include <bit>
#include <string>
#include <utility>

namespace every::store {
namespace {

using core::ErrorCode;

/// FNV-1a over columns, each with its length before it. Against damage, not against forgery: who can write the file can
/// write anything.
class Seal {
 public:
  Seal& add(core::BytesView bytes) {
    add(static_cast<std::int64_t>(bytes.size()));
    for (const std::uint8_t byte : bytes) mix(byte);
    return *this;
  }
  Seal& add(std::string_view text) { return add(core::as_bytes(text)); }
  Seal& add(std::int64_t number) {
    const auto bits = std::bit_cast<std::uint64_t>(number);
    for (int shift = 0; shift < 64; shift += 8) mix(static_cast<std::uint8_t>(bits >> shift));
    return *this;
  }
  [[nodiscard]] std::int64_t value() const { return std::bit_cast<std::int64_t>(hash_); }

 private:
  void mix(std::uint8_t byte) { hash_ = (hash_ ^ byte) * 0x100000001b3ULL; }
  std::uint64_t hash_ = 0xcbf29ce484222325ULL;
};

/// A count as a column holds it: SQLite's integers end at 2^63 − 1.
std::int64_t column_of(std::uint64_t count) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(count, INT64_MAX));
}
std::uint64_t count_of(std::int64_t column) {
  return column < 0 ? 0 : static_cast<std::uint64_t>(column);
}

// The blocks are left out: their CIDs guard them. So is the place of the invocation: what is found there hashes to `ran`, or is not used.
std::int64_t seal_of(const ReceiptRecord& r) {
  Seal seal;
  seal.add(r.cid.encode())
      .add(r.instruction.encode())
      .add(r.ran.encode())
      .add(std::to_underlying(r.provenance))
      .add(r.profile)
      .add(std::string_view(r.engine))
      .add(r.created);
  // Rows of versions without a standing have the seal of those that came and were left alone.
  if (r.standing != Standing::kAsItCame) seal.add(std::to_underlying(r.standing)).add(r.decided);
  return seal.value();
}

std::int64_t seal_of(const QuarantineRecord& r) {
  return Seal()
      .add(r.component.encode())
      .add(r.instruction.encode())
      .add(r.kept.encode())
      .add(r.other.encode())
      .add(r.since)
      .value();
}

std::int64_t seal_of(const RunRecord& r) {
  return Seal()
      .add(std::string_view(r.id))
      .add(std::string_view(r.name))
      .add(r.workflow.encode())
      .add(core::BytesView(r.extra))
      .add(r.task_count)
      .add(r.accepted)
      .value();
}

std::int64_t end_seal_of(std::string_view run, std::int64_t status, std::string_view error_code,
                         std::string_view error_message, core::WallNanos finished) {
  return Seal().add(run).add(status).add(error_code).add(error_message).add(finished).value();
}

std::int64_t seal_of(const TaskRecord& r) {
  Seal seal;
  seal.add(std::string_view(r.run))
      .add(r.task)
      .add(std::to_underlying(r.status))
      .add(r.instruction.encode());
  seal.add(r.receipt ? r.receipt->encode() : core::BytesView());
  seal.add(r.replayed ? 1 : 0)
      .add(std::string_view(r.error_code))
      .add(std::string_view(r.error_message));
  // Rows of versions without traces have the seal of those that have none.
  const invocation::Trace& trace = r.trace;
  if (trace != invocation::Trace()) {
    seal.add(std::to_underlying(trace.way))
        .add(std::to_underlying(trace.miss))
        .add(trace.ready)
        .add(trace.started)
        .add(trace.ended)
        .add(trace.run_time.count())
        .add(column_of(trace.peak_memory_bytes))
        .add(column_of(trace.fuel))
        .add(column_of(trace.bytes_in))
        .add(column_of(trace.bytes_out));
  }
  return seal.value();
}

std::int64_t seal_of(const RunLogRecord& r) {
  return Seal()
      .add(std::string_view(r.run))
      .add(r.task)
      .add(r.time)
      .add(std::to_underlying(r.level))
      .add(std::string_view(r.category))
      .add(std::string_view(r.message))
      .value();
}

std::int64_t submission_seal(std::string_view key, core::BytesView digest, std::string_view run) {
  return Seal().add(key).add(digest).add(run).value();
}

std::unexpected<core::Error> damaged(const std::string& what) {
  return core::fail(
      ErrorCode::kIntegrity,
      what +
          " is damaged in the store (its row does not match its checksum) and is not used; check "
          "the disk, and set it aside with: every doctor --repair (what is missing is run again)");
}

core::Result<ipld::Cid> read_cid(const sql::Statement& row, int column, const char* what) {
  auto cid = ipld::Cid::decode(row.bytes(column));
  if (!cid) return damaged(std::string("the CID of ") + what);
  return cid;
}

/// A number of an enum with `count` values, of which the seal then says whether it is the one written.
template <typename Enum>
core::Result<Enum> read_enum(std::int64_t number, std::int64_t count, const char* what) {
  if (number < 0 || number >= count) return damaged(what);
  return static_cast<Enum>(number);
}

}  // namespace

void bind_receipt(sql::Statement& insert, const ReceiptRecord& record) {
  insert.bind(1, record.cid.encode())
      .bind(2, record.instruction.encode())
      .bind(3, record.ran.encode())
      .bind(4, core::BytesView(record.block))
      .bind(5, std::int64_t{std::to_underlying(record.provenance)})
      .bind(6, std::int64_t{record.profile})
      .bind(7, std::string_view(record.engine))
      .bind(8, record.created)
      .bind(9, seal_of(record))
      .bind(10, std::string_view(record.run))
      .bind(11, std::int64_t{record.task})
      .bind(12, std::int64_t{std::to_underlying(record.standing)})
      .bind(13, record.decided);
}

void bind_standing(sql::Statement& update, const ReceiptRecord& record) {
  update.bind(1, std::int64_t{std::to_underlying(record.standing)})
      .bind(2, record.decided)
      .bind(3, seal_of(record))
      .bind(4, record.cid.encode());
}

void bind_attestation(sql::Statement& insert, const AttestationRecord& record) {
  insert.bind(1, record.receipt.encode())
      .bind(2, record.cid.encode())
      .bind(3, core::BytesView(record.block));
}

void bind_quarantine(sql::Statement& insert, const QuarantineRecord& record) {
  insert.bind(1, record.component.encode())
      .bind(2, record.instruction.encode())
      .bind(3, record.kept.encode())
      .bind(4, record.other.encode())
      .bind(5, record.since)
      .bind(6, seal_of(record));
}

void bind_run(sql::Statement& insert, const RunRecord& record, const RunEnd* end) {
  const RunStatus status = end != nullptr ? end->status : record.status;
  const std::string& error_code = end != nullptr ? end->error_code : record.error_code;
  const std::string& error_message = end != nullptr ? end->error_message : record.error_message;
  const core::WallNanos finished = end != nullptr ? end->finished : record.finished;
  insert.bind(1, std::string_view(record.id))
      .bind(2, std::string_view(record.name))
      .bind(3, record.workflow.encode())
      .bind(4, core::BytesView(record.workflow_block))
      .bind(5, core::BytesView(record.extra))
      .bind(6, std::int64_t{record.task_count})
      .bind(7, record.accepted)
      .bind(8, seal_of(record))
      .bind(9, std::int64_t{std::to_underlying(status)})
      .bind(10, std::string_view(error_code))
      .bind(11, std::string_view(error_message))
      .bind(12, finished)
      .bind(13,
            end_seal_of(record.id, std::to_underlying(status), error_code, error_message, finished))
      .bind(14, std::int64_t{record.resumptions});
}

void bind_task(sql::Statement& insert, const TaskRecord& record) {
  insert.bind(1, std::string_view(record.run))
      .bind(2, std::int64_t{record.task})
      .bind(3, std::int64_t{std::to_underlying(record.status)})
      .bind(4, record.instruction.encode());
  if (record.receipt) {
    insert.bind(5, record.receipt->encode());
  } else {
    insert.bind_null(5);
  }
  insert.bind(6, std::int64_t{record.replayed ? 1 : 0})
      .bind(7, std::string_view(record.error_code))
      .bind(8, std::string_view(record.error_message))
      .bind(9, seal_of(record));
  const invocation::Trace& trace = record.trace;
  insert.bind(10, std::int64_t{std::to_underlying(trace.way)})
      .bind(11, std::int64_t{std::to_underlying(trace.miss)})
      .bind(12, trace.ready)
      .bind(13, trace.started)
      .bind(14, trace.ended)
      .bind(15, std::int64_t{trace.run_time.count()})
      .bind(16, column_of(trace.peak_memory_bytes))
      .bind(17, column_of(trace.fuel))
      .bind(18, column_of(trace.bytes_in))
      .bind(19, column_of(trace.bytes_out));
}

void bind_log(sql::Statement& insert, const RunLogRecord& record) {
  insert.bind(1, std::string_view(record.run))
      .bind(2, std::int64_t{record.task})
      .bind(3, record.time)
      .bind(4, std::int64_t{std::to_underlying(record.level)})
      .bind(5, std::string_view(record.category))
      .bind(6, std::string_view(record.message))
      .bind(7, seal_of(record));
}

void bind_submission(sql::Statement& insert, const RunRecord& record) {
  insert.bind(1, std::string_view(record.submission_key))
      .bind(2, core::BytesView(record.submission_digest))
      .bind(3, std::string_view(record.id))
      .bind(4, submission_seal(record.submission_key, record.submission_digest, record.id));
}

void bind_end(sql::Statement& update, const RunEnd& end) {
  update.bind(1, std::int64_t{std::to_underlying(end.status)})
      .bind(2, std::string_view(end.error_code))
      .bind(3, std::string_view(end.error_message))
      .bind(4, end.finished)
      .bind(5, end_seal_of(end.run, std::to_underlying(end.status), end.error_code,
                           end.error_message, end.finished))
      .bind(6, std::string_view(end.run));
}

core::Result<ReceiptRecord> read_receipt(const sql::Statement& row) {
  EVERY_TRY_ASSIGN(auto cid, read_cid(row, 0, "a receipt"));
  EVERY_TRY_ASSIGN(auto instruction, read_cid(row, 1, "an instruction"));
  EVERY_TRY_ASSIGN(auto ran, read_cid(row, 2, "an invocation"));
  ReceiptRecord record{.cid = std::move(cid),
                       .instruction = std::move(instruction),
                       .ran = std::move(ran),
                       .block = {},
                       .engine = {}};
  EVERY_TRY_ASSIGN(record.provenance, read_enum<Provenance>(row.integer(4), 2, "a receipt"));
  record.profile = static_cast<std::uint32_t>(row.integer(5));
  record.engine = row.text(6);
  record.created = row.integer(7);
  record.run = row.text(9);
  record.task = static_cast<std::uint32_t>(row.integer(10));
  EVERY_TRY_ASSIGN(record.standing, read_enum<Standing>(row.integer(11), 4, "a receipt"));
  record.decided = row.integer(12);
  const core::BytesView block = row.bytes(3);
  const auto matches = record.cid.matches(block);
  if (seal_of(record) != row.integer(8) || !matches || !*matches)
    return damaged("receipt " + record.cid.render());
  record.block = core::to_bytes(block);
  return record;
}

core::Result<AttestationRecord> read_attestation(const sql::Statement& row) {
  EVERY_TRY_ASSIGN(auto receipt, read_cid(row, 0, "a receipt"));
  EVERY_TRY_ASSIGN(auto cid, read_cid(row, 1, "an attestation"));
  const core::BytesView block = row.bytes(2);
  const auto matches = cid.matches(block);
  if (!matches || !*matches) return damaged("attestation " + cid.render());
  return AttestationRecord{std::move(receipt), std::move(cid), core::to_bytes(block)};
}

core::Result<QuarantineRecord> read_quarantine(const sql::Statement& row) {
  EVERY_TRY_ASSIGN(auto component, read_cid(row, 0, "a component in quarantine"));
  EVERY_TRY_ASSIGN(auto instruction, read_cid(row, 1, "an instruction"));
  EVERY_TRY_ASSIGN(auto kept, read_cid(row, 2, "a receipt"));
  EVERY_TRY_ASSIGN(auto other, read_cid(row, 3, "a receipt"));
  QuarantineRecord record{std::move(component), std::move(instruction), std::move(kept),
                          std::move(other), row.integer(4)};
  if (seal_of(record) != row.integer(5))
    return damaged("the quarantine of component " + record.component.render());
  return record;
}

core::Result<RunRecord> read_run(const sql::Statement& row) {
  const std::string id(row.text(0));
  const auto bad = [&] { return damaged("run " + id); };
  auto workflow = ipld::Cid::decode(row.bytes(2));
  if (!workflow) return bad();
  RunRecord record{.id = id,
                   .name = std::string(row.text(1)),
                   .workflow = std::move(*workflow),
                   .workflow_block = {},
                   .extra = {},
                   .error_code = {},
                   .error_message = {}};
  record.workflow_block = core::to_bytes(row.bytes(3));
  record.extra = core::to_bytes(row.bytes(4));
  record.task_count = static_cast<std::uint32_t>(row.integer(5));
  record.accepted = row.integer(6);
  EVERY_TRY_ASSIGN(record.status, read_enum<RunStatus>(row.integer(8), 6, "a run"));
  record.error_code = row.text(9);
  record.error_message = row.text(10);
  record.finished = row.integer(11);
  record.resumptions = static_cast<std::uint32_t>(row.integer(13));
  // A run that came over from the original has no document.
  const auto matches = record.workflow_block.empty()
                           ? core::Result<bool>(true)
                           : record.workflow.matches(record.workflow_block);
  const bool sealed = seal_of(record) == row.integer(7) &&
                      end_seal_of(id, row.integer(8), record.error_code, record.error_message,
                                  record.finished) == row.integer(12);
  if (!sealed || !matches || !*matches) return bad();
  return record;
}

core::Result<TaskRecord> read_task(const sql::Statement& row) {
  const std::string name =
      "task " + std::to_string(row.integer(1)) + " of run " + std::string(row.text(0));
  auto instruction = ipld::Cid::decode(row.bytes(3));
  if (!instruction) return damaged(name);
  TaskRecord record{.run = std::string(row.text(0)),
                    .instruction = std::move(*instruction),
                    .receipt = {},
                    .error_code = {},
                    .error_message = {}};
  record.task = static_cast<std::uint32_t>(row.integer(1));
  EVERY_TRY_ASSIGN(record.status, read_enum<TaskStatus>(row.integer(2), 4, name.c_str()));
  if (!row.is_null(4)) {
    auto receipt = ipld::Cid::decode(row.bytes(4));
    if (!receipt) return damaged(name);
    record.receipt = std::move(*receipt);
  }
  record.replayed = row.integer(5) != 0;
  record.error_code = row.text(6);
  record.error_message = row.text(7);
  invocation::Trace& trace = record.trace;
  EVERY_TRY_ASSIGN(trace.way, read_enum<invocation::Way>(row.integer(9), 5, name.c_str()));
  EVERY_TRY_ASSIGN(trace.miss, read_enum<invocation::Miss>(row.integer(10), 8, name.c_str()));
  trace.ready = row.integer(11);
  trace.started = row.integer(12);
  trace.ended = row.integer(13);
  trace.run_time = std::chrono::nanoseconds(row.integer(14));
  trace.peak_memory_bytes = count_of(row.integer(15));
  trace.fuel = count_of(row.integer(16));
  trace.bytes_in = count_of(row.integer(17));
  trace.bytes_out = count_of(row.integer(18));
  if (seal_of(record) != row.integer(8)) return damaged(name);
  return record;
}

core::Result<RunLogRecord> read_log(const sql::Statement& row) {
  const std::string name = "a log line of run " + std::string(row.text(0));
  RunLogRecord record;
  record.run = row.text(0);
  record.task = static_cast<std::uint32_t>(row.integer(1));
  record.time = row.integer(2);
  EVERY_TRY_ASSIGN(record.level, read_enum<core::LogLevel>(row.integer(3), 6, name.c_str()));
  record.category = row.text(4);
  record.message = row.text(5);
  if (seal_of(record) != row.integer(6)) return damaged(name);
  return record;
}

core::Result<SubmissionRecord> read_submission(const sql::Statement& row) {
  SubmissionRecord record{std::string(row.text(0)), core::to_bytes(row.bytes(1)),
                          std::string(row.text(2))};
  if (submission_seal(record.key, record.digest, record.run) != row.integer(3))
    return damaged("the submission key " + record.key);
  return record;
}

}  // namespace every::store
