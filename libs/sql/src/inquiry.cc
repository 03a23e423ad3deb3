#include "every/sql/inquiry.h"

#include <cerrno>
#include <utility>

#include "connection_impl.h"
#include "error.h"

#include "every/core/file.h"

namespace every::sql {
namespace {

using core::ErrorCode;

// Virtual machine steps between two looks at the clock.
constexpr int kStepsBetweenLooks = 1000;

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using StatementPtr = std::unique_ptr<sqlite3_stmt, Finalize>;

// A statement's own values may be read as a function's are: connections here are never shared by threads.
Cell cell_of(sqlite3_value* value) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
      return std::int64_t{sqlite3_value_int64(value)};
    case SQLITE_FLOAT:
      return sqlite3_value_double(value);
    case SQLITE_TEXT:
      return std::string_view(reinterpret_cast<const char*>(sqlite3_value_text(value)),
                              static_cast<std::size_t>(sqlite3_value_bytes(value)));
    case SQLITE_BLOB:
      return core::BytesView(static_cast<const std::uint8_t*>(sqlite3_value_blob(value)),
                             static_cast<std::size_t>(sqlite3_value_bytes(value)));
    default:
      return std::monostate();
  }
}

void call_text_function(sqlite3_context* context, int /*count*/, sqlite3_value** values) {
  const auto* function = static_cast<const TextFunction*>(sqlite3_user_data(context));
  const auto text = function->text_of(cell_of(values[0]));
  if (!text) return sqlite3_result_null(context);
  sqlite3_result_text64(context, text->data(), text->size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

/// What a question may do. in: inside   the view (or named part of the question) that reads, null at the question's own level
int authorize(void* /*context*/, int action, const char* first, const char* second,
              const char* database, const char* inside) {
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_FUNCTION:
    case SQLITE_RECURSIVE:
      return SQLITE_OK;
    case SQLITE_READ: {
      const std::string_view table = first != nullptr ? first : "";
      // Without a column no content is read: rows are counted.
      const bool counted = second == nullptr || *second == '\0';
      const bool of_view = database != nullptr && std::string_view(database) == "temp";
      const bool of_json = table == "json_each" || table == "json_tree";
      return inside != nullptr || counted || of_view || of_json ? SQLITE_OK : SQLITE_DENY;
    }
    default:
      return SQLITE_DENY;
  }
}

/// The rules for a question, as long as one is asked.
class Guard {
 public:
  Guard(sqlite3* database, std::chrono::nanoseconds time)
      : database_(database), end_(std::chrono::steady_clock::now() + time) {
    sqlite3_set_authorizer(database_, authorize, nullptr);
    sqlite3_progress_handler(
        database_, kStepsBetweenLooks,
        [](void* self) { return static_cast<Guard*>(self)->is_late() ? 1 : 0; }, this);
  }
  ~Guard() {
    sqlite3_progress_handler(database_, 0, nullptr, nullptr);
    sqlite3_set_authorizer(database_, nullptr, nullptr);
  }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;
  [[nodiscard]] bool is_late() const { return std::chrono::steady_clock::now() >= end_; }

 private:
  sqlite3* database_;
  std::chrono::steady_clock::time_point end_;
};

/// A failure whose cause is the question itself, or else that of the database.
std::unexpected<core::Error> refused(sqlite3* database, int result) {
  const int kind = result & 0xff;
  if (kind == SQLITE_INTERRUPT)
    return core::fail(ErrorCode::kTimeout,
                      "the question took longer than it may; ask for less, or allow more time");
  if (kind == SQLITE_ERROR || kind == SQLITE_AUTH || kind == SQLITE_RANGE ||
      kind == SQLITE_MISMATCH)
    return core::fail(ErrorCode::kInvalidArgument, sqlite3_errmsg(database));
  return core::fail(sqlite_error(database, result, "cannot read the database"));
}

std::unexpected<core::Error> wrong(const char* why) {
  return core::fail(ErrorCode::kInvalidArgument, why);
}

/// errors: kInvalidArgument it is not exactly one statement that gives rows
core::Result<StatementPtr> prepare_one(sqlite3* database, const std::string& text) {
  StatementPtr found;
  const char* rest = text.data();
  const char* const end = text.data() + text.size();
  while (rest < end) {
    sqlite3_stmt* next = nullptr;
    const int result =
        sqlite3_prepare_v2(database, rest, static_cast<int>(end - rest), &next, &rest);
    StatementPtr statement(next);
    if (result != SQLITE_OK) return refused(database, result);
    if (!statement) continue;  // a comment, or nothing between two semicolons
    if (found) return wrong("there is more than one statement; ask one question at a time");
    found = std::move(statement);
  }
  if (!found) return wrong("there is no statement in it");
  if (sqlite3_column_count(found.get()) == 0 || sqlite3_stmt_readonly(found.get()) == 0)
    return wrong("this is no question: a statement that reads begins with SELECT or WITH");
  if (sqlite3_bind_parameter_count(found.get()) > 0)
    return wrong("it has parameters (?, :name), which nothing gives values; write the values");
  return found;
}

core::Status attach(Connection& connection, const InquiryPart& part) {
  EVERY_TRY_ASSIGN(auto statement, connection.prepare(part.attach));
  const std::string name = std::filesystem::absolute(part.file).string();
  return statement.bind(1, std::string_view(name)).run();
}

core::Status check_version(Connection& connection, const InquiryPart& part) {
  EVERY_TRY_ASSIGN(const auto version, version_of(connection, *part.schema));
  if (version == part.schema->newest()) return {};
  return core::fail(ErrorCode::kUnsupported,
                    "the " + std::string(part.schema->what) + " " + part.file.string() +
                        " was last used by an older every (format version " +
                        std::to_string(version) +
                        "); use it once with this one, with `every runs` say, and ask again");
}

}  // namespace

core::Result<std::unique_ptr<Inquiry>> Inquiry::open(std::span<const InquiryPart> parts,
                                                     std::span<const TextFunction> functions) {
  for (const InquiryPart& part : parts) {
    std::error_code ignored;
    if (!std::filesystem::exists(part.file, ignored))
      return core::fail(core::system_error("cannot open", part.file, ENOENT));
    EVERY_TRY_ASSIGN(auto connection, Connection::open(part.file, {.mode = Mode::kReadOnly}));
    EVERY_TRY(check_version(*connection, part));
  }
  EVERY_TRY_ASSIGN(auto connection,
                   Connection::open(parts.front().file, {.mode = Mode::kReadOnly}));
  sqlite3* database = connection->impl_->database;
  for (const TextFunction& function : functions) {
    const int result = sqlite3_create_function_v2(
        database, function.name, 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS,
        const_cast<TextFunction*>(
            &function),  // NOLINT(cppcoreguidelines-pro-type-const-cast): given back as it came
        call_text_function, nullptr, nullptr, nullptr);
    if (result != SQLITE_OK)
      return core::fail(sqlite_error(database, result, "cannot use the database"));
  }
  auto inquiry = std::unique_ptr<Inquiry>(new Inquiry(std::move(connection)));
  // Views are written into the connection's own temporary schema; the files are open for reading only.
  EVERY_TRY(inquiry->connection_->execute("PRAGMA query_only = OFF"));
  for (const InquiryPart& part : parts) {
    if (&part != &parts.front()) EVERY_TRY(attach(*inquiry->connection_, part));
    for (const View& view : part.views) {
      EVERY_TRY(inquiry->connection_->execute(view.create));
      inquiry->views_.push_back(view.name);
    }
  }
  EVERY_TRY(inquiry->connection_->execute("PRAGMA query_only = ON"));
  return inquiry;
}

core::Result<std::vector<Inquiry::Described>> Inquiry::describe() {
  std::vector<Described> all;
  for (const std::string_view view : views_) {
    EVERY_TRY_ASSIGN(auto columns, columns_of(view));
    all.push_back({view, std::move(columns)});
  }
  return all;
}

core::Result<std::vector<std::string>> Inquiry::columns_of(std::string_view view) {
  std::vector<std::string> names;
  EVERY_TRY(ask(
      "SELECT * FROM " + std::string(view) + " LIMIT 0", {},
      [&names](const auto& columns) { names = columns; }, [](auto) {}));
  return names;
}

core::Result<Inquiry::Rows> Inquiry::ask(
    const std::string& text, const Limits& limits,
    const std::function<void(const std::vector<std::string>& names)>& take_columns,
    const TakeRow& take_row) {
  sqlite3* database = connection_->impl_->database;
  const Guard guard(database, limits.time);
  EVERY_TRY_ASSIGN(const StatementPtr statement, prepare_one(database, text));
  const int columns = sqlite3_column_count(statement.get());
  std::vector<std::string> names;
  for (int i = 0; i < columns; ++i) names.emplace_back(sqlite3_column_name(statement.get(), i));
  take_columns(names);
  std::vector<Cell> row(names.size());
  for (std::size_t count = 0;; ++count) {
    const int result = sqlite3_step(statement.get());
    if (result == SQLITE_DONE) return Rows::kAll;
    if (result != SQLITE_ROW) return refused(database, result);
    if (count == limits.rows) return Rows::kMoreThanAllowed;
    for (int i = 0; i < columns; ++i)
      row[static_cast<std::size_t>(i)] = cell_of(sqlite3_column_value(statement.get(), i));
    take_row(row);
  }
}

}  // namespace every::sql
