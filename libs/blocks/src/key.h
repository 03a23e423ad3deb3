#pragma once

#include <optional>
#include <span>

#include "every/blocks/blocks.h"

namespace every::blocks {

/// What a block is kept by: its binary multihash. CIDs of the same bytes that differ in version or codec share it.
[[nodiscard]] core::Bytes key_of(const ipld::Cid& cid);
/// The content an identity CID carries in itself; nothing is ever kept for one.
[[nodiscard]] std::optional<core::Bytes> inline_content(const ipld::Cid& cid);
/// errors: kIntegrity naming the first block that does not hash to its CID; kUnsupported a hash function not known here
[[nodiscard]] core::Status check(std::span<const Block> blocks);
/// The error of a kept block that does not hash to its CID.
[[nodiscard]] core::Error damaged(const ipld::Cid& cid);

}  // namespace every::blocks
