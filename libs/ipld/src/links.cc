#include "every/ipld/links.h"

#include <utility>

#include "every/ipld/dag_cbor.h"
#include "every/ipld/dag_json.h"
#include "every/ipld/dag_pb.h"

namespace every::ipld {
namespace {

void collect(const Value& value, std::vector<Cid>& out) {
  if (const Cid* const link = value.if_link()) {
    out.push_back(*link);
  } else if (const List* const list = value.if_list()) {
    for (const Value& item : *list) collect(item, out);
  } else if (const Map* const map = value.if_map()) {
    for (const MapEntry& entry : *map) collect(entry.value, out);
  }
}

}  // namespace

std::vector<Cid> links_in(const Value& value) {
  std::vector<Cid> out;
  collect(value, out);
  return out;
}

core::Result<std::vector<Cid>> links_of(const Cid& cid, core::BytesView block) {
  const auto named = [&](core::Error error) {
    return core::fail(std::move(error).in("block " + cid.render()));
  };
  switch (cid.codec()) {
    case Codec::kRaw:
      return std::vector<Cid>();
    case Codec::kDagCbor: {
      auto value = dag_cbor::decode(block);
      if (!value) return named(std::move(value).error());
      return links_in(*value);
    }
    case Codec::kDagJson: {
      auto value = dag_json::decode(core::as_text(block), dag_json::Strictness::kBlock);
      if (!value) return named(std::move(value).error());
      return links_in(*value);
    }
    case Codec::kDagPb: {
      auto node = dag_pb::decode(block);
      if (!node) return named(std::move(node).error());
      std::vector<Cid> out;
      out.reserve(node->links.size());
      for (dag_pb::Link& link : node->links) out.push_back(std::move(link.cid));
      return out;
    }
    default:
      break;
  }
  return core::fail(core::ErrorCode::kUnsupported,
                    "block " + cid.render() + ": codec " +
                        std::to_string(std::to_underlying(cid.codec())) +
                        " is not known here; known are raw, dag-pb, dag-cbor, dag-json");
}

}  // namespace every::ipld
