#pragma once

#include <vector>

#include "every/core/bytes.h"
#include "every/core/error.h"
#include "every/ipld/cid.h"
#include "every/ipld/value.h"

namespace every::ipld {

/// The links of a block, in the order they are written, repeated ones each time. Raw blocks have none.
///
/// in:     cid    only its codec is looked at; the caller has verified the block
/// errors: kMalformed the block does not parse as its codec; kUnsupported a codec other than raw, dag-cbor, dag-json, dag-pb
/// cost: linear. thread: any
[[nodiscard]] core::Result<std::vector<Cid>> links_of(const Cid& cid, core::BytesView block);

/// The links in a value, depth first, maps in the order of their keys. cost: linear. thread: any
[[nodiscard]] std::vector<Cid> links_in(const Value& value);

}  // namespace every::ipld
