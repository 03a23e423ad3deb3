#include "every/sql/connection.h"

#include <algorithm>
#include <cerrno>
#include <string>
#include <thread>
#include <utility>

#include "connection_impl.h"
#include "error.h"
#include <fcntl.h>

#include "every/core/file.h"

namespace every::sql {

using core::ErrorCode;

namespace {

// SQLite's files in memory. To its pager they are files: in a database that is only pages (":memory:") each commit looks at all of them.
constexpr const char* kMemorySystem = "memdb";
// The system's memory ends before; SQLite would end at 1 GiB.
constexpr sqlite3_int64 kMostMemoryBytes = sqlite3_int64{1} << 40;

/// Waits a little longer each time, in total as long as allowed; ends early when interrupted.
int wait_while_busy(sqlite3* database, std::int64_t allowed_millis, int attempt) {
  if (sqlite3_is_interrupted(database) != 0) return 0;
  const std::int64_t step = std::min<std::int64_t>(1 + attempt, 25);
  const std::int64_t waited = attempt < 25 ? std::int64_t{attempt} * (attempt + 1) / 2
                                           : 325 + (attempt - 25) * std::int64_t{25};
  if (waited >= allowed_millis) return 0;
  std::this_thread::sleep_for(std::chrono::milliseconds(std::min(step, allowed_millis - waited)));
  return 1;
}

/// SQLite makes files as the umask allows; ours are the user's alone. Its log and index files take the same mode.
core::Status make_private_file(const std::filesystem::path& file) {
  // Never open a database that is already there: closing the descriptor would drop SQLite's locks on it.
  const core::UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (fd.valid() || errno == EEXIST) return {};
  return core::fail(core::system_error("cannot make the database", file, errno));
}

core::Status run_pragma(sqlite3* database, const std::string& pragma) {
  const int result = sqlite3_exec(database, pragma.c_str(), nullptr, nullptr, nullptr);
  if (result != SQLITE_OK)
    return core::fail(sqlite_error(database, result, "cannot open the database"));
  return {};
}

core::Status set_up(sqlite3* database, const OpenOptions& options) {
  const auto run = [&](const std::string& pragma) { return run_pragma(database, pragma); };
  EVERY_TRY(run("PRAGMA cache_size = -" +
                std::to_string(std::max<std::int64_t>(options.cache_bytes / 1024, 64))));
  EVERY_TRY(run("PRAGMA temp_store = MEMORY"));
  EVERY_TRY(run("PRAGMA cell_size_check = ON"));
  EVERY_TRY(run("PRAGMA trusted_schema = OFF"));
  return {};
}

core::Status set_up_memory(sqlite3* database) {
  sqlite3_int64 most = kMostMemoryBytes;
  sqlite3_file_control(database, "main", SQLITE_FCNTL_SIZE_LIMIT, &most);
  EVERY_TRY(run_pragma(database, "PRAGMA locking_mode = EXCLUSIVE"));
  EVERY_TRY(run_pragma(database, "PRAGMA journal_mode = MEMORY"));
  return run_pragma(database, "PRAGMA synchronous = OFF");
}

core::Status set_up_file(sqlite3* database, const OpenOptions& options) {
  const auto run = [&](const std::string& pragma) { return run_pragma(database, pragma); };
  if (options.mode == Mode::kReadOnly) return run("PRAGMA query_only = ON");
  EVERY_TRY(run("PRAGMA page_size = " + std::to_string(options.page_bytes)));
  // What is deleted from a file made here can be given back in steps; a file made without is left as it is.
  if (sqlite3_stmt* pages = nullptr;
      sqlite3_prepare_v2(database, "PRAGMA page_count", -1, &pages, nullptr) == SQLITE_OK) {
    const bool is_new = sqlite3_step(pages) == SQLITE_ROW && sqlite3_column_int64(pages, 0) == 0;
    sqlite3_finalize(pages);
    if (is_new) EVERY_TRY(run("PRAGMA auto_vacuum = INCREMENTAL"));
  }
  // A new database begins with a journal that is then deleted; if the deletion were lost with the power, all that came after it would be, too.
  EVERY_TRY(run("PRAGMA synchronous = EXTRA"));
  EVERY_TRY(run("PRAGMA journal_mode = WAL"));
  // A file system without shared memory keeps the old mode, silently.
  std::string mode;
  const auto keep = [](void* out, int, char** values, char**) {
    *static_cast<std::string*>(out) = values[0];
    return 0;
  };
  sqlite3_exec(database, "PRAGMA journal_mode", keep, &mode, nullptr);
  if (mode != "wal") {
    return core::fail(ErrorCode::kUnsupported,
                      std::string("the file system of ") + sqlite3_db_filename(database, "main") +
                          " cannot hold a database with a write-ahead log (it stays in mode " +
                          mode + "); use a --home on a local disk");
  }
  EVERY_TRY(run("PRAGMA journal_size_limit = 67108864"));
  switch (options.sync) {
    case Sync::kFull:
      return run("PRAGMA synchronous = FULL");
    case Sync::kNormal:
      return run("PRAGMA synchronous = NORMAL");
    case Sync::kOff:
      return run("PRAGMA synchronous = OFF");
  }
  return {};
}

}  // namespace

Connection::Connection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Connection::~Connection() = default;

core::Result<std::unique_ptr<Connection>> Connection::open(const std::filesystem::path& file,
                                                           const OpenOptions& options) {
  // SQLite's memory statistics take a lock of the whole process at each allocation. Only the first call can say so.
  static const int no_statistics = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(no_statistics);
  auto impl = std::make_unique<Impl>();
  const bool memory = file.empty();
  if (!memory && options.mode == Mode::kReadWrite) EVERY_TRY(make_private_file(file));
  const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (options.mode == Mode::kReadOnly ? SQLITE_OPEN_READONLY
                                                     : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  // An absolute path keeps `file:` at its front from being read as a URI.
  std::error_code ignored;
  const std::string name = memory ? "memory" : std::filesystem::absolute(file, ignored).string();
  int result =
      sqlite3_open_v2(name.c_str(), &impl->database, flags, memory ? kMemorySystem : nullptr);
  if (result != SQLITE_OK) {
    auto error = sqlite_error(impl->database, result, "cannot open the database");
    if (!memory && impl->database == nullptr) error.message += " " + name;
    return core::fail(std::move(error));
  }
  Impl* raw = impl.get();
  sqlite3_busy_handler(
      raw->database,
      [](void* context, int attempt) {
        const auto* self = static_cast<Impl*>(context);
        return wait_while_busy(self->database, self->busy_millis.load(), attempt);
      },
      raw);
  sqlite3_db_config(raw->database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  // Without this, a statement whose plan might depend on a parameter's value is compiled anew at each use.
  sqlite3_db_config(raw->database, SQLITE_DBCONFIG_ENABLE_QPSG, 1, nullptr);
  EVERY_TRY(set_up(raw->database, options));
  EVERY_TRY(memory ? set_up_memory(raw->database) : set_up_file(raw->database, options));
  if (memory) return std::unique_ptr<Connection>(new Connection(std::move(impl)));
  if (options.mode == Mode::kReadOnly || options.on_close == OnClose::kLeaveLog)
    sqlite3_db_config(raw->database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  if (options.mode == Mode::kReadWrite) {
    // The hook takes the place of automatic checkpoints.
    sqlite3_wal_hook(
        raw->database,
        [](void* context, sqlite3*, const char*, int pages) {
          auto* self = static_cast<Impl*>(context);
          self->wal_pages = pages;
          return self->log_writes.flush();
        },
        raw);
    // The log is open once something was read.
    EVERY_TRY(run_pragma(raw->database, "SELECT count(*) FROM sqlite_schema"));
    raw->log_writes.attach(raw->database);
  }
  return std::unique_ptr<Connection>(new Connection(std::move(impl)));
}

core::Result<std::unique_ptr<Connection>> Connection::open_memory() {
  return open({}, {.mode = Mode::kReadWrite, .sync = Sync::kOff});
}

core::Status Connection::execute(Sql script) {
  const std::string text(script.text());
  const int result = sqlite3_exec(impl_->database, text.c_str(), nullptr, nullptr, nullptr);
  if (result != SQLITE_OK)
    return core::fail(sqlite_error(impl_->database, result, "cannot use the database"));
  return {};
}

core::Result<Statement> Connection::prepare(Sql sql) {
  sqlite3_stmt* statement = nullptr;
  const int result =
      sqlite3_prepare_v3(impl_->database, sql.text().data(), static_cast<int>(sql.text().size()),
                         SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (result != SQLITE_OK)
    return core::fail(sqlite_error(impl_->database, result, "cannot read the tables of"));
  return Statement(statement);
}

core::Status Connection::control(Control what) {
  static constexpr std::array<Sql, 6> kTexts = {Sql("BEGIN IMMEDIATE"), Sql("COMMIT"),
                                                Sql("ROLLBACK"),        Sql("SAVEPOINT part"),
                                                Sql("RELEASE part"),    Sql("ROLLBACK TO part")};
  const auto index = static_cast<std::size_t>(what);
  Statement& statement = impl_->controls[index];
  if (!statement.prepared()) {
    EVERY_TRY_ASSIGN(statement, prepare(kTexts[index]));
  }
  return statement.run();
}

core::Result<std::int64_t> Connection::query_integer(Sql sql) {
  EVERY_TRY_ASSIGN(auto statement, prepare(sql));
  EVERY_TRY_ASSIGN(const auto step, statement.step());
  if (step == Statement::Step::kDone)
    return core::fail(ErrorCode::kNotFound, "a query gave no row");
  return statement.integer(0);
}

void Connection::interrupt() {
  sqlite3_interrupt(impl_->database);
}
void Connection::set_busy_timeout(std::chrono::milliseconds timeout) {
  impl_->busy_millis = timeout.count();
}
std::int64_t Connection::changes() const {
  return sqlite3_changes64(impl_->database);
}
bool Connection::in_transaction() const {
  return sqlite3_get_autocommit(impl_->database) == 0;
}
std::int64_t Connection::wal_pages() const {
  return impl_->wal_pages;
}

core::Status Connection::checkpoint(Checkpoint how) {
  const int mode = how == Checkpoint::kPassive   ? SQLITE_CHECKPOINT_PASSIVE
                   : how == Checkpoint::kRestart ? SQLITE_CHECKPOINT_RESTART
                                                 : SQLITE_CHECKPOINT_TRUNCATE;
  const int result = sqlite3_wal_checkpoint_v2(impl_->database, nullptr, mode, nullptr, nullptr);
  if (result == SQLITE_OK || (how == Checkpoint::kPassive && (result & 0xff) == SQLITE_BUSY))
    return {};
  return core::fail(sqlite_error(impl_->database, result, "cannot move the log into the database"));
}

core::Status Connection::check_integrity() {
  EVERY_TRY_ASSIGN(auto statement, prepare("PRAGMA quick_check(1)"));
  EVERY_TRY_ASSIGN(const auto step, statement.step());
  if (step == Statement::Step::kRow && statement.text(0) == "ok") return {};
  const std::string problem(step == Statement::Step::kRow ? statement.text(0) : "no answer");
  return core::fail(ErrorCode::kIntegrity, std::string("the database ") +
                                               sqlite3_db_filename(impl_->database, "main") +
                                               " is damaged: " + problem);
}

std::string_view library_version() {
  return sqlite3_libversion();
}

}  // namespace every::sql
