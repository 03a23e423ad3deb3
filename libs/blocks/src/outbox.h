#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "every/blocks/blocks.h"
#include "every/core/error.h"
#include "every/ipld/cid.h"
#include "every/sql/connection.h"

namespace every::blocks {

/// How far a Kubo has what this home publishes: cursors into two lists that only grow. Receipts before the cursors are there, or set aside.
struct Progress {
  std::int64_t component = 0;
  std::int64_t receipt = 0;
  std::optional<ipld::Cid>
      receipt_cid;  ///< of the receipt at the cursor: another one there means another store
};

enum class PublishedKind : std::uint8_t { kComponent, kReceipt };

/// What a Kubo refused, to be tried again later.
struct SetAside {
  std::int64_t id = 0;  ///< in its list
  ipld::Cid cid;
  PublishedKind kind = PublishedKind::kReceipt;
};

/// What is to be published and what was, durably, in the file of the block store (docs/formats/blocks.md). thread: any.
class Outbox {
 public:
  struct Component {
    std::int64_t id = 0;
    ipld::Cid cid;
  };

  /// in: file   a block store that is open in this process. errors: those of sql::Connection::open
  [[nodiscard]] static core::Result<std::unique_ptr<Outbox>> open(const std::filesystem::path& file,
                                                                  Sync sync);
  [[nodiscard]] static core::Result<std::unique_ptr<Outbox>> open_memory();

  /// Remembers that this home serves a component. cost: a read when it is known already. errors: kIo, kResourceExhausted
  [[nodiscard]] core::Status note_component(const ipld::Cid& cid);
  /// In the order they were noted. errors: kIo, kIntegrity
  [[nodiscard]] core::Result<std::vector<Component>> components(std::int64_t after,
                                                                std::size_t limit);

  /// in: peer   the Kubo's id. out: the beginning for one that is new
  [[nodiscard]] core::Result<Progress> progress(const std::string& peer);
  [[nodiscard]] core::Status save(const std::string& peer, const Progress& progress);

  [[nodiscard]] core::Status set_aside(const std::string& peer, const SetAside& what,
                                       const std::string& why);
  [[nodiscard]] core::Result<std::vector<SetAside>> list_set_aside(const std::string& peer);
  [[nodiscard]] core::Status take_back(const std::string& peer, const ipld::Cid& cid);

 private:
  static core::Result<std::unique_ptr<Outbox>> make(std::unique_ptr<sql::Connection> connection);
  std::mutex mutex_;
  std::unique_ptr<sql::Connection> connection_;  // before its statements, so that they go first
  sql::Statement known_, note_, components_, progress_, save_, set_aside_, list_set_aside_,
      take_back_;
};

}  // namespace every::blocks
