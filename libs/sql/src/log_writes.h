#pragma once

#include <cstdint>

#include <sqlite3.h>

#include "every/core/bytes.h"

namespace every::sql {

/// Gathers what a connection writes to its write-ahead log, so that a transaction costs one write instead of two a page.
///
/// Holds that the whole of a transaction is with the system before SQLite makes it visible to other connections or asks for it to be synced: what
/// is gathered is written when the frame that commits is complete, before every other use of the file, and by `flush`. An error of a gathered
/// write is the error of the call that made it due. So a transaction fails as a whole, as it does without this.
///
/// thread: that of the connection. The object outlives the handle, or is detached before.
/// source: SQLite's database file format, 4.1 (frames of the log); `sqlite3_file_control`, `SQLITE_FCNTL_JOURNAL_POINTER`
class LogWrites {
 public:
  LogWrites() = default;
  LogWrites(const LogWrites&) = delete;
  LogWrites& operator=(const LogWrites&) = delete;

  /// Takes the place of the methods of the log that `database` has open; does nothing where it has none.
  void attach(sqlite3* database);
  /// Gives the file its own methods back; what no commit asked for is dropped.
  void detach();
  /// Writes what is still gathered: after a commit, for rewritten checksums. out: an SQLite result code
  [[nodiscard]] int flush();

 private:
  // The methods are the first member: SQLite gives the file, the file names its methods, and these are ours.
  struct Methods : sqlite3_io_methods {
    LogWrites* owner;
  };
  static LogWrites& of(sqlite3_file* file);
  /// A method of the file's own, once what is gathered was written.
  template <auto Method, typename... Arguments>
  static int after_flush(sqlite3_file* log, Arguments... arguments);
  int write(core::BytesView bytes, sqlite3_int64 offset);

  Methods methods_{};
  const sqlite3_io_methods* real_ = nullptr;
  sqlite3_file* file_ = nullptr;
  core::Bytes gathered_;
  sqlite3_int64 offset_ = 0;  // in the log, of what is gathered
  bool commits_ = false;      // the frame whose header came last
};

}  // namespace every::sql
