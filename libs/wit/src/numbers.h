#pragma once

#include <optional>

#include "every/ipld/value.h"
#include "every/wit/type.h"

namespace every::wit::detail {

struct IntegerRange {
  ipld::Integer min;
  ipld::Integer max;
};

/// The values of an integer type; nullopt for any other kind.
std::optional<IntegerRange> integer_range(Kind kind);

/// The integer a float is, when it has no fraction and fits −2^64…2^64−1.
std::optional<ipld::Integer> whole(double value);

/// Whether every JavaScript number that is this integer is exactly it: ±(2^53−1).
bool is_safe(ipld::Integer value);

/// Whether a finite double stays finite as a 32-bit float.
bool fits_f32(double value);
inline constexpr double kMaxF32 = 3.4028234663852886e+38;

/// How many Unicode scalars a UTF-8 text has.
std::size_t scalar_count(std::string_view text);

}  // namespace every::wit::detail
