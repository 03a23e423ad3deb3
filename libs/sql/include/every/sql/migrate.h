#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "every/core/error.h"
#include "every/sql/connection.h"

namespace every::sql {

/// One step of a schema: from the version before to `version`.
struct Migration {
  std::int64_t version;
  Sql script;  ///< ends with `PRAGMA user_version = <version>`
};

/// What a file is for, so that one kind is never opened as another.
struct Schema {
  std::string_view what;  ///< for messages: `store`, `block store`
  std::string_view
      when_lost;  ///< for messages: what becomes of the content when the file is given up
  std::int64_t application_id;            ///< of SQLite's header
  Sql set_application_id;                 ///< `PRAGMA application_id = <application_id>`
  std::span<const Migration> migrations;  ///< versions 1, 2, 3 …

  [[nodiscard]] std::int64_t newest() const {
    return migrations.empty() ? 0 : migrations.back().version;
  }
};

/// The version of a database of this kind, which is left as it is. errors: kConflict another kind; kUnsupported newer than this program; kIntegrity, kIo
[[nodiscard]] core::Result<std::int64_t> version_of(Connection& connection, const Schema& schema);

/// Brings a database to the newest version, each step in a transaction of its own.
///
/// errors: kUnsupported written by a newer version (both versions are named); kConflict the file is of another kind;
///         kIntegrity damaged; kIo
[[nodiscard]] core::Status migrate(Connection& connection, const Schema& schema);

}  // namespace every::sql
