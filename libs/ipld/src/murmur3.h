#pragma once

#include <cstdint>
#include <string_view>

namespace every::ipld {

/// The first half of MurmurHash3 x64-128 with seed 0: what HAMT directories hash names with (multicodec 0x22).
/// source: https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp (public domain)
[[nodiscard]] std::uint64_t murmur3(std::string_view text);

}  // namespace every::ipld
