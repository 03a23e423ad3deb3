#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "every/core/error.h"
#include "every/sql/connection.h"
#include "every/sql/migrate.h"
#include "every/sql/salvage.h"
#include "every/sql/statement.h"

/// Whether a database is sound, row by row, and making one of what is. docs/formats/repair.md
namespace every::sql {

/// A column that belongs to the key of a row.
struct KeyColumn {
  enum class Kind : std::uint8_t { kNumber, kText, kBytes };
  static constexpr int kLast = -1;
  int column = 0;  ///< of the SELECT, or kLast
  Kind kind = Kind::kNumber;
};

/// How the rows of one table are read, judged and taken out.
struct RowCheck {
  std::string_view table;
  Sql select;
  Sql remove;  ///< the row with this key; parameters in the order of `key`
  std::vector<KeyColumn> key;
  core::Status (*check)(const Statement& row);  ///< kIntegrity: it is not sound, and why
};

/// What looking through a database came to.
struct Examination {
  std::vector<std::string> structure;  ///< what SQLite says of its pages; empty: nothing is wrong
  std::uint64_t rows = 0;              ///< looked at
  std::map<std::string, std::uint64_t, std::less<>> unsound_by_table;
  std::vector<std::string> unsound;  ///< the first of them in words

  [[nodiscard]] bool sound() const { return structure.empty() && unsound_by_table.empty(); }
};

/// Looks at the structure of a database and at every row; the rows of an older version only once it is brought up. Another process may be using it.
/// errors: as structure_problems; damage is none. cost: reads all of it
[[nodiscard]] core::Result<Examination> examine(const std::filesystem::path& file,
                                                const Schema& schema,
                                                std::span<const RowCheck> checks);

/// Makes a database of all sound rows of a damaged one. It waits beside it until finish_repair puts it in its place.
///
/// in: page_bytes, sealed   as salvage
/// errors: as salvage. thread: the owner of the database; nobody else has it open
[[nodiscard]] core::Result<Salvage> prepare_repair(const std::filesystem::path& file,
                                                   const Schema& schema, std::uint32_t page_bytes,
                                                   std::span<const std::string_view> sealed,
                                                   std::span<const RowCheck> checks);

}  // namespace every::sql
