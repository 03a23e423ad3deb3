#include "fuzz.h"

#include "every/ipld/car.h"

using every::core::Bytes;
using every::core::BytesView;
using every::fuzz::require;
namespace car = every::ipld::car;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto reader = car::Reader::open(car::source_of(BytesView(data, size)),
                                  {.header_bytes = 4096, .block_bytes = 65536});
  if (!reader) return 0;
  Bytes out = car::encode_header(reader->roots());
  std::size_t count = 0;
  for (auto block = reader->next(); block && *block; block = reader->next()) {
    require((*block)->cid.matches((*block)->bytes).value_or(false), "a block hashes to its CID");
    car::append_block(out, (*block)->cid, (*block)->bytes);
    ++count;
  }
  auto again = car::Reader::open(car::source_of(out));
  require(again && again->roots() == reader->roots(), "what is written has the same roots");
  for (auto block = again->next(); block && *block; block = again->next()) --count;
  require(count == 0, "what is written has the same blocks");
  return 0;
}
