#include "every/sql/snapshot.h"

#include <cerrno>
#include <string>
#include <utility>

#include "connection_impl.h"
#include "error.h"
#include <fcntl.h>
#include <unistd.h>

#include "every/core/file.h"

namespace every::sql {
namespace {

/// The file a copy goes to. It is thrown away if anything fails, so nothing is journalled, and it is put on the disk once, at the end.
class Target {
 public:
  explicit Target(const std::filesystem::path& file) : name_(std::filesystem::absolute(file)) {}
  ~Target() { close(); }
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;

  core::Status open(const char* settings) {
    close();
    const int opened = sqlite3_open_v2(name_.c_str(), &database_,
                                       SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, nullptr);
    if (opened != SQLITE_OK) return failed(opened);
    return run(settings);
  }
  core::Status run(const char* statement) {
    const int result = sqlite3_exec(database_, statement, nullptr, nullptr, nullptr);
    if (result != SQLITE_OK) return failed(result);
    return {};
  }
  core::Status failed(int result) {
    return core::fail(sqlite_error(database_, result, "cannot write the copy"));
  }
  void close() { sqlite3_close_v2(std::exchange(database_, nullptr)); }
  [[nodiscard]] sqlite3* database() const { return database_; }

 private:
  std::string name_;
  sqlite3* database_ = nullptr;
};

}  // namespace

core::Result<std::unique_ptr<Connection>> open_snapshot(const std::filesystem::path& file,
                                                        const Schema& schema) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored))
    return core::fail(core::system_error("cannot open", file, ENOENT));
  EVERY_TRY_ASSIGN(auto connection, Connection::open(file, {.mode = Mode::kReadOnly}));
  // The first reading is what fixes the moment.
  EVERY_TRY(connection->execute("BEGIN; SELECT count(*) FROM sqlite_schema"));
  EVERY_TRY(version_of(*connection, schema));
  return connection;
}

core::Status Connection::copy_to(const std::filesystem::path& file) {
  {
    const core::UniqueFd made(::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!made.valid() && errno == EEXIST)
      return core::fail(core::ErrorCode::kConflict,
                        file.string() + " is there already, and nothing is overwritten");
    if (!made.valid()) return core::fail(core::system_error("cannot write", file, errno));
  }
  Target target(file);
  EVERY_TRY(target.open("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF"));
  sqlite3_backup* copying = sqlite3_backup_init(target.database(), "main", impl_->database, "main");
  if (copying == nullptr) return target.failed(sqlite3_extended_errcode(target.database()));
  const int copied = sqlite3_backup_step(copying, -1);
  const int finished = sqlite3_backup_finish(copying);
  if (copied != SQLITE_DONE) return target.failed(copied);
  if (finished != SQLITE_OK) return target.failed(finished);
  // Pages are copied as they are, the mark that says "with a write-ahead log" too. Without it the file can be read where nothing can be written.
  EVERY_TRY(target.open("PRAGMA journal_mode = DELETE"));
  target.close();
  const core::UniqueFd written(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!written.valid() || ::fsync(written.get()) != 0)
    return core::fail(core::system_error("cannot write", file, errno));
  return {};
}

}  // namespace every::sql
