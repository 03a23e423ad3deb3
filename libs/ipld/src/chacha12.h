#pragma once

#include <array>
#include <cstdint>

#include "every/core/bytes.h"

namespace every::ipld {

/// The first 32 bytes that Rust's `StdRng` (ChaCha with 12 rounds) gives one byte at a time from a seed: the low byte of each word.
/// in: seed   32 bytes. source: RFC 8439 §2.3 with 12 rounds; rand 0.8
[[nodiscard]] std::array<std::uint8_t, 32> first_bytes_of_seed(core::BytesView seed);

}  // namespace every::ipld
