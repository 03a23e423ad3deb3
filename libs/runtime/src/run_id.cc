#include "run_id.h"

#include <algorithm>
#include <array>

#include "every/ipld/multibase.h"

namespace every::runtime {

std::string make_run_id(core::WallNanos time, std::span<const std::uint8_t, kRunIdTail> tail) {
  std::array<std::uint8_t, 6 + kRunIdTail> bytes{};
  const auto millis = static_cast<std::uint64_t>(time / 1'000'000);
  for (std::size_t i = 0; i < 6; ++i) bytes[i] = static_cast<std::uint8_t>(millis >> (40 - 8 * i));
  std::ranges::copy(tail, bytes.begin() + 6);
  return ipld::encode_base(ipld::Multibase::kBase32Hex, bytes);
}

std::string id_at(core::WallNanos time) {
  const std::array<std::uint8_t, kRunIdTail> least{};
  return make_run_id(std::max<core::WallNanos>(time, 0), least);
}

}  // namespace every::runtime
