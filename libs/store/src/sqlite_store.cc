#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "housekeeping.h"
#include "known_filter.h"
#include "read_session.h"
#include "schema.h"
#include "write_session.h"
#include "writer.h"

#include "every/sql/connection.h"
#include "every/sql/owned_database.h"
#include "every/sql/pool.h"
#include "every/store/store.h"

namespace every::store {
namespace {

constexpr std::int64_t kWriterCache = 8 << 20;

/// A store in one SQLite file, or in memory: a writer with a thread and a connection of its own, readers with theirs.
/// In memory there is one connection, which all take in turns.
class SqliteStore final : public Store {
 public:
  SqliteStore(std::optional<sql::DatabaseLock> lock, const std::filesystem::path& file)
      : lock_(std::move(lock)),
        housekeeping_([this](Writer::Job job) { return writer_->run_job(std::move(job)); }, file),
        readers_([file]() -> core::Result<std::unique_ptr<ReadSession>> {
          EVERY_TRY_ASSIGN(auto connection,
                           sql::Connection::open(file, {.mode = sql::Mode::kReadOnly}));
          return ReadSession::make(std::move(connection));
        }) {}

  ~SqliteStore() override {
    if (writer_) std::ignore = close();
  }
  [[nodiscard]] KnownFilter& filter() { return filter_; }

  core::Status start(Writer::Open open, std::unique_ptr<LogMover> mover, core::CrashPlan* crash) {
    EVERY_TRY_ASSIGN(writer_, Writer::start(std::move(open), std::move(mover), nullptr, crash));
    return {};
  }
  core::Status start_in_memory(const std::shared_ptr<sql::Connection>& connection) {
    EVERY_TRY_ASSIGN(memory_reader_, ReadSession::make(connection));
    housekeeping_.read_in_memory(connection, memory_);
    filter_.complete();
    EVERY_TRY_ASSIGN(
        writer_,
        Writer::start([this, connection] { return WriteSession::make(connection, filter_); },
                      nullptr, &memory_, nullptr));
    return {};
  }

  void commit(Batch batch, std::move_only_function<void(core::Status)> on_durable) override {
    writer_->commit(std::move(batch), std::move(on_durable));
  }
  core::Result<std::optional<ReceiptRecord>> find_by_instruction(
      const ipld::Cid& instruction) override {
    return read([&](ReadSession& session) { return session.find_by_instruction(instruction); });
  }
  core::Result<std::vector<ReceiptRecord>> receipts_of(const ipld::Cid& instruction) override {
    return read([&](ReadSession& session) { return session.receipts_of(instruction); });
  }
  core::Result<std::optional<ReceiptRecord>> find_receipt(const ipld::Cid& receipt) override {
    return read([&](ReadSession& session) { return session.find_receipt(receipt); });
  }
  core::Result<std::vector<ListedReceipt>> list_receipts(std::int64_t after,
                                                         std::size_t limit) override {
    return read([&](ReadSession& session) { return session.list_receipts(after, limit); });
  }
  core::Result<std::vector<AttestationRecord>> attestations_of(const ipld::Cid& receipt) override {
    return read([&](ReadSession& session) { return session.attestations_of(receipt); });
  }
  core::Result<std::vector<QuarantineRecord>> quarantined() override {
    return read([](ReadSession& session) { return session.quarantined(); });
  }
  Recorded may_know(const ipld::Cid& cid) override {
    if (!filter_.is_complete()) {
      std::call_once(filling_, [this] { filler_ = std::thread([this] { fill_filter(); }); });
      return Recorded::kPerhaps;
    }
    return filter_.may_hold(cid) ? Recorded::kPerhaps : Recorded::kNo;
  }
  core::Result<std::optional<core::Bytes>> find_receipt_block(const ipld::Cid& receipt) override {
    return read([&](ReadSession& session) { return session.find_receipt_block(receipt); });
  }
  core::Result<std::optional<RunRecord>> find_run(const std::string& id) override {
    return read([&](ReadSession& session) { return session.find_run(id); });
  }
  core::Result<std::optional<SubmissionRecord>> find_submission(const std::string& key) override {
    return read([&](ReadSession& session) { return session.find_submission(key); });
  }
  core::Result<std::vector<RunRecord>> list_runs(std::size_t limit,
                                                 const std::string& before) override {
    return read([&](ReadSession& session) { return session.list_runs(limit, before); });
  }
  core::Result<std::vector<std::string>> unfinished_runs() override {
    return read([](ReadSession& session) { return session.unfinished_runs(); });
  }
  core::Result<std::uint64_t> count_paused() override {
    return read([](ReadSession& session) { return session.count_paused(); });
  }
  core::Result<bool> knows_workflow(const ipld::Cid& workflow) override {
    return read([&](ReadSession& session) { return session.knows_workflow(workflow); });
  }
  core::Result<std::vector<TaskRecord>> tasks_of(const std::string& run) override {
    return read([&](ReadSession& session) { return session.tasks_of(run); });
  }
  core::Result<std::vector<RunLogRecord>> logs_of(const std::string& run,
                                                  std::size_t limit) override {
    return read([&](ReadSession& session) { return session.logs_of(run, limit); });
  }
  core::Result<std::uint32_t> count_resumption(const std::string& run) override {
    return writer_->count_resumption(run);
  }
  Health health() const override { return writer_->health(); }
  Housekeeping& housekeeping() override { return housekeeping_; }

  core::Status close() override {
    closing_ = true;
    // After this nobody begins to fill.
    std::call_once(filling_, [] {});
    if (filler_.joinable()) filler_.join();
    // Readers first: the log can be emptied only when nobody reads it.
    readers_.clear();
    housekeeping_.close_readers();
    auto stopped = writer_->stop();
    lock_.reset();
    return stopped;
  }

 private:
  template <typename Query>
  auto read(Query query) -> decltype(query(std::declval<ReadSession&>())) {
    if (memory_reader_) {
      const std::lock_guard lock(memory_);
      return query(*memory_reader_);
    }
    EVERY_TRY_ASSIGN(auto session, readers_.borrow());
    return query(*session);
  }

  // What was there before the writer began; what it writes it adds itself. On an error the filter stays incomplete.
  void fill_filter() {
    for (const auto what : {ReadSession::Named::kInstructions, ReadSession::Named::kWorkflows}) {
      std::optional<ipld::Cid> after;
      do {
        // A piece at a time, so that no reader keeps the log from being moved into the database.
        auto piece = read([&](ReadSession& session) { return session.cids_after(what, after); });
        if (!piece || closing_) return;
        for (const ipld::Cid& cid : *piece) filter_.add(cid);
        after = piece->empty() ? std::nullopt : std::optional(std::move(piece->back()));
      } while (after);
    }
    filter_.complete();
  }

  std::optional<sql::DatabaseLock> lock_;  // last to go
  KnownFilter filter_;
  std::once_flag filling_;
  std::thread filler_;
  std::atomic<bool> closing_ = false;
  std::mutex memory_;
  std::unique_ptr<ReadSession> memory_reader_;
  SqliteHousekeeping housekeeping_;
  sql::Pool<ReadSession> readers_;
  std::unique_ptr<Writer> writer_;
};

core::Result<std::unique_ptr<Store>> open_file(const StoreOptions& options) {
  const std::filesystem::path& file = options.file;
  const sql::OpenOptions writing{
      .mode = sql::Mode::kReadWrite,
      .sync = options.durability == Durability::kDurable ? sql::Sync::kFull : sql::Sync::kNormal,
      .cache_bytes = kWriterCache};
  EVERY_TRY_ASSIGN(auto owned, sql::open_owned(file, schema(), writing));
  EVERY_TRY_ASSIGN(auto other, sql::Connection::open(file, {.sync = writing.sync,
                                                            .on_close = sql::OnClose::kLeaveLog}));
  EVERY_TRY(other->query_integer("SELECT count(*) FROM sqlite_schema"));

  auto store = std::make_unique<SqliteStore>(std::move(owned.lock), file);
  EVERY_TRY(store->start(
      [file, writing, &filter = store->filter(), first = std::move(owned.connection)]() mutable
          -> core::Result<std::unique_ptr<WriteSession>> {
        if (first) return WriteSession::make(std::exchange(first, nullptr), filter);
        EVERY_TRY_ASSIGN(std::shared_ptr<sql::Connection> again,
                         sql::Connection::open(file, writing));
        return WriteSession::make(std::move(again), filter);
      },
      std::make_unique<LogMover>(std::move(other), options.log_pages), options.crash));
  return store;
}

}  // namespace

core::Result<std::unique_ptr<Store>> open_store(const StoreOptions& options) {
  if (options.durability == Durability::kMemory) {
    EVERY_TRY_ASSIGN(std::shared_ptr<sql::Connection> connection, sql::Connection::open_memory());
    EVERY_TRY(sql::migrate(*connection, schema()));
    auto store = std::make_unique<SqliteStore>(std::nullopt, std::filesystem::path());
    EVERY_TRY(store->start_in_memory(connection));
    return store;
  }
  return open_file(options);
}

}  // namespace every::store
