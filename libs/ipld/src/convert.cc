#include "every/ipld/convert.h"

#include <utility>

#include "every/ipld/dag_cbor.h"
#include "every/ipld/dag_json.h"
#include "every/ipld/dag_pb.h"

namespace every::ipld {
namespace {

core::Result<Value> value_of_node(core::BytesView block) {
  EVERY_TRY_ASSIGN(dag_pb::Node node, dag_pb::decode(block));
  List links;
  for (dag_pb::Link& link : node.links) {
    Map entry{{"Hash", Value(std::move(link.cid))}};
    if (link.name) entry.set("Name", Value(std::move(*link.name)));
    if (link.tsize) entry.set("Tsize", Value(Integer::from_unsigned(*link.tsize)));
    links.emplace_back(std::move(entry));
  }
  Map map{{"Links", Value(std::move(links))}};
  if (node.data) map.set("Data", Value(std::move(*node.data)));
  return Value(std::move(map));
}

core::Result<Value> decode_as(Codec codec, core::BytesView block) {
  switch (codec) {
    case Codec::kRaw:
      return Value(core::to_bytes(block));
    case Codec::kDagPb:
      return value_of_node(block);
    case Codec::kDagCbor:
      return dag_cbor::decode(block);
    case Codec::kDagJson:
      return dag_json::decode(core::as_text(block), dag_json::Strictness::kBlock);
    default:
      break;
  }
  return core::fail(core::ErrorCode::kUnsupported,
                    "codec " + std::to_string(std::to_underlying(codec)) +
                        " is not known here; known are raw, dag-pb, dag-cbor, dag-json");
}

}  // namespace

core::Result<Value> value_of(const Cid& cid, core::BytesView block) {
  auto value = decode_as(cid.codec(), block);
  if (!value) return core::fail(std::move(value).error().in("block " + cid.render()));
  return value;
}

}  // namespace every::ipld
