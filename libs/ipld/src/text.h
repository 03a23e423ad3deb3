#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "every/core/text.h"

namespace every::ipld {

/// core::is_utf8 with a fast way through the ASCII most texts here are made of.
inline bool is_text(std::string_view text) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080U;
  while (text.size() >= sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), sizeof word);
    if ((word & kHighBits) != 0) return core::is_utf8(text);
    text.remove_prefix(sizeof word);
  }
  return core::is_utf8(text);
}

/// A character as an error message shows it: `'x'`, or `0x1b` when it does not print.
inline std::string shown(char character) {
  const auto byte = static_cast<unsigned char>(character);
  if (byte >= 0x20 && byte < 0x7f) return std::string("'") + character + "'";
  return "0x" + core::to_hex({&byte, 1});
}

/// Foreign text as an error message shows it: short, quoted and valid.
inline std::string quoted(std::string_view text) {
  return "\"" + core::to_valid_utf8(core::shorten(text, 80)) + "\"";
}

}  // namespace every::ipld
