#pragma once

#include <span>
#include <string>
#include <string_view>

#include "every/core/bytes.h"

namespace every::core {

/// Whether bytes are well-formed UTF-8 (no surrogates, no overlong forms). cost: O(n). thread: any.
[[nodiscard]] bool is_utf8(std::string_view text);
/// The text with each malformed sequence replaced by U+FFFD. thread: any.
[[nodiscard]] std::string to_valid_utf8(std::string_view text);
/// Lower-case hexadecimal. thread: any.
[[nodiscard]] std::string to_hex(BytesView bytes);
/// A number as JavaScript's Number.prototype.toString() prints it: shortest digits that read back, `8.3`, `3`, `1e+21`, `0` for -0.
[[nodiscard]] std::string js_number(double value);
/// The candidate nearest to `word` by edit distance, or empty when none is near enough to be what was meant. thread: any.
[[nodiscard]] std::string_view nearest(std::string_view word,
                                       std::span<const std::string> candidates);
/// `a, b and c`; empty for none.
[[nodiscard]] std::string join_words(std::span<const std::string> words);
/// At most `limit` bytes of a text, cut at a character boundary and ended by `…` when something was left out.
[[nodiscard]] std::string shorten(std::string_view text, std::size_t limit);

/// The text without the blanks and tabs at its ends.
[[nodiscard]] std::string_view trim_blanks(std::string_view text);
/// The text as it stands in HTML and XML, between tags and in quoted attributes.
[[nodiscard]] std::string escape_markup(std::string_view text);

}  // namespace every::core
