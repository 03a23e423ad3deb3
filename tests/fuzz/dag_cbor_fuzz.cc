#include "fuzz.h"

#include "every/ipld/dag_cbor.h"
#include "every/ipld/links.h"

using namespace every::ipld;
using every::core::BytesView;
using every::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView input(data, size);
  const auto block = dag_cbor::decode(input);
  const auto request = dag_cbor::decode(input, dag_cbor::Strictness::kRequest);
  if (block) {
    require(dag_cbor::encode(*block) == every::core::to_bytes(input), "a block is canonical");
    require(request.has_value(), "a block is a request too");
    require(links_of(Cid::of_dag_cbor(input), input) == links_in(*block),
            "a block has the links of its value");
  }
  if (request) {
    const auto canonical = dag_cbor::encode(*request);
    require(canonical.has_value(), "what is read can be written");
    const auto again = dag_cbor::decode(*canonical);
    require(again.has_value() && dag_cbor::encode(*again) == *canonical,
            "what is written can be read");
  }
  return 0;
}
