#pragma once

#include <cstdint>
#include <vector>

#include "sqlite_housekeeping.h"

namespace every::blocks {

/// A collection over a table of all blocks that were there when it began, with a mark each. Blocks that come later are none of its business.
class SqliteCollection final : public Collection {
 public:
  using Reader = sql::Pool<sql::Connection>::Lease;
  /// The touches have begun; they end with this.
  SqliteCollection(Reader reader, const SqliteHousekeeping::Write& write, Touches& touches)
      : reader_(std::move(reader)), write_(write), touches_(touches) {}
  ~SqliteCollection() override { touches_.end(); }
  SqliteCollection(const SqliteCollection&) = delete;
  SqliteCollection& operator=(const SqliteCollection&) = delete;
  /// Reads what there is, and keeps what is pinned. errors: kIo, kIntegrity
  [[nodiscard]] core::Status load();

  core::Status keep(const ipld::Cid& cid, Depth depth) override;
  core::Status claim(const ipld::Cid& root) override;
  Fate fate_of(const ipld::Cid& cid) const override;
  Sum unkept(Earlier earlier) const override;
  core::Result<Sum> drop_some(Earlier earlier) override;

 private:
  // Marks of a block.
  static constexpr std::uint8_t kKept = 1;
  static constexpr std::uint8_t kKeptBelow = 2;  // and all it links to
  static constexpr std::uint8_t kClaimed = 4;
  static constexpr std::uint8_t kClaimedBelow = 8;
  struct Entry {
    std::uint64_t hash = 0;  // of the key; two blocks of one hash are marked as one
    std::int64_t id = 0;
    std::uint32_t bytes = 0;
    std::uint8_t marks = 0;
  };
  [[nodiscard]] static std::uint64_t hash_of(const ipld::Cid& cid);
  [[nodiscard]] std::span<Entry> entries_of(const ipld::Cid& cid);
  core::Status mark(const ipld::Cid& root, Depth depth, std::uint8_t block, std::uint8_t below);
  [[nodiscard]] core::Result<std::vector<ipld::Cid>> links_of(const ipld::Cid& cid);
  [[nodiscard]] bool goes(const Entry& entry, Earlier earlier) const;
  core::Result<Sum> drop_next(sql::Connection& db, Earlier earlier);

  Reader reader_;
  const SqliteHousekeeping::Write& write_;
  Touches& touches_;
  std::int64_t last_earlier_ = 0;
  std::vector<Entry> entries_;  // by hash
  std::vector<std::uint32_t>
      order_;             // of entries, by id: how they lie in the file; made when dropping begins
  std::size_t next_ = 0;  // in order_
};

}  // namespace every::blocks
