#include "every/sql/space.h"

namespace every::sql {

core::Result<Space> space_of(Connection& db) {
  EVERY_TRY_ASSIGN(const auto page, db.query_integer("PRAGMA page_size"));
  EVERY_TRY_ASSIGN(const auto pages, db.query_integer("PRAGMA page_count"));
  EVERY_TRY_ASSIGN(const auto free, db.query_integer("PRAGMA freelist_count"));
  return Space{static_cast<std::uint64_t>(pages * page), static_cast<std::uint64_t>(free * page)};
}

core::Result<std::uint64_t> give_back(Connection& db, Sql step) {
  EVERY_TRY_ASSIGN(const Space before, space_of(db));
  EVERY_TRY(db.execute(step));
  EVERY_TRY_ASSIGN(const Space after, space_of(db));
  return before.bytes - after.bytes;
}

}  // namespace every::sql
