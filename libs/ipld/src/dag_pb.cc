#include "every/ipld/dag_pb.h"

#include <algorithm>

#include "protobuf.h"

namespace every::ipld::dag_pb {
namespace {

using protobuf::Wire;

// PBNode
constexpr std::uint64_t kNodeData = 1;
constexpr std::uint64_t kNodeLinks = 2;
// PBLink
constexpr std::uint64_t kLinkHash = 1;
constexpr std::uint64_t kLinkName = 2;
constexpr std::uint64_t kLinkTsize = 3;

std::string_view name_of(const Link& link) {
  return link.name ? std::string_view(*link.name) : std::string_view();
}

std::size_t size_of(const Link& link) {
  const auto field = [](std::size_t size) { return 1 + protobuf::varint_size(size) + size; };
  std::size_t size = field(link.cid.encode().size());
  if (link.name) size += field(link.name->size());
  if (link.tsize) size += 1 + protobuf::varint_size(*link.tsize);
  return size;
}

core::Result<Link> decode_link(core::BytesView bytes, std::size_t base) {
  protobuf::Reader reader("dag-pb", bytes, base);
  std::optional<Cid> cid;
  std::optional<std::string> name;
  std::optional<std::uint64_t> tsize;
  std::uint64_t last = 0;
  while (!reader.done()) {
    EVERY_TRY_ASSIGN(const protobuf::Field field, reader.next());
    if (field.number <= last)
      return reader.fail(field.at, "a link's fields are repeated or out of order");
    last = field.number;
    if (field.number == kLinkHash && field.wire == Wire::kBytes) {
      auto decoded = Cid::decode(field.bytes);
      if (!decoded) return reader.fail(field.at, decoded.error().message);
      cid = std::move(*decoded);
    } else if (field.number == kLinkName && field.wire == Wire::kBytes) {
      name = core::as_text(field.bytes);
    } else if (field.number == kLinkTsize && field.wire == Wire::kVarint) {
      tsize = field.value;
    } else {
      return reader.fail(field.at,
                         "a link has no field " + std::to_string(field.number) + " of this type");
    }
  }
  if (!cid) return reader.fail(base, "a link without a CID");
  return Link{std::move(*cid), std::move(name), tsize};
}

}  // namespace

core::Result<core::Bytes> encode(const Node& node) {
  const auto in_order =
      std::is_sorted(node.links.begin(), node.links.end(),
                     [](const Link& a, const Link& b) { return name_of(a) < name_of(b); });
  if (!in_order) {
    return core::fail(core::ErrorCode::kInvalidArgument,
                      "dag-pb: the links are not in the order of their names; sort them");
  }
  core::Bytes out;
  std::size_t size = node.data ? node.data->size() + 11 : 0;
  for (const Link& link : node.links) size += size_of(link) + 11;
  out.reserve(size);
  for (const Link& link : node.links) {
    protobuf::write_key(kNodeLinks, Wire::kBytes, out);
    protobuf::write_varint(size_of(link), out);
    protobuf::write_bytes(kLinkHash, link.cid.encode(), out);
    if (link.name) protobuf::write_bytes(kLinkName, core::as_bytes(*link.name), out);
    if (link.tsize) protobuf::write_number(kLinkTsize, *link.tsize, out);
  }
  if (node.data) protobuf::write_bytes(kNodeData, *node.data, out);
  return out;
}

core::Result<Node> decode(core::BytesView bytes) {
  protobuf::Reader reader("dag-pb", bytes, 0);
  Node node;
  bool links_ended = false;  // data after links ends them
  while (!reader.done()) {
    EVERY_TRY_ASSIGN(const protobuf::Field field, reader.next());
    if (field.wire != Wire::kBytes || (field.number != kNodeData && field.number != kNodeLinks)) {
      return reader.fail(field.at,
                         "a node has no field " + std::to_string(field.number) + " of this type");
    }
    if (field.number == kNodeLinks) {
      if (links_ended) return reader.fail(field.at, "data stands between links");
      EVERY_TRY_ASSIGN(Link link, decode_link(field.bytes, reader.offset_of(field.bytes)));
      node.links.push_back(std::move(link));
      continue;
    }
    if (node.data) return reader.fail(field.at, "a node has its data twice");
    node.data = core::to_bytes(field.bytes);
    links_ended = !node.links.empty();
  }
  return node;
}

}  // namespace every::ipld::dag_pb
