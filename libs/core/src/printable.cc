#include "every/core/printable.h"

#include "every/core/text.h"

namespace every::core {

std::size_t acting_length(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  if (byte(0) < 0x20 || byte(0) == 0x7f) return 1;
  if (byte(0) == 0xc2 && byte(1) >= 0x80 && byte(1) <= 0x9f) return 2;
  if (byte(0) != 0xe2) return 0;
  const bool separates = byte(1) == 0x80 && byte(2) >= 0xa8 && byte(2) <= 0xae;
  const bool isolates = byte(1) == 0x81 && byte(2) >= 0xa6 && byte(2) <= 0xa9;
  return separates || isolates ? 3 : 0;
}

void append_code_point(std::string& out, std::string_view character) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  unsigned point = static_cast<unsigned char>(character[0]);
  if (character.size() == 2) point &= 0x1fU;
  if (character.size() == 3) point &= 0x0fU;
  for (const char c : character.substr(1)) point = point << 6 | (static_cast<unsigned>(c) & 0x3fU);
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += kDigits[point >> shift & 15U];
}

std::string printable_line(std::string_view text) {
  std::string out;
  const std::string valid = to_valid_utf8(text);
  for (std::string_view rest = valid; !rest.empty();) {
    const std::size_t acting = acting_length(rest);
    if (rest.front() == '\t') {
      out += "  ";
    } else if (acting > 0) {
      append_code_point(out, rest.substr(0, acting));
      rest.remove_prefix(acting - 1);
    } else {
      out += rest.front();
    }
    rest.remove_prefix(1);
  }
  return out;
}

}  // namespace every::core
