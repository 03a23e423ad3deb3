#include "bytes_text.h"

#include <algorithm>
#include <cctype>

#include "every/ipld/multibase.h"

namespace every::wit::detail {
namespace {

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const auto high = hex_digit(text[i + 1]);
    const auto low = hex_digit(text[i + 2]);
    if (!high || !low) return std::nullopt;
    out += static_cast<char>(*high * 16 + *low);
    i += 2;
  }
  return out;
}

std::optional<core::Bytes> parse_base64(std::string_view text) {
  auto bytes = ipld::decode_base64_any(text);
  if (!bytes) return std::nullopt;
  return std::move(*bytes);
}

bool starts_with_scheme(std::string_view text) {
  constexpr std::string_view kScheme = "data:";
  return text.size() >= kScheme.size() &&
         std::equal(kScheme.begin(), kScheme.end(), text.begin(), [](char a, char b) {
           return a == std::tolower(static_cast<unsigned char>(b));
         });
}

}  // namespace

std::optional<core::Bytes> parse_bytes_text(std::string_view text) {
  if (!starts_with_scheme(text)) return parse_base64(text);
  const auto comma = text.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  const std::string_view header = text.substr(0, comma);
  const std::optional<std::string> data = percent_decode(text.substr(comma + 1));
  if (!data) return std::nullopt;
  if (header.ends_with(";base64")) return parse_base64(*data);
  return core::to_bytes(*data);
}

}  // namespace every::wit::detail
