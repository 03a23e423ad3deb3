#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "every/core/bytes.h"
#include "every/core/error.h"
#include "every/ipld/cid.h"
#include "every/ipld/unixfs.h"
#include "every/ipld/value.h"

/// Paths through content: `/ipfs/<root>/a/b`.
namespace every::ipld {

/// What a path leads to.
struct PathEnd {
  Cid cid;            ///< of the block it ends in
  core::Bytes block;  ///< its bytes
  std::vector<Cid>
      roots;  ///< the blocks that the path leads through, the first and this one included; shards are left out
  std::optional<Value>
      inside;  ///< where the path ends within a dag-cbor or dag-json block: what is there
};

/// Follows a path: names of entries through UnixFS directories, keys and indices through dag-cbor and dag-json, over links.
///
/// out:    a path that ends at a link leads to the block behind it; no segments: the root
/// errors: kNotFound there is no such entry (it is named), the path goes on below a file, or a block is missing; kMalformed; those of the source
/// cost:   one block a segment (and a shard). thread: any
[[nodiscard]] core::Result<PathEnd> follow_path(const Cid& root,
                                                std::span<const std::string> segments,
                                                const unixfs::BlockSource& source);

}  // namespace every::ipld
