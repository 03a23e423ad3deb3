#include "sniff.h"

#include <algorithm>
#include <array>
#include <utility>

namespace every::gateway {
namespace {

using namespace std::string_view_literals;

constexpr std::array kMagic{
    std::pair{"\x89PNG\r\n\x1a\n"sv, "image/png"sv},
    std::pair{"\xff\xd8\xff"sv, "image/jpeg"sv},
    std::pair{"GIF87a"sv, "image/gif"sv},
    std::pair{"GIF89a"sv, "image/gif"sv},
    std::pair{"%PDF-"sv, "application/pdf"sv},
    std::pair{"\0asm"sv, "application/wasm"sv},
};

/// Moves past `open`…`close` at the front; false when it is not there.
bool skip_between(std::string_view& text, std::string_view open, std::string_view close) {
  if (!text.starts_with(open)) return false;
  const std::size_t end = text.find(close, open.size());
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + close.size());
  return true;
}

}  // namespace

std::string_view sniff_bytes(core::BytesView bytes) {
  const std::string_view text = core::as_text(bytes);
  for (const auto& [magic, type] : kMagic) {
    if (text.starts_with(magic)) return type;
  }
  if (text.starts_with("RIFF") && text.size() >= 12 && text.substr(8, 4) == "WEBP") {
    return "image/webp";
  }
  return is_svg(text) ? "image/svg+xml"sv : "application/octet-stream"sv;
}

bool is_svg(std::string_view text) {
  constexpr std::size_t kLook = 4096;
  text = text.substr(0, kLook);
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  do {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  } while (skip_between(text, "<?xml", "?>") || skip_between(text, "<!--", "-->") ||
           skip_between(text, "<!DOCTYPE svg", ">"));
  if (!text.starts_with("<svg")) return false;
  text.remove_prefix(4);
  return !text.empty() && " \t\r\n/>"sv.find(text.front()) != std::string_view::npos;
}

}  // namespace every::gateway
