#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "every/core/error.h"
#include "every/ipld/cid.h"
#include "every/ipld/unixfs.h"
#include "every/ipld/unixfs_data.h"

/// UnixFS directories, plain and sharded (HAMT).
/// source: https://specs.ipfs.tech/unixfs/ and docs/formats/unixfs.md
namespace every::ipld::unixfs {

/// An entry of a directory.
struct Entry {
  std::string name;
  Cid cid;
  std::uint64_t dag_size = 0;  ///< [bytes] of all blocks below, as the directory claims
  friend bool operator==(const Entry&, const Entry&) = default;
};

/// What a block is, as far as UnixFS goes.
struct Kind {
  Type type = Type::kFile;
  std::uint64_t size = 0;   ///< [bytes] of a file, as its root claims
  std::string target = {};  ///< of a symbolic link
};
/// errors: kInvalidArgument a block that is not UnixFS (its codec is named); kMalformed
[[nodiscard]] core::Result<Kind> kind_of(const Cid& cid, core::BytesView block);

/// Whether a kind is a directory, plain or sharded.
[[nodiscard]] constexpr bool is_directory(const Kind& kind) {
  return kind.type == Type::kDirectory || kind.type == Type::kHamtShard;
}

/// How many entries are listed of one directory at most.
inline constexpr std::size_t kMaxEntries = 1'000'000;

/// The entries of a directory, in bytewise order of their names.
///
/// errors: kInvalidArgument not a directory; kMalformed; kResourceExhausted more than kMaxEntries, or shards nested too deeply; those of the source
/// cost: reads all shards. thread: any
[[nodiscard]] core::Result<std::vector<Entry>> list_directory(const Cid& directory,
                                                              const BlockSource& source);
/// One entry by its name; none when there is none. cost: reads one shard a level. errors: as list_directory
[[nodiscard]] core::Result<std::optional<Entry>> find_entry(const Cid& directory,
                                                            std::string_view name,
                                                            const BlockSource& source);

/// A directory above this many bytes of names and CIDs is sharded, as Kubo does it.
inline constexpr std::size_t kShardAbove = std::size_t{256} << 10;

/// The blocks of a directory, with the CIDs `ipfs add -r` gives: one node, or shards of 256 where it is large.
///
/// in:     entries   any order, names unique and not empty
/// out:    its root; `dag_size` with all that is below
/// errors: kInvalidArgument a name twice; those of the sink
[[nodiscard]] core::Result<Imported> make_directory(std::vector<Entry> entries,
                                                    const BlockSink& sink,
                                                    CidVersion version = CidVersion::k1);
/// The block of a symbolic link. errors: those of the sink
[[nodiscard]] core::Result<Imported> make_symlink(std::string_view target, const BlockSink& sink,
                                                  CidVersion version = CidVersion::k1);

}  // namespace every::ipld::unixfs
