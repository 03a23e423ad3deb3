#include "every/sql/examination.h"

#include <cerrno>
#include <utility>
#include <variant>

#include <fcntl.h>
#include <unistd.h>

#include "every/core/bytes.h"
#include "every/core/file.h"
#include "every/sql/transaction.h"

namespace every::sql {
namespace {

constexpr std::size_t kMostTold = 50;

using KeyValue = std::variant<std::int64_t, std::string, core::Bytes>;
using Key = std::vector<KeyValue>;

Key key_of(const Statement& row, const std::vector<KeyColumn>& columns) {
  Key key;
  for (const KeyColumn& each : columns) {
    const int column = each.column == KeyColumn::kLast ? row.columns() - 1 : each.column;
    switch (each.kind) {
      case KeyColumn::Kind::kNumber:
        key.emplace_back(row.integer(column));
        break;
      case KeyColumn::Kind::kText:
        key.emplace_back(std::string(row.text(column)));
        break;
      case KeyColumn::Kind::kBytes:
        key.emplace_back(core::to_bytes(row.bytes(column)));
        break;
    }
  }
  return key;
}

void bind_key(Statement& statement, const Key& key) {
  int position = 0;
  for (const KeyValue& value : key) {
    ++position;
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
      statement.bind(position, *number);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      statement.bind(position, std::string_view(*text));
    } else {
      statement.bind(position, core::BytesView(std::get<core::Bytes>(value)));
    }
  }
}

/// Looks at every row of a table. out: the keys of those that are not sound
core::Result<std::vector<Key>> check_rows(Connection& connection, const RowCheck& check,
                                          Examination& examination) {
  std::vector<Key> unsound;
  EVERY_TRY_ASSIGN(auto rows, connection.prepare(check.select));
  for (;;) {
    EVERY_TRY_ASSIGN(const auto step, rows.step());
    if (step == Statement::Step::kDone) return unsound;
    ++examination.rows;
    const auto sound = check.check(rows);
    if (sound) continue;
    ++examination.unsound_by_table[std::string(check.table)];
    if (examination.unsound.size() < kMostTold)
      examination.unsound.push_back(std::string(check.table) + ": " + sound.error().message);
    unsound.push_back(key_of(rows, check.key));
  }
}

core::Status remove_unsound(Connection& connection, std::span<const RowCheck> checks,
                            Salvage& saved) {
  Examination found;
  EVERY_TRY_ASSIGN(auto transaction, Transaction::begin(connection));
  for (const RowCheck& check : checks) {
    EVERY_TRY_ASSIGN(const auto unsound, check_rows(connection, check, found));
    EVERY_TRY_ASSIGN(auto remove, connection.prepare(check.remove));
    for (const Key& key : unsound) {
      bind_key(remove, key);
      EVERY_TRY(remove.run());
    }
    if (!unsound.empty()) saved.rows[std::string(check.table)] -= unsound.size();
    saved.unsound += unsound.size();
  }
  return transaction.commit();
}

core::Status sync(const std::filesystem::path& path, int flags) {
  const core::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags));
  if (!fd.valid() || ::fsync(fd.get()) != 0)
    return core::fail(core::system_error("cannot sync", path, errno));
  return {};
}

/// From here on a repaired database waits, whole and on the disk.
core::Status offer(const std::filesystem::path& made, const std::filesystem::path& file) {
  EVERY_TRY(sync(made, 0));
  const auto as = repaired_name(file);
  if (::rename(made.c_str(), as.c_str()) != 0)
    return core::fail(core::system_error("cannot write", as, errno));
  return sync(file.has_parent_path() ? file.parent_path() : ".", O_DIRECTORY);
}

}  // namespace

core::Result<Examination> examine(const std::filesystem::path& file, const Schema& schema,
                                  std::span<const RowCheck> checks) {
  Examination found;
  EVERY_TRY_ASSIGN(found.structure, structure_problems(file, schema));
  const auto connection = Connection::open(file, {.mode = Mode::kReadOnly});
  if (!connection) return found;
  const auto version = version_of(**connection, schema);
  if (!version || *version != schema.newest()) return found;
  for (const RowCheck& check : checks) {
    const auto unsound = check_rows(**connection, check, found);
    // What cannot be read to its end is damage of the structure, whatever SQLite's own check says.
    if (!unsound && found.structure.empty())
      found.structure.push_back(std::string(check.table) + ": " + unsound.error().message);
  }
  return found;
}

core::Result<Salvage> prepare_repair(const std::filesystem::path& file, const Schema& schema,
                                     std::uint32_t page_bytes,
                                     std::span<const std::string_view> sealed,
                                     std::span<const RowCheck> checks) {
  std::filesystem::path made = file;
  made += ".salvage";
  EVERY_TRY_ASSIGN(auto saved, salvage(file, made, schema, page_bytes, sealed));
  {
    EVERY_TRY_ASSIGN(const auto connection, Connection::open(made, {.sync = Sync::kNormal}));
    EVERY_TRY(remove_unsound(*connection, checks, saved));
    EVERY_TRY(connection->check_integrity());
    EVERY_TRY(connection->checkpoint(Connection::Checkpoint::kTruncate));
  }
  EVERY_TRY(offer(made, file));
  return saved;
}

}  // namespace every::sql
