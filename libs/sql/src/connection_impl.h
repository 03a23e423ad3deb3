#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include <sqlite3.h>

#include "log_writes.h"

#include "every/sql/connection.h"

namespace every::sql {

/// What a connection holds, for the files of this library that need more of SQLite than a statement.
struct Connection::Impl {
  LogWrites log_writes;  // outlives the handle
  sqlite3* database = nullptr;
  std::atomic<std::int64_t> busy_millis{5000};
  std::int64_t wal_pages = 0;
  std::array<Statement, 6> controls;

  ~Impl() {
    controls = {};
    log_writes.detach();
    // Statements go first, by contract; close_v2 keeps the handle alive until they do if one did not.
    if (database != nullptr) sqlite3_close_v2(database);
  }
};

}  // namespace every::sql
