#include "sqlite_housekeeping.h"

#include <utility>

#include "schema.h"
#include "sqlite_collection.h"

#include "every/sql/snapshot.h"
#include "every/sql/space.h"

namespace every::blocks {
namespace {

using Step = sql::Statement::Step;

constexpr std::int64_t kVersionOfPins = 3;

core::Status insert_pin(sql::Statement& insert, const ipld::Cid& root, const ipld::Cid& cid,
                        Depth depth, PinKind kind, core::WallNanos since) {
  return insert.bind(1, root.encode())
      .bind(2, cid.encode())
      .bind(3, std::int64_t{std::to_underlying(depth)})
      .bind(4, std::int64_t{std::to_underlying(kind)})
      .bind(5, since)
      .run();
}

core::Result<BlockSizes> read_sizes(sql::Connection& db) {
  BlockSizes sizes;
  const auto count = [&db](sql::Sql text, std::uint64_t& out) -> core::Status {
    EVERY_TRY_ASSIGN(const auto number, db.query_integer(text));
    out = static_cast<std::uint64_t>(number);
    return {};
  };
  EVERY_TRY(count("SELECT count(*) FROM blocks", sizes.blocks));
  EVERY_TRY(count("SELECT coalesce(sum(octet_length(bytes)), 0) FROM blocks", sizes.content_bytes));
  EVERY_TRY_ASSIGN(const auto version, db.query_integer("PRAGMA user_version"));
  if (version >= 2) EVERY_TRY(count("SELECT count(*) FROM components", sizes.components));
  if (version >= kVersionOfPins)
    EVERY_TRY(count("SELECT count(DISTINCT root) FROM pins", sizes.pins));
  EVERY_TRY_ASSIGN(const sql::Space space, sql::space_of(db));
  sizes.bytes = space.bytes;
  sizes.free_bytes = space.free_bytes;
  return sizes;
}

}  // namespace

core::Result<BlockSizes> SqliteHousekeeping::sizes() {
  EVERY_TRY_ASSIGN(auto db, readers_.borrow());
  return read_sizes(*db);
}

core::Result<BlockSizes> sizes_of(const std::filesystem::path& file) {
  EVERY_TRY_ASSIGN(const auto connection, sql::open_snapshot(file, schema()));
  return read_sizes(*connection);
}

core::Status SqliteHousekeeping::pin(const ipld::Cid& root, PinKind kind, core::WallNanos since) {
  touches_.note(root);
  const auto work = [&](sql::Connection& db) -> core::Status {
    EVERY_TRY_ASSIGN(auto insert,
                     db.prepare("INSERT INTO pins (root, cid, depth, kind, since) VALUES (?1, ?2, "
                                "?3, ?4, ?5) ON CONFLICT DO UPDATE SET depth = max(depth, ?3), "
                                "kind = max(kind, ?4)"));
    return insert_pin(insert, root, root, Depth::kAll, kind, since);
  };
  return write_(work, Log::kMoveIfLong);
}

core::Status SqliteHousekeeping::pin_parts(const ipld::Cid& root, std::span<const Block> parts,
                                           core::WallNanos since) {
  for (const Block& part : parts) touches_.note(part.cid);
  const auto work = [&](sql::Connection& db) -> core::Status {
    EVERY_TRY_ASSIGN(auto insert, db.prepare("INSERT INTO pins (root, cid, depth, kind, since) "
                                             "VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"));
    for (const Block& part : parts)
      EVERY_TRY(insert_pin(insert, root, part.cid, Depth::kBlock, PinKind::kAdded, since));
    return {};
  };
  return write_(work, Log::kMoveIfLong);
}

core::Result<bool> SqliteHousekeeping::unpin(const ipld::Cid& root) {
  bool was_pinned = false;
  const auto work = [&](sql::Connection& db) -> core::Status {
    EVERY_TRY_ASSIGN(auto drop, db.prepare("DELETE FROM pins WHERE root = ?"));
    EVERY_TRY(drop.bind(1, root.encode()).run());
    was_pinned = db.changes() > 0;
    return {};
  };
  EVERY_TRY(write_(work, Log::kMoveIfLong));
  return was_pinned;
}

core::Result<std::vector<ContentPin>> SqliteHousekeeping::pins() {
  EVERY_TRY_ASSIGN(auto db, readers_.borrow());
  EVERY_TRY_ASSIGN(auto query,
                   db->prepare("SELECT root, max(kind), min(since), sum(depth = 0) FROM pins "
                               "GROUP BY root ORDER BY 3, 1"));
  std::vector<ContentPin> pins;
  for (;;) {
    EVERY_TRY_ASSIGN(const auto step, query.step());
    if (step == Step::kDone) return pins;
    EVERY_TRY_ASSIGN(ipld::Cid root, ipld::Cid::decode(query.bytes(0)));
    pins.push_back({std::move(root), query.integer(1) == 0 ? PinKind::kAdded : PinKind::kPinned,
                    query.integer(2), static_cast<std::uint64_t>(query.integer(3))});
  }
}

core::Status SqliteHousekeeping::note_component(const ipld::Cid& cid) {
  const auto work = [&](sql::Connection& db) -> core::Status {
    EVERY_TRY_ASSIGN(auto insert, db.prepare("INSERT INTO components (cid) VALUES (?) "
                                             "ON CONFLICT (cid) DO NOTHING"));
    return insert.bind(1, cid.encode()).run();
  };
  return write_(work, Log::kMoveIfLong);
}

core::Result<std::vector<ipld::Cid>> SqliteHousekeeping::components() {
  EVERY_TRY_ASSIGN(auto db, readers_.borrow());
  EVERY_TRY_ASSIGN(auto query, db->prepare("SELECT cid FROM components ORDER BY id"));
  std::vector<ipld::Cid> all;
  for (;;) {
    EVERY_TRY_ASSIGN(const auto step, query.step());
    if (step == Step::kDone) return all;
    EVERY_TRY_ASSIGN(ipld::Cid cid, ipld::Cid::decode(query.bytes(0)));
    all.push_back(std::move(cid));
  }
}

core::Result<std::unique_ptr<Collection>> SqliteHousekeeping::begin_collection() {
  if (touches_.begin())
    return core::fail(core::ErrorCode::kConflict,
                      "content is being collected already; try again when that is over");
  auto reader = readers_.borrow();
  if (!reader) {
    touches_.end();
    return core::fail(std::move(reader).error());
  }
  auto collection = std::make_unique<SqliteCollection>(std::move(*reader), write_, touches_);
  EVERY_TRY(collection->load());
  return collection;
}

core::Result<std::uint64_t> SqliteHousekeeping::give_back() {
  std::uint64_t bytes = 0;
  const auto work = [&bytes](sql::Connection& db) -> core::Status {
    EVERY_TRY_ASSIGN(bytes, sql::give_back(db, "PRAGMA incremental_vacuum(64)"));
    return {};
  };
  // The file becomes shorter when the log is moved into it.
  EVERY_TRY(write_(work, Log::kMove));
  return bytes;
}

}  // namespace every::blocks
