#include "numbers.h"

#include <cmath>
#include <limits>

namespace every::wit::detail {
namespace {

template <typename T>
IntegerRange range_of() {
  if constexpr (std::is_signed_v<T>) {
    return {ipld::Integer(std::int64_t{std::numeric_limits<T>::min()}),
            ipld::Integer(std::int64_t{std::numeric_limits<T>::max()})};
  } else {
    return {ipld::Integer(), ipld::Integer::from_unsigned(std::numeric_limits<T>::max())};
  }
}

constexpr std::int64_t kMaxSafe = (std::int64_t{1} << 53) - 1;

}  // namespace

std::optional<IntegerRange> integer_range(Kind kind) {
  switch (kind) {
    case Kind::kU8:
      return range_of<std::uint8_t>();
    case Kind::kU16:
      return range_of<std::uint16_t>();
    case Kind::kU32:
      return range_of<std::uint32_t>();
    case Kind::kU64:
      return range_of<std::uint64_t>();
    case Kind::kS8:
      return range_of<std::int8_t>();
    case Kind::kS16:
      return range_of<std::int16_t>();
    case Kind::kS32:
      return range_of<std::int32_t>();
    case Kind::kS64:
      return range_of<std::int64_t>();
    default:
      return std::nullopt;
  }
}

std::optional<ipld::Integer> whole(double value) {
  if (!std::isfinite(value) || std::trunc(value) != value) return std::nullopt;
  if (value >= 0)
    return value < 0x1p64
               ? std::optional(ipld::Integer::from_unsigned(static_cast<std::uint64_t>(value)))
               : std::nullopt;
  if (value == -0x1p64) return ipld::Integer::from_negative(UINT64_MAX);
  if (value < -0x1p64) return std::nullopt;
  return ipld::Integer::from_negative(static_cast<std::uint64_t>(-value) - 1);
}

bool is_safe(ipld::Integer value) {
  const auto small = value.as_int64();
  return small && *small >= -kMaxSafe && *small <= kMaxSafe;
}

bool fits_f32(double value) {
  return std::isfinite(static_cast<float>(value));
}

std::size_t scalar_count(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xc0U) != 0x80U) ++count;
  }
  return count;
}

}  // namespace every::wit::detail
