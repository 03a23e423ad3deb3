#include "chacha12.h"

#include <algorithm>
#include <bit>

namespace every::ipld {
namespace {

using State = std::array<std::uint32_t, 16>;

void quarter_round(State& s, std::size_t a, std::size_t b, std::size_t c, std::size_t d) {
  s[a] += s[b];
  s[d] = std::rotl(s[d] ^ s[a], 16);
  s[c] += s[d];
  s[b] = std::rotl(s[b] ^ s[c], 12);
  s[a] += s[b];
  s[d] = std::rotl(s[d] ^ s[a], 8);
  s[c] += s[d];
  s[b] = std::rotl(s[b] ^ s[c], 7);
}

State block(core::BytesView key, std::uint32_t counter) {
  State start{0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
  for (std::size_t i = 0; i < 8; ++i) {
    for (std::size_t byte = 0; byte < 4; ++byte)
      start[4 + i] |= static_cast<std::uint32_t>(key[4 * i + byte]) << (8 * byte);
  }
  start[12] = counter;
  State s = start;
  constexpr int kDoubleRounds = 6;
  for (int round = 0; round < kDoubleRounds; ++round) {
    for (std::size_t i = 0; i < 4; ++i) quarter_round(s, i, 4 + i, 8 + i, 12 + i);
    for (std::size_t i = 0; i < 4; ++i)
      quarter_round(s, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4);
  }
  for (std::size_t i = 0; i < s.size(); ++i) s[i] += start[i];
  return s;
}

}  // namespace

std::array<std::uint8_t, 32> first_bytes_of_seed(core::BytesView seed) {
  std::array<std::uint8_t, 32> out{};
  for (std::uint32_t part = 0; part < 2; ++part) {
    const State words = block(seed, part);
    std::ranges::transform(words, out.begin() + 16 * part,
                           [](std::uint32_t word) { return static_cast<std::uint8_t>(word); });
  }
  return out;
}

}  // namespace every::ipld
