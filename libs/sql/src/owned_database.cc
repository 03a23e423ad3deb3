#include "every/sql/owned_database.h"

#include <string>
#include <utility>

#include "every/core/file.h"
#include "every/sql/salvage.h"

namespace every::sql {
namespace {

// Longer ones take more than a moment to look through; their rows are checked as they are read.
constexpr std::uintmax_t kLargestChecked = 128U << 20;

core::Result<std::shared_ptr<Connection>> open_sound(const std::filesystem::path& file,
                                                     const Schema& schema,
                                                     const OpenOptions& options) {
  std::error_code ignored;
  std::filesystem::path log = file;
  log += "-wal";
  // A log with content is what a process leaves that did not close the database.
  const bool unclean =
      std::filesystem::exists(log, ignored) && std::filesystem::file_size(log, ignored) > 0;
  EVERY_TRY_ASSIGN(std::shared_ptr<Connection> connection, Connection::open(file, options));
  EVERY_TRY(migrate(*connection, schema));
  // One that was made before files could become shorter in steps is written anew, once, where that takes no more than a moment.
  EVERY_TRY_ASSIGN(const auto shrinks, connection->query_integer("PRAGMA auto_vacuum"));
  if (shrinks == 0 && std::filesystem::file_size(file, ignored) <= kLargestChecked)
    (void)connection->execute("PRAGMA auto_vacuum = INCREMENTAL; VACUUM");
  if (unclean && std::filesystem::file_size(file, ignored) <= kLargestChecked)
    EVERY_TRY(connection->check_integrity());
  return connection;
}

}  // namespace

core::Result<OwnedDatabase> open_owned(const std::filesystem::path& file, const Schema& schema,
                                       const OpenOptions& options) {
  std::error_code ignored;
  if (file.has_parent_path() && !std::filesystem::exists(file.parent_path(), ignored)) {
    EVERY_TRY(core::ensure_private_directory(file.parent_path()));
  }
  EVERY_TRY_ASSIGN(auto lock, DatabaseLock::take(file));
  // A repair that was interrupted when its new database was whole is done first: nothing may be written to the damaged one any more.
  EVERY_TRY(finish_repair(file));
  auto connection = open_sound(file, schema, options);
  if (!connection) {
    core::Error error = std::move(connection).error();
    if (error.code == core::ErrorCode::kIntegrity) {
      error.message +=
          "; the " + std::string(schema.what) + " " + file.string() +
          " is not used. Mend it with: every doctor --repair (what cannot be read goes: " +
          std::string(schema.when_lost) +
          "; the damaged file is kept), or put back a copy made by every backup";
    }
    return core::fail(std::move(error));
  }
  return OwnedDatabase{std::move(lock), std::move(*connection)};
}

}  // namespace every::sql
