#pragma once

#include <string>
#include <vector>

#include "places.h"

#include "every/core/error.h"

/// Whether what a home keeps is sound, and mending what can be mended. docs/formats/repair.md
namespace every::cli {

/// One thing that was looked at.
struct HomeFinding {
  enum class State : std::uint8_t { kSound, kDamaged, kMended };
  std::string name;
  std::string purpose;
  State state = State::kSound;
  std::string found;  ///< what it looks like, or what is wrong
  std::string done;   ///< mended: what became of it
};

/// Looks at databases, compiled code, permissions and what interrupted writes left; changes nothing. A node may be using the home.
/// errors: kUnsupported a database of a newer version; kIo. cost: reads everything that is kept
[[nodiscard]] core::Result<std::vector<HomeFinding>> examine_home(const Places& places);

/// As examine_home, and mends what is damaged: what cannot be used is set aside in `damaged/` of the home (compiled code, which is made again, is removed),
/// and a database keeps all its sound rows. Interrupted anywhere it loses nothing; the next call goes on.
/// errors: kConflict a node uses the home; kResourceExhausted no room for the new database; kUnsupported; kPermissionDenied, kIo
[[nodiscard]] core::Result<std::vector<HomeFinding>> repair_home(const Places& places);

}  // namespace every::cli
