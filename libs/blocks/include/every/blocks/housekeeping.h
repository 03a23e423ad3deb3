#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "every/blocks/blocks.h"
#include "every/core/clock.h"
#include "every/core/error.h"
#include "every/ipld/cid.h"

/// Keeping a block store small: how much there is, what is pinned, what goes.
namespace every::blocks {

struct BlockSizes {
  std::uint64_t blocks = 0;
  std::uint64_t content_bytes = 0;  ///< of the blocks
  std::uint64_t components = 0;     ///< that were ever loaded here
  std::uint64_t pins = 0;           ///< roots
  std::uint64_t bytes = 0;          ///< of the database, its free pages too
  std::uint64_t free_bytes = 0;     ///< of it: pages that hold nothing, used again or given back
};

/// What is kept beside what the node itself needs.
enum class PinKind : std::uint8_t {
  kAdded,   ///< somebody added or imported it
  kPinned,  ///< somebody asked for it to stay
};
enum class Depth : std::uint8_t {
  kBlock,  ///< the block alone
  kAll,    ///< with all it links to
};
struct ContentPin {
  ipld::Cid root;
  PinKind kind = PinKind::kAdded;
  core::WallNanos since = 0;
  std::uint64_t parts =
      0;  ///< blocks that are pinned one by one under this root; 0: the root with all it links to
};

/// One collection: blocks that are not kept are dropped. Blocks that are put, found or asked for while it lasts are kept with all they link
/// to, so that nothing is taken away from who works with it. thread: one at a time
class Collection {
 public:
  virtual ~Collection() = default;
  /// What is not here, and links that do not parse, are passed over. errors: kIo
  [[nodiscard]] virtual core::Status keep(const ipld::Cid& cid, Depth depth) = 0;
  /// Says that a DAG was put by the node itself: of what came before marks were made (version 3) only such blocks go. errors: kIo
  [[nodiscard]] virtual core::Status claim(const ipld::Cid& root) = 0;
  /// Of a block that was here when the collection began.
  enum class Fate : std::uint8_t { kAbsent, kKept, kUnkept };
  [[nodiscard]] virtual Fate fate_of(const ipld::Cid& cid) const = 0;
  struct Sum {
    std::uint64_t blocks = 0;
    std::uint64_t bytes = 0;
  };
  enum class Earlier : std::uint8_t {
    kClaimed,  ///< of the blocks of earlier versions those that were claimed
    kAll
  };
  /// What would go now.
  [[nodiscard]] virtual Sum unkept(Earlier earlier) const = 0;
  /// Drops some of it, in one short transaction. out: what went; nothing at the end. errors: kIo, kResourceExhausted
  [[nodiscard]] virtual core::Result<Sum> drop_some(Earlier earlier) = 0;
};

/// thread: any. errors, where nothing else is said: kIo, kIntegrity, kResourceExhausted
class Housekeeping {
 public:
  virtual ~Housekeeping() = default;
  /// cost: visits each row, not its bytes
  [[nodiscard]] virtual core::Result<BlockSizes> sizes() = 0;

  /// Pins a root with all it links to, whether it is here or not. One that was added can be pinned, too; pinned stays pinned.
  [[nodiscard]] virtual core::Status pin(const ipld::Cid& root, PinKind kind,
                                         core::WallNanos since) = 0;
  /// Pins blocks one by one under a root, as added. They may come after this.
  [[nodiscard]] virtual core::Status pin_parts(const ipld::Cid& root, std::span<const Block> parts,
                                               core::WallNanos since) = 0;
  /// out: whether it was pinned
  [[nodiscard]] virtual core::Result<bool> unpin(const ipld::Cid& root) = 0;
  /// Oldest first.
  [[nodiscard]] virtual core::Result<std::vector<ContentPin>> pins() = 0;

  /// Remembers that a component was loaded here.
  [[nodiscard]] virtual core::Status note_component(const ipld::Cid& cid) = 0;
  /// In the order they were loaded first.
  [[nodiscard]] virtual core::Result<std::vector<ipld::Cid>> components() = 0;

  /// Begins a collection with everything that is pinned kept. It ends with its object. errors: kConflict another one is under way
  /// cost: 24 bytes of memory a block
  [[nodiscard]] virtual core::Result<std::unique_ptr<Collection>> begin_collection() = 0;

  /// Gives free pages back to the file system, one step of about a MiB. out: bytes given back, 0: nothing is left
  [[nodiscard]] virtual core::Result<std::uint64_t> give_back() = 0;
};

/// What a block store holds, beside the process that uses it or without one. errors: kNotFound no such file; kUnsupported of a newer version; kConflict of
/// another kind; kIo, kIntegrity
[[nodiscard]] core::Result<BlockSizes> sizes_of(const std::filesystem::path& file);

}  // namespace every::blocks
