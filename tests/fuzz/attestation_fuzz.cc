#include "fuzz.h"

#include "every/invocation/attestation.h"
#include "every/ipld/dag_cbor.h"

using namespace every;
using fuzz::require;

/// Any block as an attestation: what is taken is signed, and is written as it was read.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const core::BytesView block(data, size);
  const auto taken = invocation::Attestation::decode(block, ipld::Cid::of_dag_cbor(block));
  if (!taken) return 0;
  require(std::ranges::equal(taken->encode(), block), "one block for the same words");
  require(!taken->issuer().did().empty(), "somebody vouches for it");
  return 0;
}
