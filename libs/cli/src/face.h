#pragma once

#include <cstdint>
#include <string_view>

namespace every::cli {

/// Whose command line is spoken.
enum class Face : std::uint8_t {
  kEvery,     ///< ours
  kHomestar,  ///< the original's: its verbs, options, tables and exit codes
};

/// By the name the program was called under: `homestar`, in whatever folder, is the original's.
[[nodiscard]] constexpr Face face_of(std::string_view program) {
  return program.substr(program.rfind('/') + 1) == "homestar" ? Face::kHomestar : Face::kEvery;
}

}  // namespace every::cli
