#include "murmur3.h"

#include <bit>
#include <cstddef>

namespace every::ipld {
namespace {

constexpr std::uint64_t kC1 = 0x87c37b91114253d5;
constexpr std::uint64_t kC2 = 0x4cf5ad432745937f;

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  return value;
}

std::uint64_t mix_first(std::uint64_t k) {
  return std::rotl(k * kC1, 31) * kC2;
}
std::uint64_t mix_second(std::uint64_t k) {
  return std::rotl(k * kC2, 33) * kC1;
}

std::uint64_t finish(std::uint64_t k) {
  k = (k ^ (k >> 33)) * 0xff51afd7ed558ccd;
  k = (k ^ (k >> 33)) * 0xc4ceb9fe1a85ec53;
  return k ^ (k >> 33);
}

}  // namespace

std::uint64_t murmur3(std::string_view text) {
  const std::uint64_t size = text.size();
  std::uint64_t h1 = 0;
  std::uint64_t h2 = 0;
  for (; text.size() >= 16; text.remove_prefix(16)) {
    h1 ^= mix_first(little_endian(text.substr(0, 8)));
    h1 = (std::rotl(h1, 27) + h2) * 5 + 0x52dce729;
    h2 ^= mix_second(little_endian(text.substr(8, 8)));
    h2 = (std::rotl(h2, 31) + h1) * 5 + 0x38495ab5;
  }
  if (text.size() > 8) h2 ^= mix_second(little_endian(text.substr(8)));
  h1 ^= mix_first(little_endian(text.substr(0, 8)));
  h1 ^= size;
  h2 ^= size;
  h1 += h2;
  h2 += h1;
  h1 = finish(h1);
  h2 = finish(h2);
  return h1 + h2;
}

}  // namespace every::ipld
