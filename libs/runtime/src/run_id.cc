#include "run_id.h"

#include <algorithm>
#include <array>

#include "every/core/random.h"
#include "every/ipld/multibase.h"

namespace every::runtime {
namespace {

/// The next larger tail. out: whether there is one
bool count_up(std::span<std::uint8_t> tail) {
  for (std::size_t i = tail.size(); i-- > 0;) {
    if (++tail[i] != 0) return true;
  }
  return false;
}

}  // namespace

std::string make_run_id(core::WallNanos time, std::span<const std::uint8_t, kRunIdTail> tail) {
  std::array<std::uint8_t, 6 + kRunIdTail> bytes{};
  const auto millis = static_cast<std::uint64_t>(time / kMoment);
  for (std::size_t i = 0; i < 6; ++i) bytes[i] = static_cast<std::uint8_t>(millis >> (40 - 8 * i));
  std::ranges::copy(tail, bytes.begin() + 6);
  return ipld::encode_base(ipld::Multibase::kBase32Hex, bytes);
}

std::string RunIds::next(core::WallNanos now) {
  auto last = last_.lock();
  const core::WallNanos moment = now / kMoment;
  // A clock that was set back begins anew: ids say when a run was accepted, as far as the clock knows.
  if (moment != last->moment || !count_up(last->tail)) {
    last->moment = moment;
    core::fill_random(last->tail);
    // Room to count up from.
    last->tail.front() &= 0x7f;
  }
  return make_run_id(now, last->tail);
}

std::string id_at(core::WallNanos time) {
  const std::array<std::uint8_t, kRunIdTail> least{};
  return make_run_id(std::max<core::WallNanos>(time, 0), least);
}

}  // namespace every::runtime
