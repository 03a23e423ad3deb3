#include "fuzz.h"

#include "every/ipld/varint.h"

using every::core::Bytes;
using every::core::BytesView;
using every::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView input(data, size);
  BytesView rest = input;
  const auto number = every::ipld::decode_varint(rest);
  if (!number) {
    require(rest.size() == input.size(), "a failed decode does not move");
    return 0;
  }
  Bytes encoded;
  every::ipld::encode_varint(*number, encoded);
  require(encoded == every::core::to_bytes(input.first(size - rest.size())),
          "encode gives back what was read");
  return 0;
}
