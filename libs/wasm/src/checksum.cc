#include "checksum.h"

#include <cstring>

namespace every::wasm {

std::uint64_t checksum(core::BytesView bytes) {
  std::uint64_t sums[4] = {1, 2, 3, bytes.size()};
  std::size_t at = 0;
  const auto mix = [](std::uint64_t sum, std::uint64_t word) {
    sum = (sum ^ word) * 0x9e3779b97f4a7c15U;
    return sum ^ sum >> 32;
  };
  for (; at + 32 <= bytes.size(); at += 32) {
    for (std::size_t lane = 0; lane < 4; ++lane) {
      std::uint64_t word = 0;
      std::memcpy(&word, bytes.data() + at + lane * 8, 8);
      sums[lane] = mix(sums[lane], word);
    }
  }
  for (; at < bytes.size(); ++at) sums[0] = mix(sums[0], bytes[at]);
  return mix(mix(sums[0], sums[1]), mix(sums[2], sums[3]));
}

}  // namespace every::wasm
