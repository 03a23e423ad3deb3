#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "writer.h"

#include "every/sql/connection.h"
#include "every/sql/pool.h"
#include "every/store/housekeeping.h"

namespace every::store {

/// Housekeeping of a store in SQLite: reads on connections of its own, a query at a time, writes as jobs of the store's writer.
class SqliteHousekeeping final : public Housekeeping {
 public:
  using RunJob = std::function<core::Status(Writer::Job)>;
  /// in: run_job   hands work to the writer, for as long as this lives
  SqliteHousekeeping(RunJob run_job, const std::filesystem::path& file)
      : run_job_(std::move(run_job)),
        readers_([file] { return sql::Connection::open(file, {.mode = sql::Mode::kReadOnly}); }) {}
  /// Reads through the one connection of a store in memory, which outlives this; `exclusive` is held meanwhile.
  void read_in_memory(std::shared_ptr<sql::Connection> connection, std::mutex& exclusive) {
    memory_ = std::move(connection);
    exclusive_ = &exclusive;
  }
  /// Lets go of the connections that are not in use.
  void close_readers() { readers_.clear(); }

  core::Result<StoreSizes> sizes() override;
  core::Result<std::vector<EndedRun>> ended_runs(const std::string& after,
                                                 const std::string& before,
                                                 std::size_t limit) override;
  core::Result<std::uint64_t> bytes_of_run(const std::string& id) override;
  core::Result<DroppedRuns> drop_runs(std::span<const std::string> ids) override;
  core::Result<DroppedRuns> finish_dropping() override;
  core::Status each_workflow(const VisitRun& visit) override;
  core::Status each_receipt(const VisitReceipt& visit) override;
  core::Status each_receipt_of_tasks(const VisitCid& visit) override;
  core::Result<std::uint64_t> drop_receipts(const std::vector<std::int64_t>& ids,
                                            const std::string& since) override;
  core::Status pin(const StorePin& pin) override;
  core::Result<bool> unpin(StorePin::Kind kind, std::string_view what) override;
  core::Result<std::vector<StorePin>> pins() override;
  core::Result<std::uint64_t> give_back() override;

 private:
  /// Calls `query` with a connection to read from.
  template <typename Query>
  auto read(Query query) -> decltype(query(std::declval<sql::Connection&>()));
  core::Status write(std::function<core::Status(sql::Connection&)> work) {
    return run_job_({.work = std::move(work)});
  }

  RunJob run_job_;
  sql::Pool<sql::Connection> readers_;
  std::shared_ptr<sql::Connection> memory_;
  std::mutex* exclusive_ = nullptr;
};

}  // namespace every::store
