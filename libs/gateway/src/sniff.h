#pragma once

#include <string_view>

#include "every/core/bytes.h"

namespace every::gateway {

/// The media type bytes begin like: PNG, JPEG, GIF, WebP, SVG, PDF, Wasm; else `application/octet-stream`. HTML is never recognised,
/// so that no result runs as a page of this origin.
[[nodiscard]] std::string_view sniff_bytes(core::BytesView bytes);
/// Whether a text is an SVG document: `<svg` first, after white space, an XML declaration, comments and a doctype.
[[nodiscard]] bool is_svg(std::string_view text);

}  // namespace every::gateway
