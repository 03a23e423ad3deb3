#pragma once

#include <cstdint>

#include "every/sql/connection.h"

namespace every::sql {

/// What a database takes in its file, the log left out.
struct Space {
  std::uint64_t bytes = 0;       ///< its free pages too
  std::uint64_t free_bytes = 0;  ///< of it: pages that hold nothing, used again or given back
};
/// errors: kIo, kIntegrity
[[nodiscard]] core::Result<Space> space_of(Connection& db);

/// Gives free pages back by one step, within a transaction; the file becomes shorter when the log is moved into it.
///
/// in: step   `PRAGMA incremental_vacuum(N)`: N pages at most
/// out: bytes given back, 0: none are left. errors: kIo, kIntegrity, kResourceExhausted
[[nodiscard]] core::Result<std::uint64_t> give_back(Connection& db, Sql step);

}  // namespace every::sql
