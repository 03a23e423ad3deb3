#include "fuzz.h"

#include "every/ipld/dag_cbor.h"
#include "every/ipld/dag_json.h"

using namespace every::ipld;
using every::core::BytesView;
using every::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = every::core::as_text(BytesView(data, size));
  const auto block = dag_json::decode(text, dag_json::Strictness::kBlock);
  const auto request = dag_json::decode(text);
  if (block) {
    require(dag_json::encode(*block) == text, "a block is canonical");
    require(request.has_value(), "a block is a request too");
  }
  if (request) {
    const auto canonical = dag_json::encode(*request);
    require(canonical.has_value(), "what is read can be written");
    const auto again = dag_json::decode(*canonical, dag_json::Strictness::kBlock);
    require(again.has_value(), "what is written can be read");
    const auto cbor = dag_cbor::encode(*request);
    require(cbor.has_value() && dag_cbor::encode(*again) == *cbor,
            "text and bytes tell the same value");
    require(dag_json::encode(dag_cbor::decode(*cbor).value()) == *canonical,
            "by way of bytes to the same text");
  }
  return 0;
}
