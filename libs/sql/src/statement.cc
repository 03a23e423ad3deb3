#include "every/sql/statement.h"

#include <utility>

#include "error.h"
#include <sqlite3.h>

namespace every::sql {

Statement::Statement(Statement&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)),
      bind_error_(std::exchange(other.bind_error_, 0)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  if (this != &other) {
    sqlite3_finalize(statement_);
    statement_ = std::exchange(other.statement_, nullptr);
    bind_error_ = std::exchange(other.bind_error_, 0);
  }
  return *this;
}

Statement::~Statement() {
  sqlite3_finalize(statement_);
}

Statement& Statement::bind(int position, std::int64_t value) {
  const int result = sqlite3_bind_int64(statement_, position, value);
  if (result != SQLITE_OK) bind_error_ = result;
  return *this;
}

Statement& Statement::bind(int position, std::string_view text) {
  // A null pointer would bind NULL.
  const char* data = text.data() != nullptr ? text.data() : "";
  const int result =
      sqlite3_bind_text64(statement_, position, data, text.size(), SQLITE_STATIC, SQLITE_UTF8);
  if (result != SQLITE_OK) bind_error_ = result;
  return *this;
}

Statement& Statement::bind(int position, core::BytesView bytes) {
  const void* data = bytes.data() != nullptr ? static_cast<const void*>(bytes.data()) : "";
  const int result = sqlite3_bind_blob64(statement_, position, data, bytes.size(), SQLITE_STATIC);
  if (result != SQLITE_OK) bind_error_ = result;
  return *this;
}

Statement& Statement::bind_null(int position) {
  const int result = sqlite3_bind_null(statement_, position);
  if (result != SQLITE_OK) bind_error_ = result;
  return *this;
}

core::Result<Statement::Step> Statement::step() {
  sqlite3* database = sqlite3_db_handle(statement_);
  if (bind_error_ != 0) {
    auto error = sqlite_error(database, std::exchange(bind_error_, 0), "cannot use the database");
    reset();
    return core::fail(std::move(error));
  }
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) return Step::kRow;
  if (result == SQLITE_DONE) {
    reset();
    return Step::kDone;
  }
  const std::string_view what = sqlite3_stmt_readonly(statement_) != 0
                                    ? "cannot read the database"
                                    : "cannot write the database";
  auto error = sqlite_error(database, result, what);
  reset();
  return core::fail(std::move(error));
}

core::Status Statement::run() {
  for (;;) {
    EVERY_TRY_ASSIGN(const auto result, step());
    if (result == Step::kDone) return {};
  }
}

int Statement::recompilations() const {
  return sqlite3_stmt_status(statement_, SQLITE_STMTSTATUS_REPREPARE, 0);
}

void Statement::reset() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  bind_error_ = 0;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string_view Statement::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (data == nullptr) return {};
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

core::BytesView Statement::bytes(int column) const {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
  if (data == nullptr) return {};
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

int Statement::columns() const {
  return sqlite3_column_count(statement_);
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

}  // namespace every::sql
