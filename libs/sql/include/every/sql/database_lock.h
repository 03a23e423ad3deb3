#pragma once

#include <filesystem>

#include "every/core/error.h"
#include "every/core/file.h"

namespace every::sql {

/// The right to use a database file: one holder at a time, in this process or any other. Released when destroyed, and by the
/// kernel when the process dies in any way. Guards what SQLite's own locks do not: two owners that each keep state about the file.
class DatabaseLock {
 public:
  /// Takes the lock file `<file>.lock` beside the database. errors: kConflict somebody else holds it; kPermissionDenied, kIo
  [[nodiscard]] static core::Result<DatabaseLock> take(const std::filesystem::path& file);

 private:
  explicit DatabaseLock(core::UniqueFd fd) : fd_(std::move(fd)) {}
  core::UniqueFd fd_;
};

}  // namespace every::sql
