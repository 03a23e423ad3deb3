#pragma once

#include <cstdint>

#include "every/core/bytes.h"
#include "every/core/error.h"

namespace every::ipld {

/// Appends an unsigned varint (LEB128, minimal). source: https://github.com/multiformats/unsigned-varint
void encode_varint(std::uint64_t value, core::Bytes& out);
/// Takes one from the front of `bytes` and moves past it.
/// errors: kMalformed truncated, more than 9 bytes, or not minimal
[[nodiscard]] core::Result<std::uint64_t> decode_varint(core::BytesView& bytes);

}  // namespace every::ipld
