#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "every/core/bytes.h"
#include "every/core/error.h"
#include "every/ipld/car.h"
#include "every/ipld/cid.h"

/// Content: blocks by CID, and files (UnixFS) made of them.
namespace every::blocks {

using Block = ipld::car::Block;

class Housekeeping;

/// Blocks by CID. What comes out hashes to its CID, always. thread: any.
class BlockStore {
 public:
  virtual ~BlockStore() = default;
  /// The bytes of a block. errors: kIntegrity what is kept does not hash to the CID (it is not served); kIo; kUnavailable a remote that does not answer
  [[nodiscard]] virtual core::Result<std::optional<core::Bytes>> find(const ipld::Cid& cid) = 0;
  [[nodiscard]] virtual core::Result<bool> has(const ipld::Cid& cid) = 0;
  /// Keeps blocks, all or none, durably on return. A block already there is left alone.
  /// errors: kIntegrity a block does not hash to its CID (nothing is kept); kResourceExhausted disk full; kIo
  [[nodiscard]] virtual core::Status put(std::span<const Block> blocks) = 0;
  /// What keeps it small; lives as long as the store. Null: this one keeps all it has as long as it lives.
  [[nodiscard]] virtual Housekeeping* housekeeping() { return nullptr; }
};

[[nodiscard]] std::unique_ptr<BlockStore> make_memory_blocks();

enum class Sync : std::uint8_t { kDurable, kRelaxed };
/// Opens (or makes) the embedded block store in one SQLite file. errors: kConflict, kIntegrity, kUnsupported, kIo
[[nodiscard]] core::Result<std::unique_ptr<BlockStore>> open_sqlite_blocks(
    const std::filesystem::path& file, Sync sync);

/// Adds a file with the CIDs Kubo gives (`ipfs add --cid-version=1`: 262144-byte chunks, raw leaves, 174 links a node).
/// cost: bounded memory. errors: as put
[[nodiscard]] core::Result<ipld::Cid> add_file(BlockStore& store, core::BytesView content);
/// As add_file, in pieces: `read` fills a buffer and returns how many bytes it put there, 0 at the end.
[[nodiscard]] core::Result<ipld::Cid> add_stream(
    BlockStore& store,
    const std::function<core::Result<std::size_t>(std::span<std::uint8_t>)>& read);
/// The CID add_file would give, without keeping anything.
[[nodiscard]] core::Result<ipld::Cid> cid_of_file(core::BytesView content);

/// The bytes a CID stands for: a raw block's, or a UnixFS file's.
///
/// in: limit   bytes at most
/// errors: kNotFound a block is missing (its CID is named); kUnsupported not a file (a directory, dag-cbor …); kMalformed a node that does not parse; kResourceExhausted; kIntegrity; kIo
[[nodiscard]] core::Result<core::Bytes> read_content(BlockStore& store, const ipld::Cid& cid,
                                                     std::uint64_t limit);

}  // namespace every::blocks
