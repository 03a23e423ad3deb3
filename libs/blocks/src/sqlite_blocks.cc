#include <algorithm>
#include <chrono>
#include <functional>
#include <mutex>
#include <utility>

#include "key.h"
#include "schema.h"
#include "sqlite_housekeeping.h"
#include "touches.h"

#include "every/blocks/blocks.h"
#include "every/sql/connection.h"
#include "every/sql/owned_database.h"
#include "every/sql/pool.h"
#include "every/sql/transaction.h"

namespace every::blocks {
namespace {

using core::ErrorCode;
using Step = sql::Statement::Step;

// Most blocks are 256 KiB: large pages keep their chains short. Small ones share a page all the same.
constexpr std::int64_t kPageBytes = 16384;
constexpr std::int64_t kWriterCache = 16 << 20;
// Log pages after which the log is moved into the database; far beyond that, readers are waited for a moment.
constexpr std::int64_t kCheckpointPages = (16 << 20) / kPageBytes;
constexpr std::int64_t kLongLogPages = 16 * kCheckpointPages;

/// One connection's queries. thread: one at a time.
class Reader {
 public:
  static core::Result<std::unique_ptr<Reader>> make(const std::filesystem::path& file) {
    auto reader = std::make_unique<Reader>();
    EVERY_TRY_ASSIGN(reader->connection_,
                     sql::Connection::open(file, {.mode = sql::Mode::kReadOnly}));
    EVERY_TRY_ASSIGN(reader->bytes_,
                     reader->connection_->prepare("SELECT bytes FROM blocks WHERE multihash = ?"));
    EVERY_TRY_ASSIGN(reader->there_,
                     reader->connection_->prepare("SELECT 1 FROM blocks WHERE multihash = ?"));
    return reader;
  }
  core::Result<std::optional<core::Bytes>> find(const ipld::Cid& cid) {
    const core::Bytes key = key_of(cid);
    const sql::ResetAtEnd reset(bytes_);
    EVERY_TRY_ASSIGN(const auto step, bytes_.bind(1, core::BytesView(key)).step());
    if (step == Step::kDone) return std::nullopt;
    EVERY_TRY_ASSIGN(const bool matches, cid.matches(bytes_.bytes(0)));
    if (!matches) return core::fail(damaged(cid));
    return std::optional(core::to_bytes(bytes_.bytes(0)));
  }
  core::Result<bool> has(const ipld::Cid& cid) {
    const core::Bytes key = key_of(cid);
    const sql::ResetAtEnd reset(there_);
    EVERY_TRY_ASSIGN(const auto step, there_.bind(1, core::BytesView(key)).step());
    return step == Step::kRow;
  }

 private:
  std::unique_ptr<sql::Connection> connection_;  // before its statements, so that they go first
  sql::Statement bytes_, there_;
};

/// The writing connection. thread: one at a time.
class Writer {
 public:
  static core::Result<std::unique_ptr<Writer>> make(std::shared_ptr<sql::Connection> connection) {
    auto writer = std::make_unique<Writer>();
    writer->connection_ = std::move(connection);
    EVERY_TRY_ASSIGN(writer->insert_, writer->connection_->prepare(
                                          "INSERT INTO blocks (multihash, bytes) VALUES (?, ?) "
                                          "ON CONFLICT (multihash) DO NOTHING"));
    EVERY_TRY_ASSIGN(writer->kept_,
                     writer->connection_->prepare("SELECT bytes FROM blocks WHERE multihash = ?"));
    EVERY_TRY_ASSIGN(writer->repair_, writer->connection_->prepare(
                                          "UPDATE blocks SET bytes = ?2 WHERE multihash = ?1"));
    return writer;
  }
  core::Status put(std::span<const Block> blocks) {
    EVERY_TRY_ASSIGN(auto transaction, sql::Transaction::begin(*connection_));
    for (const Block& block : blocks) {
      if (block.cid.hash_code() != ipld::HashCode::kIdentity) EVERY_TRY(put_one(block));
    }
    return transaction.commit();
  }
  core::Status write(const std::function<core::Status(sql::Connection&)>& work) {
    EVERY_TRY_ASSIGN(auto transaction, sql::Transaction::begin(*connection_));
    EVERY_TRY(work(*connection_));
    return transaction.commit();
  }
  core::Status checkpoint(SqliteHousekeeping::Log log) {
    if (log == SqliteHousekeeping::Log::kMoveIfLong && connection_->wal_pages() < kCheckpointPages)
      return {};
    if (connection_->wal_pages() < kLongLogPages)
      return connection_->checkpoint(sql::Connection::Checkpoint::kPassive);
    connection_->set_busy_timeout(std::chrono::milliseconds(20));
    auto done = connection_->checkpoint(sql::Connection::Checkpoint::kRestart);
    connection_->set_busy_timeout(std::chrono::seconds(5));
    return done;
  }

 private:
  core::Status put_one(const Block& block) {
    const core::Bytes key = key_of(block.cid);
    EVERY_TRY(insert_.bind(1, core::BytesView(key)).bind(2, core::BytesView(block.bytes)).run());
    if (connection_->changes() != 0) return {};
    {
      const sql::ResetAtEnd reset(kept_);
      EVERY_TRY_ASSIGN(const auto step, kept_.bind(1, core::BytesView(key)).step());
      if (step == Step::kRow && std::ranges::equal(kept_.bytes(0), block.bytes)) return {};
    }
    // What is kept is damaged; the block given was checked.
    return repair_.bind(1, core::BytesView(key)).bind(2, core::BytesView(block.bytes)).run();
  }

  std::shared_ptr<sql::Connection> connection_;  // before its statements, so that they go first
  sql::Statement insert_, kept_, repair_;
};

/// Blocks in one SQLite file: one writer at a time, readers on connections of their own.
class SqliteBlocks final : public BlockStore {
 public:
  SqliteBlocks(std::filesystem::path file, sql::OpenOptions options, sql::DatabaseLock lock,
               std::unique_ptr<Writer> writer)
      : file_(std::move(file)),
        options_(options),
        lock_(std::move(lock)),
        readers_([this] { return Reader::make(file_); }),
        writer_(std::move(writer)),
        housekeeping_(
            file_, [this](const auto& work, auto log) { return write(work, log); }, touches_) {}
  ~SqliteBlocks() override {
    // The last connection to close clears the log away, and must be able to write for that.
    readers_.clear();
    housekeeping_.close_readers();
  }

  core::Result<std::optional<core::Bytes>> find(const ipld::Cid& cid) override {
    if (auto content = inline_content(cid)) return content;
    touches_.note(cid);
    EVERY_TRY_ASSIGN(auto reader, readers_.borrow());
    return reader->find(cid);
  }
  core::Result<bool> has(const ipld::Cid& cid) override {
    if (cid.hash_code() == ipld::HashCode::kIdentity) return true;
    touches_.note(cid);
    EVERY_TRY_ASSIGN(auto reader, readers_.borrow());
    return reader->has(cid);
  }
  core::Status put(std::span<const Block> blocks) override {
    EVERY_TRY(check(blocks));
    for (const Block& block : blocks) touches_.note(block.cid);
    return use_writer([&](Writer& writer) { return writer.put(blocks); },
                      SqliteHousekeeping::Log::kMoveIfLong);
  }
  Housekeeping* housekeeping() override { return &housekeeping_; }

 private:
  core::Status write(const std::function<core::Status(sql::Connection&)>& work,
                     SqliteHousekeeping::Log log) {
    return use_writer([&](Writer& writer) { return writer.write(work); }, log);
  }
  template <typename Work>
  core::Status use_writer(Work work, SqliteHousekeeping::Log log) {
    const std::lock_guard lock(write_);
    EVERY_TRY(open_writer());
    auto written = work(*writer_);
    // What the system still holds of the file after an I/O error is unknown: the next one begins with a new connection.
    if (!written && written.error().code == ErrorCode::kIo) writer_.reset();
    if (!written) return written;
    // What was written is safe in the log already; a full disk here is the next one's to tell.
    if (auto moved = writer_->checkpoint(log); !moved && moved.error().code == ErrorCode::kIo)
      writer_.reset();
    return {};
  }
  core::Status open_writer() {
    if (writer_) return {};
    EVERY_TRY_ASSIGN(std::shared_ptr<sql::Connection> connection,
                     sql::Connection::open(file_, options_));
    EVERY_TRY_ASSIGN(writer_, Writer::make(std::move(connection)));
    return {};
  }

  std::filesystem::path file_;
  sql::OpenOptions options_;
  sql::DatabaseLock lock_;
  sql::Pool<Reader> readers_;
  std::mutex write_;
  std::unique_ptr<Writer> writer_;
  Touches touches_;
  SqliteHousekeeping housekeeping_;
};

}  // namespace

core::Result<std::unique_ptr<BlockStore>> open_sqlite_blocks(const std::filesystem::path& file,
                                                             Sync sync) {
  const sql::OpenOptions options{
      .mode = sql::Mode::kReadWrite,
      .sync = sync == Sync::kDurable ? sql::Sync::kFull : sql::Sync::kNormal,
      .page_bytes = kPageBytes,
      .cache_bytes = kWriterCache};
  EVERY_TRY_ASSIGN(auto owned, sql::open_owned(file, schema(), options));
  EVERY_TRY_ASSIGN(auto writer, Writer::make(std::move(owned.connection)));
  return std::make_unique<SqliteBlocks>(file, options, std::move(owned.lock), std::move(writer));
}

}  // namespace every::blocks
