#include "outbox.h"

#include <utility>

#include "schema.h"

#include "every/sql/migrate.h"

namespace every::blocks {
namespace {

using Step = sql::Statement::Step;

}  // namespace

core::Result<std::unique_ptr<Outbox>> Outbox::open(const std::filesystem::path& file, Sync sync) {
  const sql::OpenOptions options{
      .mode = sql::Mode::kReadWrite,
      .sync = sync == Sync::kDurable ? sql::Sync::kFull : sql::Sync::kNormal};
  EVERY_TRY_ASSIGN(auto connection, sql::Connection::open(file, options));
  return make(std::move(connection));
}

core::Result<std::unique_ptr<Outbox>> Outbox::open_memory() {
  EVERY_TRY_ASSIGN(auto connection, sql::Connection::open_memory());
  EVERY_TRY(sql::migrate(*connection, schema()));
  return make(std::move(connection));
}

core::Result<std::unique_ptr<Outbox>> Outbox::make(std::unique_ptr<sql::Connection> connection) {
  auto outbox = std::make_unique<Outbox>();
  sql::Connection& db = *connection;
  outbox->connection_ = std::move(connection);
  EVERY_TRY_ASSIGN(outbox->known_, db.prepare("SELECT 1 FROM components WHERE cid = ?"));
  EVERY_TRY_ASSIGN(outbox->note_, db.prepare("INSERT INTO components (cid) VALUES (?) "
                                             "ON CONFLICT (cid) DO NOTHING"));
  EVERY_TRY_ASSIGN(outbox->components_,
                   db.prepare("SELECT id, cid FROM components WHERE id > ? ORDER BY id LIMIT ?"));
  EVERY_TRY_ASSIGN(outbox->progress_, db.prepare("SELECT component, receipt, receipt_cid "
                                                 "FROM published WHERE peer = ?"));
  EVERY_TRY_ASSIGN(outbox->save_,
                   db.prepare("INSERT INTO published (peer, component, receipt, receipt_cid) "
                              "VALUES (?1, ?2, ?3, ?4) ON CONFLICT (peer) DO UPDATE SET "
                              "component = ?2, receipt = ?3, receipt_cid = ?4"));
  EVERY_TRY_ASSIGN(outbox->set_aside_,
                   db.prepare("INSERT INTO set_aside (peer, cid, kind, why, id) "
                              "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (peer, cid) DO UPDATE SET "
                              "why = ?4"));
  EVERY_TRY_ASSIGN(outbox->list_set_aside_,
                   db.prepare("SELECT id, cid, kind FROM set_aside WHERE peer = ?"));
  EVERY_TRY_ASSIGN(outbox->take_back_,
                   db.prepare("DELETE FROM set_aside WHERE peer = ? AND cid = ?"));
  return outbox;
}

core::Status Outbox::note_component(const ipld::Cid& cid) {
  const std::lock_guard lock(mutex_);
  {
    const sql::ResetAtEnd reset(known_);
    EVERY_TRY_ASSIGN(const auto step, known_.bind(1, cid.encode()).step());
    if (step == Step::kRow) return {};
  }
  return note_.bind(1, cid.encode()).run();
}

core::Result<std::vector<Outbox::Component>> Outbox::components(std::int64_t after,
                                                                std::size_t limit) {
  const std::lock_guard lock(mutex_);
  const sql::ResetAtEnd reset(components_);
  components_.bind(1, after).bind(2, static_cast<std::int64_t>(limit));
  std::vector<Component> found;
  for (;;) {
    EVERY_TRY_ASSIGN(const auto step, components_.step());
    if (step == Step::kDone) return found;
    EVERY_TRY_ASSIGN(ipld::Cid cid, ipld::Cid::decode(components_.bytes(1)));
    found.push_back({components_.integer(0), std::move(cid)});
  }
}

core::Result<Progress> Outbox::progress(const std::string& peer) {
  const std::lock_guard lock(mutex_);
  const sql::ResetAtEnd reset(progress_);
  EVERY_TRY_ASSIGN(const auto step, progress_.bind(1, std::string_view(peer)).step());
  Progress progress;
  if (step == Step::kDone) return progress;
  progress.component = progress_.integer(0);
  progress.receipt = progress_.integer(1);
  if (!progress_.is_null(2)) {
    EVERY_TRY_ASSIGN(progress.receipt_cid, ipld::Cid::decode(progress_.bytes(2)));
  }
  return progress;
}

core::Status Outbox::save(const std::string& peer, const Progress& progress) {
  const std::lock_guard lock(mutex_);
  save_.bind(1, std::string_view(peer)).bind(2, progress.component).bind(3, progress.receipt);
  if (progress.receipt_cid) {
    save_.bind(4, progress.receipt_cid->encode());
  } else {
    save_.bind_null(4);
  }
  return save_.run();
}

core::Status Outbox::set_aside(const std::string& peer, const SetAside& what,
                               const std::string& why) {
  const std::lock_guard lock(mutex_);
  return set_aside_.bind(1, std::string_view(peer))
      .bind(2, what.cid.encode())
      .bind(3, static_cast<std::int64_t>(what.kind))
      .bind(4, std::string_view(why))
      .bind(5, what.id)
      .run();
}

core::Result<std::vector<SetAside>> Outbox::list_set_aside(const std::string& peer) {
  const std::lock_guard lock(mutex_);
  const sql::ResetAtEnd reset(list_set_aside_);
  list_set_aside_.bind(1, std::string_view(peer));
  std::vector<SetAside> found;
  for (;;) {
    EVERY_TRY_ASSIGN(const auto step, list_set_aside_.step());
    if (step == Step::kDone) return found;
    EVERY_TRY_ASSIGN(ipld::Cid cid, ipld::Cid::decode(list_set_aside_.bytes(1)));
    const auto component = static_cast<std::int64_t>(PublishedKind::kComponent);
    found.push_back({list_set_aside_.integer(0), std::move(cid),
                     list_set_aside_.integer(2) == component ? PublishedKind::kComponent
                                                             : PublishedKind::kReceipt});
  }
}

core::Status Outbox::take_back(const std::string& peer, const ipld::Cid& cid) {
  const std::lock_guard lock(mutex_);
  return take_back_.bind(1, std::string_view(peer)).bind(2, cid.encode()).run();
}

}  // namespace every::blocks
