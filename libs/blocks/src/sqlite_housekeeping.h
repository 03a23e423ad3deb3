#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "touches.h"

#include "every/blocks/housekeeping.h"
#include "every/sql/connection.h"
#include "every/sql/pool.h"

namespace every::blocks {

/// Housekeeping of blocks in SQLite. Reads on connections of its own.
class SqliteHousekeeping final : public Housekeeping {
 public:
  enum class Log : std::uint8_t { kMoveIfLong, kMove };
  /// Runs work on the writing connection, within a transaction, and moves the log into the file afterwards.
  using Write =
      std::function<core::Status(const std::function<core::Status(sql::Connection&)>&, Log)>;
  /// in: write, touches   for as long as this lives
  SqliteHousekeeping(const std::filesystem::path& file, Write write, Touches& touches)
      : readers_([file] { return sql::Connection::open(file, {.mode = sql::Mode::kReadOnly}); }),
        write_(std::move(write)),
        touches_(touches) {}
  /// Lets go of the connections that are not in use.
  void close_readers() { readers_.clear(); }

  core::Result<BlockSizes> sizes() override;
  core::Status pin(const ipld::Cid& root, PinKind kind, core::WallNanos since) override;
  core::Status pin_parts(const ipld::Cid& root, std::span<const Block> parts,
                         core::WallNanos since) override;
  core::Result<bool> unpin(const ipld::Cid& root) override;
  core::Result<std::vector<ContentPin>> pins() override;
  core::Status note_component(const ipld::Cid& cid) override;
  core::Result<std::vector<ipld::Cid>> components() override;
  core::Result<std::unique_ptr<Collection>> begin_collection() override;
  core::Result<std::uint64_t> give_back() override;

 private:
  sql::Pool<sql::Connection> readers_;
  Write write_;
  Touches& touches_;
};

}  // namespace every::blocks
