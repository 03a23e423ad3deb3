#include "every/store/examine.h"

#include <array>
#include <string>
#include <vector>

#include "rows.h"
#include "schema.h"

namespace every::store {
namespace {

using core::ErrorCode;
using Kind = sql::KeyColumn::Kind;
constexpr int kLast = sql::KeyColumn::kLast;

constexpr std::uint32_t kPageBytes = 4096;
/// Tables whose rows carry a seal, or hash to what they say they are.
constexpr std::array<std::string_view, 8> kSealed{
    "receipts", "attestations", "quarantine", "failures", "runs", "tasks", "submissions", "logs"};

core::Status check_failure(const sql::Statement& row) {
  const auto cid = ipld::Cid::decode(row.bytes(0));
  const auto matches = cid ? cid->matches(row.bytes(2)) : core::Result<bool>(false);
  if (matches && *matches) return {};
  return core::fail(ErrorCode::kIntegrity,
                    "a failure of run " + std::string(row.text(1)) + " does not hash to its CID");
}

core::Status check_conflict(const sql::Statement& row) {
  for (int column = 0; column < 3; ++column) {
    if (!ipld::Cid::decode(row.bytes(column)))
      return core::fail(ErrorCode::kIntegrity,
                        "two results of one instruction: no CID where one belongs");
  }
  return {};
}

template <auto Read>
core::Status check_by(const sql::Statement& row) {
  auto record = Read(row);
  if (record) return {};
  // What to do about it is told once, not for each row.
  core::Error error = std::move(record).error();
  if (const auto end = error.message.find(" in the store ("); end != std::string::npos)
    error.message.resize(end);
  return core::fail(std::move(error));
}

std::vector<sql::RowCheck> checks() {
  return {
      {"receipts",
       "SELECT " EVERY_STORE_RECEIPT_COLUMNS ", rowid FROM receipts",
       "DELETE FROM receipts WHERE rowid = ?",
       {{kLast, Kind::kNumber}},
       check_by<read_receipt>},
      {"attestations",
       "SELECT " EVERY_STORE_ATTESTATION_COLUMNS " FROM attestations",
       "DELETE FROM attestations WHERE receipt = ? AND cid = ?",
       {{0, Kind::kBytes}, {1, Kind::kBytes}},
       check_by<read_attestation>},
      {"quarantine",
       "SELECT " EVERY_STORE_QUARANTINE_COLUMNS " FROM quarantine",
       "DELETE FROM quarantine WHERE component = ?",
       {{0, Kind::kBytes}},
       check_by<read_quarantine>},
      {"failures",
       "SELECT cid, run, block FROM failures",
       "DELETE FROM failures WHERE cid = ? AND run = ?",
       {{0, Kind::kBytes}, {1, Kind::kText}},
       check_failure},
      {"conflicts",
       "SELECT instruction, kept, other FROM conflicts",
       "DELETE FROM conflicts WHERE instruction = ? AND other = ?",
       {{0, Kind::kBytes}, {2, Kind::kBytes}},
       check_conflict},
      {"runs",
       "SELECT " EVERY_STORE_RUN_COLUMNS " FROM runs",
       "DELETE FROM runs WHERE id = ?",
       {{0, Kind::kText}},
       check_by<read_run>},
      {"tasks",
       "SELECT " EVERY_STORE_TASK_COLUMNS " FROM tasks",
       "DELETE FROM tasks WHERE run = ? AND task = ?",
       {{0, Kind::kText}, {1, Kind::kNumber}},
       check_by<read_task>},
      {"submissions",
       "SELECT " EVERY_STORE_SUBMISSION_COLUMNS " FROM submissions",
       "DELETE FROM submissions WHERE key = ?",
       {{0, Kind::kText}},
       check_by<read_submission>},
      {"logs",
       "SELECT " EVERY_STORE_LOG_COLUMNS ", rowid FROM logs",
       "DELETE FROM logs WHERE rowid = ?",
       {{kLast, Kind::kNumber}},
       check_by<read_log>},
  };
}

}  // namespace

core::Result<Examination> examine_store(const std::filesystem::path& file) {
  return sql::examine(file, schema(), checks());
}

core::Result<Salvage> prepare_repair(const std::filesystem::path& file) {
  return sql::prepare_repair(file, schema(), kPageBytes, kSealed, checks());
}

}  // namespace every::store
