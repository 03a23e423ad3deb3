#include "fuzz.h"

#include "every/ipld/dag_pb.h"
#include "every/ipld/links.h"

using namespace every::ipld;
using every::core::BytesView;
using every::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView input(data, size);
  const auto node = dag_pb::decode(input);
  if (!node) return 0;
  const auto links = links_of(Cid::of(Codec::kDagPb, HashCode::kSha2_256, input), input);
  require(links.has_value() && links->size() == node->links.size(),
          "a block has the links of its node");
  const auto block = dag_pb::encode(*node);
  if (!block) return 0;  // links out of order are read and not written
  require(block->size() == size, "only the order of fields is not fixed");
  require(dag_pb::decode(*block) == *node, "decode gives back the node");
  return 0;
}
