#pragma once

#include "every/core/bytes.h"
#include "every/core/error.h"
#include "every/ipld/cid.h"
#include "every/ipld/value.h"

namespace every::ipld {

/// A block's value by its codec: raw is Bytes, dag-pb a map of `Data` and `Links` as its specification says; all else as it decodes.
///
/// errors: kMalformed the block does not parse; kUnsupported a codec other than raw, dag-pb, dag-cbor, dag-json
/// cost: linear. thread: any. source: https://ipld.io/specs/codecs/dag-pb/spec/#logical-format
[[nodiscard]] core::Result<Value> value_of(const Cid& cid, core::BytesView block);

}  // namespace every::ipld
