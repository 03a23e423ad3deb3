#include "error.h"

#include <cerrno>
#include <string>

namespace every::sql {

using core::ErrorCode;

core::ErrorCode code_of(int result, int system_errno) {
  // A full disk shows itself in several calls, not only as SQLITE_FULL.
  if ((result & 0xff) == SQLITE_IOERR && (system_errno == ENOSPC || system_errno == EDQUOT)) {
    return ErrorCode::kResourceExhausted;
  }
  switch (result & 0xff) {
    case SQLITE_FULL:
    case SQLITE_NOMEM:
    case SQLITE_TOOBIG:
      return ErrorCode::kResourceExhausted;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorCode::kIntegrity;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_CONSTRAINT:
      return ErrorCode::kConflict;
    case SQLITE_INTERRUPT:
      return ErrorCode::kCancelled;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
      return ErrorCode::kPermissionDenied;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL:
    case SQLITE_NOLFS:
      return ErrorCode::kIo;
    default:
      return ErrorCode::kInternal;
  }
}

core::Error sqlite_error(sqlite3* database, int result, std::string_view what) {
  const char* file = database != nullptr ? sqlite3_db_filename(database, "main") : nullptr;
  const int system_errno = database != nullptr ? sqlite3_system_errno(database) : 0;
  const ErrorCode code =
      (result & 0xff) == SQLITE_BUSY && database != nullptr && sqlite3_is_interrupted(database) != 0
          ? ErrorCode::kCancelled
          : code_of(result, system_errno);
  std::string message(what);
  if (file != nullptr && *file != '\0') message += std::string(" ") + file;
  message += ": ";
  message += sqlite3_errstr(result);
  // The connection's own text says more, when it is about this failure.
  if (database != nullptr && sqlite3_extended_errcode(database) == result) {
    const std::string detail = sqlite3_errmsg(database);
    if (detail != sqlite3_errstr(result)) message += " (" + detail + ")";
  }
  if (code == ErrorCode::kResourceExhausted && (result & 0xff) != SQLITE_TOOBIG)
    message += "; make room and try again";
  core::Error error{code, std::move(message), {{"sqlite", std::to_string(result)}}};
  if (file != nullptr && *file != '\0') error.context.emplace_back("path", file);
  return error;
}

}  // namespace every::sql
