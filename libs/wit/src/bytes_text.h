#pragma once

#include <optional>
#include <string_view>

#include "every/core/bytes.h"

namespace every::wit::detail {

/// The bytes a text stands for: a `data:` URI (RFC 2397, base64 or percent-encoded), or else base64 in any alphabet, padded or not.
std::optional<core::Bytes> parse_bytes_text(std::string_view text);

}  // namespace every::wit::detail
