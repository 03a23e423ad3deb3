#include "housekeeping.h"

#include <algorithm>
#include <optional>
#include <unordered_set>
#include <utility>

#include "schema.h"

#include "every/sql/snapshot.h"
#include "every/sql/space.h"

namespace every::store {
namespace {

using Step = sql::Statement::Step;

// Rows that one transaction takes away: a few milliseconds, in which commits wait.
constexpr std::int64_t kRowsAtOnce = 500;
constexpr std::size_t kReceiptsAtOnce = 500;
// Behind every id there can be.
constexpr std::string_view kLast = "\xf4\x8f\xbf\xbf";

std::string hash_key(core::BytesView cid) {
  return std::string(core::as_text(cid));
}

/// Deletes some rows of a run by a statement whose parameters are the run and how many at most. out: how many
core::Result<std::int64_t> delete_some(sql::Connection& db, sql::Sql text, const std::string& run,
                                       std::int64_t most) {
  EVERY_TRY_ASSIGN(auto statement, db.prepare(text));
  EVERY_TRY(statement.bind(1, std::string_view(run)).bind(2, most).run());
  return db.changes();
}

core::Status run_with(sql::Connection& db, sql::Sql text, const std::string& run) {
  EVERY_TRY_ASSIGN(auto statement, db.prepare(text));
  return statement.bind(1, std::string_view(run)).run();
}

/// The rows of one run that is being dropped, as many as there is room for. out: whether that was all
core::Result<bool> drop_rows(sql::Connection& db, const std::string& run, std::int64_t& room,
                             DroppedRuns& dropped) {
  EVERY_TRY_ASSIGN(const auto logs,
                   delete_some(db,
                               "DELETE FROM logs WHERE id IN (SELECT id FROM logs WHERE run = ?1 "
                               "LIMIT ?2)",
                               run, room));
  room -= logs;
  EVERY_TRY_ASSIGN(const auto failures,
                   delete_some(db,
                               "DELETE FROM failures WHERE run = ?1 AND cid IN (SELECT cid FROM "
                               "failures WHERE run = ?1 LIMIT ?2)",
                               run, room));
  room -= failures;
  EVERY_TRY_ASSIGN(const auto tasks,
                   delete_some(db,
                               "DELETE FROM tasks WHERE run = ?1 AND task IN (SELECT task FROM "
                               "tasks WHERE run = ?1 LIMIT ?2)",
                               run, room));
  room -= tasks;
  dropped.log_lines += static_cast<std::uint64_t>(logs);
  dropped.failures += static_cast<std::uint64_t>(failures);
  dropped.tasks += static_cast<std::uint64_t>(tasks);
  if (room <= 0) return false;
  EVERY_TRY(run_with(db, "DELETE FROM dropping WHERE run = ?", run));
  return true;
}

core::Result<std::vector<std::string>> texts_of(sql::Connection& db, sql::Sql text) {
  EVERY_TRY_ASSIGN(auto query, db.prepare(text));
  std::vector<std::string> texts;
  for (;;) {
    EVERY_TRY_ASSIGN(const auto step, query.step());
    if (step == Step::kDone) return texts;
    texts.emplace_back(query.text(0));
  }
}

core::Result<StoreSizes> read_sizes(sql::Connection& db) {
  constexpr std::int64_t kVersionOfPins = 6;
  StoreSizes sizes;
  const auto count = [&db](sql::Sql text, std::uint64_t& out) -> core::Status {
    EVERY_TRY_ASSIGN(const auto number, db.query_integer(text));
    out = static_cast<std::uint64_t>(number);
    return {};
  };
  EVERY_TRY(count("SELECT count(*) FROM runs", sizes.runs));
  EVERY_TRY(count("SELECT count(*) FROM runs WHERE status IN (0, 5)", sizes.unfinished));
  EVERY_TRY(count("SELECT count(*) FROM receipts", sizes.receipts));
  EVERY_TRY(count("SELECT count(*) FROM failures", sizes.failures));
  EVERY_TRY(count("SELECT count(*) FROM logs", sizes.log_lines));
  EVERY_TRY_ASSIGN(const auto version, db.query_integer("PRAGMA user_version"));
  if (version >= kVersionOfPins) EVERY_TRY(count("SELECT count(*) FROM pins", sizes.pins));
  EVERY_TRY_ASSIGN(const sql::Space space, sql::space_of(db));
  sizes.bytes = space.bytes;
  sizes.free_bytes = space.free_bytes;
  return sizes;
}

}  // namespace

template <typename Query>
auto SqliteHousekeeping::read(Query query) -> decltype(query(std::declval<sql::Connection&>())) {
  if (memory_) {
    const std::lock_guard lock(*exclusive_);
    return query(*memory_);
  }
  EVERY_TRY_ASSIGN(auto connection, readers_.borrow());
  return query(*connection);
}

core::Result<StoreSizes> SqliteHousekeeping::sizes() {
  return read(read_sizes);
}

core::Result<StoreSizes> sizes_of(const std::filesystem::path& file) {
  EVERY_TRY_ASSIGN(const auto connection, sql::open_snapshot(file, schema()));
  return read_sizes(*connection);
}

core::Result<std::vector<EndedRun>> SqliteHousekeeping::ended_runs(const std::string& after,
                                                                   const std::string& before,
                                                                   std::size_t limit) {
  return read([&](sql::Connection& db) -> core::Result<std::vector<EndedRun>> {
    EVERY_TRY_ASSIGN(
        auto query,
        db.prepare("SELECT id, finished FROM runs WHERE id > ?1 AND id < ?2 AND "
                   "status BETWEEN 1 AND 4 AND octet_length(workflow_block) > 0 AND NOT EXISTS "
                   "(SELECT 1 FROM pins WHERE kind = 0 AND what = runs.id) ORDER BY id LIMIT ?3"));
    query.bind(1, std::string_view(after))
        .bind(2, before.empty() ? kLast : std::string_view(before))
        .bind(3, static_cast<std::int64_t>(limit));
    std::vector<EndedRun> runs;
    for (;;) {
      EVERY_TRY_ASSIGN(const auto step, query.step());
      if (step == Step::kDone) return runs;
      runs.push_back({std::string(query.text(0)), query.integer(1)});
    }
  });
}

core::Result<std::uint64_t> SqliteHousekeeping::bytes_of_run(const std::string& id) {
  return read([&](sql::Connection& db) -> core::Result<std::uint64_t> {
    // The numbers are what is about a row: keys, CIDs, seals, entries of indexes.
    EVERY_TRY_ASSIGN(
        auto query,
        db.prepare(
            "SELECT coalesce((SELECT 250 + octet_length(workflow_block) + octet_length(extra) + "
            "octet_length(error_message) FROM runs WHERE id = ?1), 0) + "
            "coalesce((SELECT sum(150 + octet_length(error_message)) FROM tasks WHERE run = ?1), "
            "0) + coalesce((SELECT sum(150 + octet_length(block)) FROM failures WHERE run = ?1), "
            "0) + coalesce((SELECT sum(100 + octet_length(category) + octet_length(message)) FROM "
            "logs WHERE run = ?1), 0)"));
    EVERY_TRY_ASSIGN(const auto step, query.bind(1, std::string_view(id)).step());
    return step == Step::kRow ? static_cast<std::uint64_t>(query.integer(0)) : 0;
  });
}

core::Result<DroppedRuns> SqliteHousekeeping::drop_runs(std::span<const std::string> ids) {
  DroppedRuns dropped;
  while (!ids.empty()) {
    std::size_t seen = 0;
    bool all = true;
    DroppedRuns of_step;
    const auto work = [&](sql::Connection& db) -> core::Status {
      seen = 0;
      all = true;
      of_step = {};
      for (std::int64_t room = kRowsAtOnce; all && room > 0 && seen < ids.size(); --room) {
        const std::string& id = ids[seen++];
        EVERY_TRY(
            run_with(db,
                     "DELETE FROM runs WHERE id = ?1 AND status BETWEEN 1 AND 4 AND NOT EXISTS "
                     "(SELECT 1 FROM pins WHERE kind = 0 AND what = ?1)",
                     id));
        if (db.changes() == 0) continue;
        ++of_step.runs;
        EVERY_TRY(run_with(db, "INSERT INTO dropping (run) VALUES (?) ON CONFLICT DO NOTHING", id));
        EVERY_TRY(run_with(db, "DELETE FROM submissions WHERE run = ?", id));
        EVERY_TRY_ASSIGN(all, drop_rows(db, id, room, of_step));
      }
      return {};
    };
    EVERY_TRY(write(work));
    ids = ids.subspan(seen);
    dropped += of_step;
    if (!all) {
      EVERY_TRY_ASSIGN(const DroppedRuns rest, finish_dropping());
      dropped += rest;
    }
  }
  return dropped;
}

core::Result<DroppedRuns> SqliteHousekeeping::finish_dropping() {
  DroppedRuns dropped;
  for (bool all = false; !all;) {
    DroppedRuns of_step;
    const auto work = [&](sql::Connection& db) -> core::Status {
      of_step = {};
      all = true;
      std::int64_t room = kRowsAtOnce;
      EVERY_TRY_ASSIGN(const auto runs, texts_of(db, "SELECT run FROM dropping LIMIT 64"));
      for (const std::string& run : runs) {
        EVERY_TRY_ASSIGN(all, drop_rows(db, run, room, of_step));
        if (!all) return {};
      }
      all = runs.size() < 64;
      return {};
    };
    EVERY_TRY(write(work));
    dropped += of_step;
  }
  return dropped;
}

core::Status SqliteHousekeeping::each_workflow(const VisitRun& visit) {
  std::string after;
  struct Row {
    std::string id;
    core::Bytes workflow;
    core::Bytes block;
  };
  for (;;) {
    // A page at a time, so that the log can be moved into the database in between.
    EVERY_TRY_ASSIGN(
        const auto rows, read([&](sql::Connection& db) -> core::Result<std::vector<Row>> {
          EVERY_TRY_ASSIGN(auto query, db.prepare("SELECT id, workflow, workflow_block FROM runs "
                                                  "WHERE id > ? ORDER BY id LIMIT 256"));
          query.bind(1, std::string_view(after));
          std::vector<Row> page;
          for (;;) {
            EVERY_TRY_ASSIGN(const auto step, query.step());
            if (step == Step::kDone) return page;
            page.push_back({std::string(query.text(0)), core::to_bytes(query.bytes(1)),
                            core::to_bytes(query.bytes(2))});
          }
        }));
    if (rows.empty()) return {};
    for (const Row& row : rows) {
      EVERY_TRY_ASSIGN(const ipld::Cid workflow, ipld::Cid::decode(row.workflow));
      EVERY_TRY(visit(row.id, workflow, row.block));
    }
    after = rows.back().id;
  }
}

core::Status SqliteHousekeeping::each_receipt(const VisitReceipt& visit) {
  std::int64_t after = 0;
  for (std::size_t seen = 1; seen > 0;) {
    const auto work = [&](sql::Connection& db) -> core::Status {
      seen = 0;
      EVERY_TRY_ASSIGN(auto query, db.prepare("SELECT id, cid, ran, block, created FROM receipts "
                                              "WHERE id > ? ORDER BY id LIMIT 4096"));
      query.bind(1, after);
      for (;; ++seen) {
        EVERY_TRY_ASSIGN(const auto step, query.step());
        if (step == Step::kDone) return {};
        after = query.integer(0);
        EVERY_TRY(visit({after, query.bytes(1), query.bytes(2), query.bytes(3), query.integer(4)}));
      }
    };
    EVERY_TRY(read(work));
  }
  return {};
}

core::Status SqliteHousekeeping::each_receipt_of_tasks(const VisitCid& visit) {
  std::string run;
  std::int64_t task = -1;
  for (std::size_t seen = 1; seen > 0;) {
    const auto work = [&](sql::Connection& db) -> core::Status {
      seen = 0;
      EVERY_TRY_ASSIGN(auto query,
                       db.prepare("SELECT run, task, receipt FROM tasks WHERE (run, task) > (?, ?) "
                                  "ORDER BY run, task LIMIT 8192"));
      const std::string from = run;
      query.bind(1, std::string_view(from)).bind(2, task);
      for (;; ++seen) {
        EVERY_TRY_ASSIGN(const auto step, query.step());
        if (step == Step::kDone) return {};
        run = query.text(0);
        task = query.integer(1);
        if (!query.is_null(2)) EVERY_TRY(visit(query.bytes(2)));
      }
    };
    EVERY_TRY(read(work));
  }
  return {};
}

core::Result<std::uint64_t> SqliteHousekeeping::drop_receipts(const std::vector<std::int64_t>& ids,
                                                              const std::string& since) {
  std::uint64_t dropped = 0;
  for (std::size_t first = 0; first < ids.size(); first += kReceiptsAtOnce) {
    std::uint64_t of_step = 0;
    const auto work = [&](sql::Connection& db) -> core::Status {
      of_step = 0;
      std::unordered_set<std::string> needed;
      EVERY_TRY_ASSIGN(const auto pinned, texts_of(db, "SELECT what FROM pins WHERE kind = 1"));
      for (const std::string& text : pinned) {
        if (const auto cid = ipld::Cid::parse(text)) needed.insert(hash_key(cid->encode()));
      }
      EVERY_TRY_ASSIGN(auto recent, db.prepare("SELECT receipt FROM tasks WHERE run >= ? AND "
                                               "receipt IS NOT NULL"));
      recent.bind(1, std::string_view(since));
      for (;;) {
        EVERY_TRY_ASSIGN(const auto step, recent.step());
        if (step == Step::kDone) break;
        needed.insert(hash_key(recent.bytes(0)));
      }
      EVERY_TRY_ASSIGN(auto find, db.prepare("SELECT cid FROM receipts WHERE id = ?1 AND id < "
                                             "(SELECT max(id) FROM receipts)"));
      EVERY_TRY_ASSIGN(auto drop, db.prepare("DELETE FROM receipts WHERE id = ?"));
      EVERY_TRY_ASSIGN(auto words, db.prepare("DELETE FROM attestations WHERE receipt = ?"));
      for (std::size_t i = first; i < std::min(ids.size(), first + kReceiptsAtOnce); ++i) {
        EVERY_TRY_ASSIGN(const auto step, find.bind(1, ids[i]).step());
        if (step == Step::kDone) continue;
        const core::Bytes cid = core::to_bytes(find.bytes(0));
        find.reset();
        if (needed.contains(hash_key(cid))) continue;
        EVERY_TRY(words.bind(1, core::BytesView(cid)).run());
        EVERY_TRY(drop.bind(1, ids[i]).run());
        ++of_step;
      }
      return {};
    };
    EVERY_TRY(write(work));
    dropped += of_step;
  }
  return dropped;
}

core::Status SqliteHousekeeping::pin(const StorePin& pin) {
  return write([&](sql::Connection& db) -> core::Status {
    EVERY_TRY_ASSIGN(auto insert, db.prepare("INSERT INTO pins (kind, what, since) VALUES "
                                             "(?, ?, ?) ON CONFLICT DO NOTHING"));
    return insert.bind(1, std::int64_t{std::to_underlying(pin.kind)})
        .bind(2, std::string_view(pin.what))
        .bind(3, pin.since)
        .run();
  });
}

core::Result<bool> SqliteHousekeeping::unpin(StorePin::Kind kind, std::string_view what) {
  bool was_pinned = false;
  const auto work = [&](sql::Connection& db) -> core::Status {
    EVERY_TRY_ASSIGN(auto drop, db.prepare("DELETE FROM pins WHERE kind = ? AND what = ?"));
    EVERY_TRY(drop.bind(1, std::int64_t{std::to_underlying(kind)}).bind(2, what).run());
    was_pinned = db.changes() > 0;
    return {};
  };
  EVERY_TRY(write(work));
  return was_pinned;
}

core::Result<std::vector<StorePin>> SqliteHousekeeping::pins() {
  return read([](sql::Connection& db) -> core::Result<std::vector<StorePin>> {
    EVERY_TRY_ASSIGN(auto query,
                     db.prepare("SELECT kind, what, since FROM pins ORDER BY since, what"));
    std::vector<StorePin> pins;
    for (;;) {
      EVERY_TRY_ASSIGN(const auto step, query.step());
      if (step == Step::kDone) return pins;
      pins.push_back({query.integer(0) == 0 ? StorePin::Kind::kRun : StorePin::Kind::kReceipt,
                      std::string(query.text(1)), query.integer(2)});
    }
  });
}

core::Result<std::uint64_t> SqliteHousekeeping::give_back() {
  std::uint64_t bytes = 0;
  const auto work = [&bytes](sql::Connection& db) -> core::Status {
    EVERY_TRY_ASSIGN(bytes, sql::give_back(db, "PRAGMA incremental_vacuum(256)"));
    return {};
  };
  // The file becomes shorter when the log is moved into it.
  EVERY_TRY(run_job_({.work = work, .then = Writer::Job::Then::kCheckpoint}));
  return bytes;
}

}  // namespace every::store
