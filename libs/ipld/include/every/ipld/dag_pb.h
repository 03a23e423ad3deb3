#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "every/core/bytes.h"
#include "every/core/error.h"
#include "every/ipld/cid.h"

/// DAG-PB, the form of UnixFS nodes: links and a piece of data.
/// source: https://ipld.io/specs/codecs/dag-pb/spec/
namespace every::ipld::dag_pb {

/// A link with what its parent says of it. The name is bytes of any kind; `tsize` is a claim nobody checks.
struct Link {
  Cid cid;
  std::optional<std::string> name;
  std::optional<std::uint64_t> tsize;
  friend bool operator==(const Link&, const Link&) = default;
};

struct Node {
  std::vector<Link> links;
  std::optional<core::Bytes> data;
  friend bool operator==(const Node&, const Node&) = default;
};

/// The canonical bytes: links, then data. Links without a name count as named "".
///
/// errors: kInvalidArgument links that are not in bytewise order of their names
/// cost: linear. thread: any
[[nodiscard]] core::Result<core::Bytes> encode(const Node& node);

/// A node from its bytes; data before the links is accepted too, and links keep the order they are found in.
///
/// errors: kMalformed with the byte offset: fields unknown, repeated or out of order, a link without a CID, varints that are not
///         minimal, anything cut off
/// cost: linear; memory a small multiple of the input. thread: any
[[nodiscard]] core::Result<Node> decode(core::BytesView bytes);

}  // namespace every::ipld::dag_pb
