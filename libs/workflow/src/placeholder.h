#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace every::workflow::detail {

/// `{{ key }}` or `{{ key:param }}`.
struct Placeholder {
  std::string_view key;                   ///< letters, digits, `_`, `.`, `-`
  std::optional<std::string_view> param;  ///< letters, digits, `_`
};

/// The placeholder a text is from its first to its last character. Views into `text`.
std::optional<Placeholder> parse_placeholder(std::string_view text);

/// Whether a placeholder is anywhere in a text.
bool holds_placeholder(std::string_view text);

}  // namespace every::workflow::detail
