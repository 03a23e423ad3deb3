#pragma once

#include <filesystem>
#include <memory>

#include "every/core/error.h"
#include "every/sql/connection.h"
#include "every/sql/migrate.h"

namespace every::sql {

/// A connection that sees a database of ours as it is now for as long as it lives, whatever is written meanwhile, by this process or another: for
/// Connection::copy_to and check_integrity. Until it goes, the write-ahead log only grows.
///
/// errors: kNotFound no such file; as version_of and Connection::open
[[nodiscard]] core::Result<std::unique_ptr<Connection>> open_snapshot(
    const std::filesystem::path& file, const Schema& schema);

}  // namespace every::sql
