#pragma once

#include <string_view>

#include <sqlite3.h>

#include "every/core/error.h"

// 3.51.3 fixes a corruption when a write-ahead log is reset while another connection checkpoints.
static_assert(SQLITE_VERSION_NUMBER >= 3051003,
              "SQLite 3.51.3 or newer is needed: take the one of engines/, not the system's");

namespace every::sql {

/// The error of a result code: what was tried, on which file, SQLite's words, and what to do where there is something to do.
[[nodiscard]] core::Error sqlite_error(sqlite3* database, int result, std::string_view what);
/// Our code for an extended result code. in: system_errno   of the call that failed, 0 when unknown
[[nodiscard]] core::ErrorCode code_of(int result, int system_errno);

}  // namespace every::sql
