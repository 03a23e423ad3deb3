#pragma once

#include "every/core/bytes.h"
#include "every/core/error.h"
#include "every/ipld/cid.h"
#include "every/ipld/value.h"

/// DAG-CBOR, the form everything is hashed in.
/// source: https://ipld.io/specs/codecs/dag-cbor/spec/ and docs/formats/dag-cbor.md
namespace every::ipld::dag_cbor {

/// The canonical bytes: map keys by length then bytewise, minimal heads, floats always 9 bytes.
///
/// errors: kInvalidArgument NaN, an infinity, text that is not UTF-8; kResourceExhausted deeper than kMaxDepth (context `path`)
/// cost: linear, one buffer. thread: any
[[nodiscard]] core::Result<core::Bytes> encode(const Value& value);
/// As encode, appended to `out`; `out` is as it was on error. in: depth   how many lists and maps are around it already
[[nodiscard]] core::Status encode_to(const Value& value, core::Bytes& out, std::size_t depth = 0);

/// How many bytes encode() would make; 0 where it would fail. cost: linear, no allocation. thread: any
[[nodiscard]] std::size_t encoded_size(const Value& value);

/// How much is forgiven on the way in.
enum class Strictness {
  kBlock,    ///< canonical only: what encode() of the result gives back byte for byte
  kRequest,  ///< as the original reads: any key order, and f32
};

/// errors: kMalformed with the byte `offset`: truncated, bytes left over, indefinite lengths, tags but 42, non-string or
///         duplicate keys, non-minimal heads, f16, undefined, NaN and infinities, text that is not UTF-8;
///         kResourceExhausted nested deeper than kMaxDepth
/// cost: linear; memory bounded by a small multiple of the input. thread: any
[[nodiscard]] core::Result<Value> decode(core::BytesView bytes,
                                         Strictness strictness = Strictness::kBlock);

/// The CID our data is named with, of the canonical bytes. errors: as encode
[[nodiscard]] core::Result<Cid> cid_of(const Value& value);

}  // namespace every::ipld::dag_cbor
