#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "every/core/error.h"
#include "every/sql/statement.h"

/// SQLite, owned: connections, prepared statements, transactions. It knows nothing of what is stored.
namespace every::sql {

/// Trusted SQL: only a literal in the code can become one, never text built from input.
class Sql {
 public:
  template <std::size_t N>
  consteval Sql(
      const char (&literal)[N])  // NOLINT(google-explicit-constructor): a literal is always an Sql
      : text_(literal, N - 1) {}
  [[nodiscard]] constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

enum class Mode : std::uint8_t {
  kReadWrite,  ///< makes the file (0600) when it is not there
  kReadOnly,
};

/// When a commit is on the disk.
enum class Sync : std::uint8_t {
  kFull,    ///< on return, power loss included
  kNormal,  ///< the process may be killed at any time; power loss may take the last commits, never the file's soundness
  kOff,     ///< databases in memory
};

/// What becomes of the write-ahead log when the last connection is closed.
enum class OnClose : std::uint8_t { kMoveLog, kLeaveLog };

struct OpenOptions {
  Mode mode = Mode::kReadWrite;
  Sync sync = Sync::kFull;
  std::int64_t page_bytes = 4096;              ///< of a new file; a power of two, 512 … 65536
  std::int64_t cache_bytes = 2 * 1024 * 1024;  ///< page cache at most, taken as it is used
  OnClose on_close = OnClose::kMoveLog;        ///< one that only reads leaves it in any case
};

/// One connection to a database file in WAL mode. It never checkpoints by itself: `checkpoint` does, and closing the last
/// writing connection.
///
/// thread: one at a time; `interrupt` any. Statements, transactions and savepoints made of it must go before it does.
class Connection {
 public:
  /// in: file   the database; its directory exists
  /// errors: kIntegrity not a database, or damaged; kConflict another process holds it exclusively; kPermissionDenied;
  ///         kResourceExhausted no room; kIo
  [[nodiscard]] static core::Result<std::unique_ptr<Connection>> open(
      const std::filesystem::path& file, const OpenOptions& options);
  /// A database of its own in memory, gone with the connection.
  [[nodiscard]] static core::Result<std::unique_ptr<Connection>> open_memory();
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Runs one or more statements without parameters, results dropped. errors: as Statement::step
  [[nodiscard]] core::Status execute(Sql script);
  /// errors: kInternal the SQL is wrong (our bug); kIntegrity, kIo the schema could not be read
  [[nodiscard]] core::Result<Statement> prepare(Sql sql);
  /// The first column of the first row, an integer. errors: kNotFound no row; as Statement::step
  [[nodiscard]] core::Result<std::int64_t> query_integer(Sql sql);

  /// Makes the statement that runs now, and those waiting for the file, end with kCancelled. thread: any, while the connection lives
  void interrupt();
  /// How long a statement waits for a file somebody else has locked. Default: 5 s.
  void set_busy_timeout(std::chrono::milliseconds timeout);
  /// Rows the last INSERT, UPDATE or DELETE changed.
  [[nodiscard]] std::int64_t changes() const;
  /// Whether a transaction is open; an I/O error or a full disk may have ended one.
  [[nodiscard]] bool in_transaction() const;

  /// Pages in the write-ahead log after this connection's last commit.
  [[nodiscard]] std::int64_t wal_pages() const;
  enum class Checkpoint : std::uint8_t {
    kPassive,   ///< copies what it can without waiting for readers
    kRestart,   ///< waits for readers, so that the log starts anew
    kTruncate,  ///< as kRestart, and empties the log file
  };
  /// Copies the write-ahead log into the database. errors: kConflict readers were in the way (kRestart, kTruncate); kIo
  [[nodiscard]] core::Status checkpoint(Checkpoint how);
  /// Looks for damage: structure of every page and the order of its rows. errors: kIntegrity saying what is wrong; cost: reads the file
  [[nodiscard]] core::Status check_integrity();
  /// Writes what this connection sees (within a transaction: what that sees) to a new file, page by page: 0600, on the disk on return, without a log beside it.
  ///
  /// errors: kConflict the file is there; kResourceExhausted no room; kIntegrity, kIo, kPermissionDenied. On error the file, if it was made, is of no use. cost: reads and writes the whole database
  [[nodiscard]] core::Status copy_to(const std::filesystem::path& file);

 private:
  struct Impl;
  explicit Connection(std::unique_ptr<Impl> impl);
  friend class Inquiry;
  friend class Transaction;
  friend class Savepoint;
  enum class Control : std::uint8_t {
    kBegin,
    kCommit,
    kRollback,
    kSavepoint,
    kRelease,
    kRollbackTo
  };
  /// Runs one of the statements that are prepared once for each connection.
  [[nodiscard]] core::Status control(Control what);
  std::unique_ptr<Impl> impl_;
};

/// The version of the SQLite linked in, `3.54.0`.
[[nodiscard]] std::string_view library_version();

}  // namespace every::sql
