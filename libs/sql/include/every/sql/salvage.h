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

/// Getting what is sound out of a damaged database. docs/formats/repair.md
namespace every::sql {

/// What is wrong with a database as a whole, in SQLite's words; empty: nothing. cost: reads all of it. thread: any
/// errors: kNotFound no such file; kUnsupported it is of a newer version; kConflict of another kind. Damage is no error
[[nodiscard]] core::Result<std::vector<std::string>> structure_problems(
    const std::filesystem::path& file, const Schema& schema);

struct Salvage {
  std::map<std::string, std::uint64_t> rows;  ///< taken over, by table
  std::uint64_t unreadable = 0;               ///< records that make no sense
  std::uint64_t unsound = 0;                  ///< that could be read and are not what was written
  std::uint64_t lost_pages = 0;  ///< that no tree leads to any more and that were searched, too
};
/// Writes a new database at the newest version with every row of `file` (and its log) that can be read, whatever else is damaged. What is
/// read is not checked but for its shape; who knows what the rows mean removes those that are not sound.
///
/// in: into   is made, and is not there before; sealed   tables whose rows say themselves whether they are sound: they take rows of lost pages, too
/// errors: kResourceExhausted no room; kUnsupported a newer version; kIo, kPermissionDenied. `file` is not touched. cost: reads and writes the whole database
[[nodiscard]] core::Result<Salvage> salvage(const std::filesystem::path& file,
                                            const std::filesystem::path& into, const Schema& schema,
                                            std::uint32_t page_bytes,
                                            std::span<const std::string_view> sealed);

/// Where a repaired database waits to take its place: `<file>.repaired`.
[[nodiscard]] std::filesystem::path repaired_name(const std::filesystem::path& file);
/// Puts a repaired database, when one waits, into the place of the damaged one, which is kept as `damaged/<name>.<time>` beside it, with its log. Does
/// the rest of what an earlier call was interrupted in. Who opens a database calls it first. out: where the damaged one is kept; empty: none waited
/// errors: kIo, kPermissionDenied, kResourceExhausted. thread: the owner of the database
[[nodiscard]] core::Result<std::filesystem::path> finish_repair(const std::filesystem::path& file);

}  // namespace every::sql
