#pragma once

#include <filesystem>
#include <memory>

#include "every/core/error.h"
#include "every/sql/connection.h"
#include "every/sql/database_lock.h"
#include "every/sql/migrate.h"

namespace every::sql {

/// A database this process alone holds, at its newest version, with its first writing connection.
struct OwnedDatabase {
  DatabaseLock lock;
  std::shared_ptr<Connection> connection;
};

/// Opens (or makes) a database of ours: takes its lock, brings it to the newest version and, when it was not closed well and is
/// no larger than 128 MiB, looks through it for damage. One of up to 128 MiB that cannot give back space in steps is written anew so that it can. Missing
/// directories are made, 0700.
///
/// errors: kConflict another process holds it, or the file is of another kind; kIntegrity damaged (says how to repair);
///         kUnsupported written by a newer version; kPermissionDenied, kResourceExhausted, kIo
[[nodiscard]] core::Result<OwnedDatabase> open_owned(const std::filesystem::path& file,
                                                     const Schema& schema,
                                                     const OpenOptions& options);

}  // namespace every::sql
