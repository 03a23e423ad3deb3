#include "sqlite_collection.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

#include "key.h"

#include "every/ipld/links.h"

namespace every::blocks {
namespace {

using Step = sql::Statement::Step;

// What one transaction drops, while who puts or looks for a block waits.
constexpr std::size_t kBlocksAtOnce = 256;
constexpr std::uint64_t kBytesAtOnce = std::uint64_t{2} << 20;

std::uint64_t hash_of_key(core::BytesView key) {
  return std::hash<std::string_view>()(core::as_text(key));
}

}  // namespace

std::uint64_t SqliteCollection::hash_of(const ipld::Cid& cid) {
  return hash_of_key(key_of(cid));
}

core::Status SqliteCollection::load() {
  EVERY_TRY_ASSIGN(last_earlier_,
                   reader_->query_integer("SELECT coalesce(max(last), 0) FROM earlier"));
  std::int64_t after = 0;
  for (std::size_t seen = 1; seen > 0;) {
    seen = 0;
    // A page at a time, so that the log can be moved into the database in between.
    EVERY_TRY_ASSIGN(auto query,
                     reader_->prepare("SELECT id, multihash, octet_length(bytes) FROM blocks "
                                      "WHERE id > ? ORDER BY id LIMIT 8192"));
    query.bind(1, after);
    for (;; ++seen) {
      EVERY_TRY_ASSIGN(const auto step, query.step());
      if (step == Step::kDone) break;
      after = query.integer(0);
      entries_.push_back(
          {hash_of_key(query.bytes(1)), after, static_cast<std::uint32_t>(query.integer(2)), 0});
    }
  }
  std::ranges::sort(entries_, {}, &Entry::hash);

  std::vector<std::pair<ipld::Cid, Depth>> pinned;
  {
    EVERY_TRY_ASSIGN(auto query, reader_->prepare("SELECT cid, depth FROM pins"));
    for (;;) {
      EVERY_TRY_ASSIGN(const auto step, query.step());
      if (step == Step::kDone) break;
      EVERY_TRY_ASSIGN(ipld::Cid cid, ipld::Cid::decode(query.bytes(0)));
      pinned.emplace_back(std::move(cid), query.integer(1) == 0 ? Depth::kBlock : Depth::kAll);
    }
  }
  for (const auto& [cid, depth] : pinned) EVERY_TRY(keep(cid, depth));
  return {};
}

std::span<SqliteCollection::Entry> SqliteCollection::entries_of(const ipld::Cid& cid) {
  const auto range = std::ranges::equal_range(entries_, hash_of(cid), {}, &Entry::hash);
  return {range.begin(), range.end()};
}

core::Status SqliteCollection::keep(const ipld::Cid& cid, Depth depth) {
  return mark(cid, depth, kKept, kKeptBelow);
}

core::Status SqliteCollection::claim(const ipld::Cid& root) {
  return mark(root, Depth::kAll, kClaimed, kClaimedBelow);
}

Collection::Fate SqliteCollection::fate_of(const ipld::Cid& cid) const {
  const auto range = std::ranges::equal_range(entries_, hash_of(cid), {}, &Entry::hash);
  if (range.empty()) return Fate::kAbsent;
  return (range.front().marks & kKept) != 0 ? Fate::kKept : Fate::kUnkept;
}

core::Status SqliteCollection::mark(const ipld::Cid& root, Depth depth, std::uint8_t block,
                                    std::uint8_t below) {
  std::vector<ipld::Cid> waiting{root};
  while (!waiting.empty()) {
    const ipld::Cid cid = std::move(waiting.back());
    waiting.pop_back();
    const bool is_inline = cid.hash_code() == ipld::HashCode::kIdentity;
    const auto entries = entries_of(cid);
    if (entries.empty() && !is_inline) continue;
    // The same bytes may be raw under one CID and link to others under another.
    const bool has_links = cid.codec() != ipld::Codec::kRaw && depth == Depth::kAll;
    const bool walked = !is_inline && (entries.front().marks & below) != 0;
    for (Entry& entry : entries)
      entry.marks |= static_cast<std::uint8_t>(has_links ? block | below : block);
    if (!has_links || walked) continue;
    EVERY_TRY_ASSIGN(auto links, links_of(cid));
    std::ranges::move(links, std::back_inserter(waiting));
  }
  return {};
}

core::Result<std::vector<ipld::Cid>> SqliteCollection::links_of(const ipld::Cid& cid) {
  core::Bytes bytes;
  if (auto content = inline_content(cid)) {
    bytes = std::move(*content);
  } else {
    const core::Bytes key = key_of(cid);
    EVERY_TRY_ASSIGN(auto query, reader_->prepare("SELECT bytes FROM blocks WHERE multihash = ?"));
    EVERY_TRY_ASSIGN(const auto step, query.bind(1, core::BytesView(key)).step());
    if (step == Step::kRow) bytes = core::to_bytes(query.bytes(0));
  }
  // A damaged block leads nowhere: what it linked to cannot be had through it.
  auto links = ipld::links_of(cid, bytes);
  return links ? std::move(*links) : std::vector<ipld::Cid>();
}

bool SqliteCollection::goes(const Entry& entry, Earlier earlier) const {
  if ((entry.marks & kKept) != 0) return false;
  return entry.id > last_earlier_ || earlier == Earlier::kAll || (entry.marks & kClaimed) != 0;
}

Collection::Sum SqliteCollection::unkept(Earlier earlier) const {
  Sum sum;
  for (const Entry& entry : entries_) {
    if (!goes(entry, earlier)) continue;
    ++sum.blocks;
    sum.bytes += entry.bytes;
  }
  return sum;
}

core::Result<Collection::Sum> SqliteCollection::drop_some(Earlier earlier) {
  if (order_.empty()) {
    order_.resize(entries_.size());
    std::iota(order_.begin(), order_.end(), 0U);
    std::ranges::sort(order_, {}, [this](std::uint32_t index) { return entries_[index].id; });
  }
  if (next_ == order_.size()) return Sum{};
  Sum sum;
  const auto held = touches_.hold();
  // Before the writing connection is taken: it is held by who puts a block, and that one's touch was noted before.
  const auto work = [&](sql::Connection& db) -> core::Status {
    EVERY_TRY_ASSIGN(sum, drop_next(db, earlier));
    return {};
  };
  EVERY_TRY(write_(work, SqliteHousekeeping::Log::kMoveIfLong));
  return sum;
}

core::Result<Collection::Sum> SqliteCollection::drop_next(sql::Connection& db, Earlier earlier) {
  for (const ipld::Cid& cid : touches_.take()) EVERY_TRY(keep(cid, Depth::kAll));
  EVERY_TRY_ASSIGN(auto drop, db.prepare("DELETE FROM blocks WHERE id = ?"));
  Sum sum;
  for (; next_ < order_.size(); ++next_) {
    const Entry& entry = entries_[order_[next_]];
    if (!goes(entry, earlier)) continue;
    if (sum.blocks == kBlocksAtOnce || (sum.blocks > 0 && sum.bytes + entry.bytes > kBytesAtOnce))
      break;
    EVERY_TRY(drop.bind(1, entry.id).run());
    ++sum.blocks;
    sum.bytes += entry.bytes;
  }
  return sum;
}

}  // namespace every::blocks
