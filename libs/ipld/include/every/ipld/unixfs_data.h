#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "every/core/bytes.h"
#include "every/core/error.h"

/// UnixFS v1: files as trees of DAG-PB nodes.
/// source: https://specs.ipfs.tech/unixfs/ and docs/formats/unixfs.md
namespace every::ipld::unixfs {

enum class Type : std::uint8_t { kRaw, kDirectory, kFile, kMetadata, kSymlink, kHamtShard };
/// `a file`, `a directory`, `a symbolic link`, …, as a sentence says it.
[[nodiscard]] std::string_view describe(Type type);

/// What a UnixFS node's data field says. Mode and modification time are read past.
struct Data {
  Type type = Type::kFile;
  core::Bytes content;  ///< of a leaf; an inner node of a file has it before what its links hold
  std::optional<std::uint64_t> file_size;
  std::vector<std::uint64_t> block_sizes;  ///< one a link: how many bytes of the file hang there
  std::optional<std::uint64_t> hash_type;  ///< of a HAMT shard: the multicodec of the hash
  std::optional<std::uint64_t> fanout;     ///< of a HAMT shard: slots a node
  friend bool operator==(const Data&, const Data&) = default;
};

/// As Kubo writes it; empty content is left out. cost: linear. thread: any
[[nodiscard]] core::Bytes encode_data(const Data& data);
/// errors: kMalformed not a UnixFS message (cut off, no type, an unknown type, a field twice)
/// cost: linear. thread: any
[[nodiscard]] core::Result<Data> decode_data(core::BytesView bytes);

}  // namespace every::ipld::unixfs
