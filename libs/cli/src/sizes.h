#pragma once

#include <cstdint>
#include <string>

namespace every::cli {

/// `512 bytes`, `34.8 kB`, `18.3 MB`: decimal units, one digit behind the point.
[[nodiscard]] inline std::string size_text(std::uintmax_t bytes) {
  if (bytes < 1000) return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
  std::uintmax_t tenths = bytes / 100;
  const char* unit = " kB";
  for (const char* next : {" MB", " GB", " TB"}) {
    if (tenths < 10'000) break;
    tenths /= 1000;
    unit = next;
  }
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + unit;
}

}  // namespace every::cli
