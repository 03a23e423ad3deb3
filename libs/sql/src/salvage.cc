#include "every/sql/salvage.h"

#include <array>
#include <cerrno>
#include <fstream>
#include <memory>
#include <optional>
#include <utility>

#include "error.h"
#include "page_file.h"
#include <sqlite3.h>

#include "every/core/file.h"

namespace every::sql {
namespace {

namespace fs = std::filesystem;
using core::ErrorCode;

using Database = std::unique_ptr<sqlite3, decltype(&sqlite3_close_v2)>;
using Prepared = std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)>;

core::Result<Database> open_plain(const fs::path& file) {
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open_v2(fs::absolute(file).c_str(), &raw,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, nullptr);
  Database database(raw, sqlite3_close_v2);
  if (opened != SQLITE_OK) return core::fail(sqlite_error(raw, opened, "cannot write"));
  return database;
}

core::Status run(sqlite3* database, const std::string& text) {
  const int result = sqlite3_exec(database, text.c_str(), nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) return core::fail(sqlite_error(database, result, "cannot write"));
  return {};
}

/// Rows of one column of text.
core::Result<std::vector<std::string>> texts(sqlite3* database, const std::string& query) {
  sqlite3_stmt* raw = nullptr;
  const int result = sqlite3_prepare_v2(database, query.c_str(), -1, &raw, nullptr);
  const Prepared statement(raw, sqlite3_finalize);
  if (result != SQLITE_OK) return core::fail(sqlite_error(database, result, "cannot read"));
  std::vector<std::string> rows;
  int step = 0;
  while ((step = sqlite3_step(raw)) == SQLITE_ROW) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(raw, 0));
    rows.emplace_back(text != nullptr ? text : "");
  }
  if (step != SQLITE_DONE) return core::fail(sqlite_error(database, step, "cannot read"));
  return rows;
}

/// What a row of a table looks like in its tree.
struct Table {
  std::string name;
  PageFile::Tree tree = PageFile::Tree::kTable;
  std::vector<std::string> columns;  ///< in the order they are kept in
  std::optional<std::size_t> rowid;  ///< the column that is the row's number, kept as NULL
};

core::Result<Table> shape_of(sqlite3* database, const std::string& name) {
  Table table{name, PageFile::Tree::kTable, {}, {}};
  EVERY_TRY_ASSIGN(const auto no_rowid,
                   texts(database, "SELECT 1 FROM pragma_table_list('" + name + "') WHERE wr = 1"));
  if (!no_rowid.empty()) {
    // The key's columns first, the others after them.
    table.tree = PageFile::Tree::kIndex;
    EVERY_TRY_ASSIGN(
        table.columns,
        texts(database, "SELECT name FROM pragma_table_info('" + name +
                            "') ORDER BY pk = 0, CASE pk WHEN 0 THEN cid ELSE pk END"));
    return table;
  }
  EVERY_TRY_ASSIGN(table.columns, texts(database, "SELECT name FROM pragma_table_info('" + name +
                                                      "') ORDER BY cid"));
  EVERY_TRY_ASSIGN(const auto numbers,
                   texts(database, "SELECT cid FROM pragma_table_info('" + name +
                                       "') WHERE pk = 1 AND upper(type) = 'INTEGER'"));
  if (!numbers.empty()) table.rowid = static_cast<std::size_t>(std::stoul(numbers.front()));
  return table;
}

/// Tables of a fresh database that have no rows of their own.
core::Result<std::vector<Table>> tables_of(sqlite3* database) {
  EVERY_TRY_ASSIGN(const auto names,
                   texts(database,
                         "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE "
                         "'sqlite_%' ORDER BY name"));
  std::vector<Table> tables;
  for (const std::string& name : names) {
    EVERY_TRY_ASSIGN(const auto rows, texts(database, "SELECT 1 FROM \"" + name + "\" LIMIT 1"));
    if (!rows.empty()) continue;
    EVERY_TRY_ASSIGN(auto table, shape_of(database, name));
    tables.push_back(std::move(table));
  }
  return tables;
}

/// Puts records into a table of the new database.
class Filler {
 public:
  Filler(sqlite3* database, const Table& table) : database_(database), table_(table) {}

  enum class Fit : std::uint8_t { kYes, kNo };
  /// errors: the new database cannot be written
  core::Result<Fit> put(const PageFile::Record& record) {
    const std::size_t count = record.values.size();
    if (record.tree != table_.tree || count == 0 || count > table_.columns.size()) return Fit::kNo;
    EVERY_TRY_ASSIGN(sqlite3_stmt * statement, insert_of(count));
    for (std::size_t i = 0; i < count; ++i)
      bind(statement, static_cast<int>(i) + 1,
           i == table_.rowid ? Cell(record.rowid) : record.values[i]);
    const int result = sqlite3_step(statement);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    if (result == SQLITE_DONE) return sqlite3_changes64(database_) > 0 ? Fit::kYes : Fit::kNo;
    // A column that is missing or of another type: not a row of this table.
    if ((result & 0xff) == SQLITE_CONSTRAINT || (result & 0xff) == SQLITE_MISMATCH) return Fit::kNo;
    return core::fail(sqlite_error(database_, result, "cannot write the repaired database"));
  }

 private:
  core::Result<sqlite3_stmt*> insert_of(std::size_t count) {
    auto& statement = inserts_[count];
    if (statement) return statement.get();
    std::string names;
    std::string places;
    for (std::size_t i = 0; i < count; ++i) {
      names += (i > 0 ? ", \"" : "\"") + table_.columns[i] + '"';
      places += i > 0 ? ", ?" : "?";
    }
    const std::string text =
        "INSERT OR IGNORE INTO \"" + table_.name + "\" (" + names + ") VALUES (" + places + ")";
    sqlite3_stmt* raw = nullptr;
    const int result = sqlite3_prepare_v2(database_, text.c_str(), -1, &raw, nullptr);
    if (result != SQLITE_OK)
      return core::fail(sqlite_error(database_, result, "cannot write the repaired database"));
    statement = std::shared_ptr<sqlite3_stmt>(raw, sqlite3_finalize);
    return raw;
  }
  static void bind(sqlite3_stmt* statement, int position, const Cell& cell) {
    if (const auto* number = std::get_if<std::int64_t>(&cell)) {
      sqlite3_bind_int64(statement, position, *number);
    } else if (const auto* real = std::get_if<double>(&cell)) {
      sqlite3_bind_double(statement, position, *real);
    } else if (const auto* text = std::get_if<std::string_view>(&cell)) {
      sqlite3_bind_text64(statement, position, text->data() != nullptr ? text->data() : "",
                          text->size(), SQLITE_STATIC, SQLITE_UTF8);
    } else if (const auto* bytes = std::get_if<core::BytesView>(&cell)) {
      const void* data = bytes->data() != nullptr ? static_cast<const void*>(bytes->data()) : "";
      sqlite3_bind_blob64(statement, position, data, bytes->size(), SQLITE_STATIC);
    } else {
      sqlite3_bind_null(statement, position);
    }
  }

  sqlite3* database_;
  const Table& table_;
  std::map<std::size_t, std::shared_ptr<sqlite3_stmt>> inserts_;
};

/// The roots of the tables, as far as the schema can be read.
std::map<std::string, PageFile::Number> roots_of(const PageFile& pages) {
  std::map<std::string, PageFile::Number> roots;
  std::vector<bool> seen(std::size_t{pages.pages()} + 1);
  for (const auto number : pages.tree_of(1, seen)) {
    pages.each_record(number, [&](const PageFile::Record& record) {
      if (record.values.size() < 5) return;
      const auto* type = std::get_if<std::string_view>(&record.values[0]);
      const auto* name = std::get_if<std::string_view>(&record.values[1]);
      const auto* root = std::get_if<std::int64_t>(&record.values[3]);
      if (type == nullptr || name == nullptr || root == nullptr || *root <= 1) return;
      // An index is told from a table by a name no table can have.
      roots.emplace((*type == "table" ? "" : "\n") + std::string(*name),
                    static_cast<PageFile::Number>(*root));
    });
  }
  return roots;
}

/// Takes rows from pages into tables.
class Salvager {
 public:
  Salvager(const PageFile& pages, sqlite3* into, const std::vector<Table>& tables)
      : pages_(pages), seen_(std::size_t{pages.pages()} + 1) {
    for (const Table& table : tables) fillers_.emplace(table.name, Filler(into, table));
  }

  core::Result<Salvage> all(std::span<const std::string_view> sealed) {
    const auto roots = roots_of(pages_);
    seen_[0] = true;
    (void)pages_.tree_of(1, seen_);
    pages_.mark_free(seen_);
    std::vector<std::pair<std::string, std::vector<PageFile::Number>>> trees;
    for (const auto& [name, root] : roots) trees.emplace_back(name, pages_.tree_of(root, seen_));
    for (const auto& [name, numbers] : trees) {
      if (!fillers_.contains(name)) continue;
      const std::array<std::string_view, 1> only{name};
      for (const auto number : numbers) EVERY_TRY(take(number, only));
    }
    for (PageFile::Number number = 1; number <= pages_.pages(); ++number) {
      if (seen_[number]) continue;
      ++report_.lost_pages;
      EVERY_TRY(take(number, sealed));
    }
    return std::move(report_);
  }

 private:
  core::Status take(PageFile::Number number, std::span<const std::string_view> names) {
    std::optional<core::Error> problem;
    report_.unreadable += pages_.each_record(number, [&](const PageFile::Record& record) {
      for (const std::string_view name : names) {
        const auto filler = fillers_.find(name);
        if (problem || filler == fillers_.end()) continue;
        auto fit = filler->second.put(record);
        if (!fit) {
          problem = std::move(fit).error();
        } else if (*fit == Filler::Fit::kYes) {
          ++report_.rows[filler->first];
        }
      }
    });
    if (problem) return core::fail(std::move(*problem));
    return {};
  }

  const PageFile& pages_;
  std::vector<bool> seen_;
  std::map<std::string, Filler, std::less<>> fillers_;
  Salvage report_;
};

core::Status copy_if_there(const fs::path& from, const fs::path& to) {
  std::error_code problem;
  if (!fs::exists(from, problem)) return {};
  fs::copy_file(from, to, fs::copy_options::overwrite_existing, problem);
  if (problem) return core::fail(core::system_error("cannot copy", to, problem.value()));
  return {};
}

fs::path with_suffix(const fs::path& file, const char* suffix) {
  fs::path name = file;
  name += suffix;
  return name;
}

void remove_database(const fs::path& file) {
  std::error_code ignored;
  for (const char* suffix : {"", "-wal", "-shm", "-journal"})
    fs::remove(with_suffix(file, suffix), ignored);
}

/// A copy whose log, as far as it is sound, is in its pages. SQLite does that without a look at the tables, if only the first bytes are right.
class MergedCopy {
 public:
  explicit MergedCopy(fs::path name) : name_(std::move(name)) { remove_database(name_); }
  ~MergedCopy() { remove_database(name_); }
  MergedCopy(const MergedCopy&) = delete;
  MergedCopy& operator=(const MergedCopy&) = delete;

  core::Status make(const fs::path& file, std::uint32_t page_bytes) {
    EVERY_TRY(copy_if_there(file, name_));
    EVERY_TRY(copy_if_there(with_suffix(file, "-wal"), with_suffix(name_, "-wal")));
    std::error_code ignored;
    fs::permissions(name_, fs::perms::owner_read | fs::perms::owner_write, ignored);
    write_header(page_bytes);
    const auto database = open_plain(name_);
    if (!database) return {};
    // What it answers does not matter: the pages are read as they are then.
    sqlite3_exec(database->get(), "PRAGMA journal_mode", nullptr, nullptr, nullptr);
    sqlite3_wal_checkpoint_v2(database->get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr,
                              nullptr);
    return {};
  }
  [[nodiscard]] const fs::path& name() const { return name_; }

 private:
  /// The parts of the header that are the same in every database of ours.
  void write_header(std::uint32_t page_bytes) const {
    std::array<char, 24> head{};
    constexpr std::string_view kMagic("SQLite format 3\0", 16);
    std::copy(kMagic.begin(), kMagic.end(), head.begin());
    head[16] = static_cast<char>(page_bytes >> 8);
    head[17] = static_cast<char>(page_bytes & 0xffU);
    head[18] = head[19] = 2;  // with a write-ahead log
    head[21] = 64;
    head[22] = head[23] = 32;
    std::fstream file(name_, std::ios::in | std::ios::out | std::ios::binary);
    std::error_code ignored;
    if (fs::file_size(name_, ignored) >= 100 && file) file.write(head.data(), head.size());
  }

  fs::path name_;
};

/// The version a file's header says; 0 where there is none to be read.
std::int64_t version_in_header(const fs::path& file) {
  std::array<unsigned char, 4> bytes{};
  std::ifstream in(file, std::ios::binary);
  in.seekg(60);
  in.read(reinterpret_cast<char*>(bytes.data()), bytes.size());
  if (!in) return 0;
  return std::int64_t{bytes[0]} << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
}

}  // namespace

core::Result<std::vector<std::string>> structure_problems(const fs::path& file,
                                                          const Schema& schema) {
  std::error_code ignored;
  if (!fs::exists(file, ignored))
    return core::fail(core::system_error("cannot open", file, ENOENT));
  const auto as_problem = [](core::Error error) -> core::Result<std::vector<std::string>> {
    if (error.code == ErrorCode::kUnsupported || error.code == ErrorCode::kConflict ||
        error.code == ErrorCode::kPermissionDenied)
      return core::fail(std::move(error));
    return std::vector{std::move(error.message)};
  };
  auto connection = Connection::open(file, {.mode = Mode::kReadOnly});
  if (!connection) return as_problem(std::move(connection).error());
  if (auto version = version_of(**connection, schema); !version) {
    core::Error error = std::move(version).error();
    // A damaged header says any number: what no version so far has had is more likely damage than another program's file.
    if (error.code == ErrorCode::kConflict) return std::vector{std::move(error.message)};
    return as_problem(std::move(error));
  }
  auto statement = (*connection)->prepare("PRAGMA integrity_check(20)");
  if (!statement) return as_problem(std::move(statement).error());
  std::vector<std::string> problems;
  for (;;) {
    const auto step = statement->step();
    if (!step) return as_problem(step.error());
    if (*step == Statement::Step::kDone) return problems;
    if (statement->text(0) != "ok") problems.emplace_back(statement->text(0));
  }
}

core::Result<Salvage> salvage(const fs::path& file, const fs::path& into, const Schema& schema,
                              std::uint32_t page_bytes, std::span<const std::string_view> sealed) {
  const std::int64_t version = version_in_header(file);
  // Of a version to come, not of a broken bit.
  if (version > schema.newest() && version < schema.newest() + 100) {
    return core::fail(ErrorCode::kUnsupported,
                      "the " + std::string(schema.what) + " " + file.string() +
                          " was written by a newer every; repair it with that version");
  }
  remove_database(into);
  {
    EVERY_TRY_ASSIGN(const auto fresh,
                     Connection::open(into, {.sync = Sync::kNormal, .page_bytes = page_bytes}));
    EVERY_TRY(migrate(*fresh, schema));
    EVERY_TRY(fresh->checkpoint(Connection::Checkpoint::kTruncate));
  }
  MergedCopy copy(with_suffix(into, ".pages"));
  EVERY_TRY(copy.make(file, page_bytes));
  EVERY_TRY_ASSIGN(const auto pages, PageFile::open(copy.name(), page_bytes));
  EVERY_TRY_ASSIGN(const auto database, open_plain(into));
  EVERY_TRY_ASSIGN(const auto tables, tables_of(database.get()));
  // What is made here is thrown away when anything fails, and put on the disk once, by who puts it in its place.
  EVERY_TRY(run(database.get(), "PRAGMA synchronous = OFF; BEGIN"));
  EVERY_TRY_ASSIGN(auto report, Salvager(pages, database.get(), tables).all(sealed));
  EVERY_TRY(run(database.get(), "COMMIT"));
  return report;
}

}  // namespace every::sql
