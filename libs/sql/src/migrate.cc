#include "every/sql/migrate.h"

#include <string>

#include "every/sql/transaction.h"

namespace every::sql {

using core::ErrorCode;

core::Result<std::int64_t> version_of(Connection& connection, const Schema& schema) {
  EVERY_TRY_ASSIGN(const auto version, connection.query_integer("PRAGMA user_version"));
  EVERY_TRY_ASSIGN(const auto application, connection.query_integer("PRAGMA application_id"));
  if (application != schema.application_id) {
    return core::fail(ErrorCode::kConflict, "the file is not a " + std::string(schema.what) +
                                                " of every (application id " +
                                                std::to_string(application) + ", expected " +
                                                std::to_string(schema.application_id) +
                                                "); choose another path");
  }
  if (version > schema.newest() || version < 0) {
    return core::fail(
        ErrorCode::kUnsupported,
        "the " + std::string(schema.what) + " was written by a newer every (format version " +
            std::to_string(version) + ", this one knows up to " + std::to_string(schema.newest()) +
            "); use that version, or another --home");
  }
  return version;
}

core::Status migrate(Connection& connection, const Schema& schema) {
  EVERY_TRY_ASSIGN(auto version, connection.query_integer("PRAGMA user_version"));
  EVERY_TRY_ASSIGN(const auto application, connection.query_integer("PRAGMA application_id"));
  EVERY_TRY_ASSIGN(const auto tables,
                   connection.query_integer("SELECT count(*) FROM sqlite_schema"));
  const bool fresh = version == 0 && application == 0 && tables == 0;
  if (!fresh) {
    EVERY_TRY_ASSIGN(version, version_of(connection, schema));
  }
  for (const Migration& migration : schema.migrations) {
    if (migration.version <= version) continue;
    EVERY_TRY_ASSIGN(auto transaction, Transaction::begin(connection));
    if (fresh && &migration == &schema.migrations.front())
      EVERY_TRY(connection.execute(schema.set_application_id));
    EVERY_TRY(connection.execute(migration.script));
    EVERY_TRY(transaction.commit());
  }
  return {};
}

}  // namespace every::sql
