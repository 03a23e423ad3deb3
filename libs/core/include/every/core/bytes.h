#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace every::core {

/// Owned bytes.
using Bytes = std::vector<std::uint8_t>;
/// Bytes somebody else owns; valid as long as the owner leaves them alone.
using BytesView = std::span<const std::uint8_t>;

/// The bytes of a text, not copied.
[[nodiscard]] inline BytesView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
/// Bytes seen as text, not copied and not checked for UTF-8.
[[nodiscard]] inline std::string_view as_text(BytesView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
/// A copy of a view.
[[nodiscard]] inline Bytes to_bytes(BytesView bytes) {
  return {bytes.begin(), bytes.end()};
}
[[nodiscard]] inline Bytes to_bytes(std::string_view text) {
  return to_bytes(as_bytes(text));
}

}  // namespace every::core
