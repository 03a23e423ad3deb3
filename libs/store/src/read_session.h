#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "every/sql/connection.h"
#include "every/store/store.h"

namespace every::store {

/// One connection's prepared queries. Each call is a read transaction of its own, over when it returns. thread: one at a time.
class ReadSession {
 public:
  /// errors: as sql::Connection::prepare
  [[nodiscard]] static core::Result<std::unique_ptr<ReadSession>> make(
      std::shared_ptr<sql::Connection> connection);

  // As the members of Store.
  [[nodiscard]] core::Result<std::optional<ReceiptRecord>> find_by_instruction(
      const ipld::Cid& instruction);
  [[nodiscard]] core::Result<std::vector<ReceiptRecord>> receipts_of(const ipld::Cid& instruction);
  [[nodiscard]] core::Result<std::optional<ReceiptRecord>> find_receipt(const ipld::Cid& receipt);
  [[nodiscard]] core::Result<std::vector<ListedReceipt>> list_receipts(std::int64_t after,
                                                                       std::size_t limit);
  [[nodiscard]] core::Result<std::vector<AttestationRecord>> attestations_of(
      const ipld::Cid& receipt);
  [[nodiscard]] core::Result<std::vector<QuarantineRecord>> quarantined();
  [[nodiscard]] core::Result<std::optional<core::Bytes>> find_receipt_block(
      const ipld::Cid& receipt);
  [[nodiscard]] core::Result<std::optional<RunRecord>> find_run(const std::string& id);
  [[nodiscard]] core::Result<std::optional<SubmissionRecord>> find_submission(
      const std::string& key);
  [[nodiscard]] core::Result<std::vector<RunRecord>> list_runs(std::size_t limit,
                                                               const std::string& before);
  [[nodiscard]] core::Result<std::vector<std::string>> unfinished_runs();
  [[nodiscard]] core::Result<std::uint64_t> count_paused();
  [[nodiscard]] core::Result<bool> knows_workflow(const ipld::Cid& workflow);
  [[nodiscard]] core::Result<std::vector<TaskRecord>> tasks_of(const std::string& run);
  [[nodiscard]] core::Result<std::vector<RunLogRecord>> logs_of(const std::string& run,
                                                                std::size_t limit);
  /// What is recorded by the CID of its instruction or workflow.
  enum class Named : std::uint8_t { kInstructions, kWorkflows };
  /// The next few thousand such CIDs, each once, in order of their bytes. in: after   none: from the first. out: empty at the end
  [[nodiscard]] core::Result<std::vector<ipld::Cid>> cids_after(
      Named what, const std::optional<ipld::Cid>& after);

 private:
  explicit ReadSession(std::shared_ptr<sql::Connection> connection)
      : connection_(std::move(connection)) {}
  core::Status prepare();

  std::shared_ptr<sql::Connection> connection_;  // before its statements, so that they go first
  sql::Statement by_instruction_, receipt_block_, failure_block_, run_, runs_newest_, runs_before_,
      runs_unfinished_, runs_paused_, workflow_, tasks_, logs_, submission_, receipt_, receipts_,
      attestations_, quarantine_, instructions_after_, workflows_after_;
};

}  // namespace every::store
