#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "every/core/error.h"

namespace every::cli {

/// The value of an environment variable, none when it is unset or empty.
using Environment = std::function<std::optional<std::string>(const char* name)>;
[[nodiscard]] std::optional<std::string> system_environment(const char* name);

/// Where things are kept.
struct Places {
  std::filesystem::path home;                         ///< store, blocks, lock, socket; absolute
  std::filesystem::path cache;                        ///< compiled code
  std::vector<std::filesystem::path> settings_files;  ///< looked for in this order, later ones win

  [[nodiscard]] std::filesystem::path store_file() const { return home / "store.db"; }
  [[nodiscard]] std::filesystem::path blocks_file() const { return home / "blocks.db"; }
  [[nodiscard]] std::filesystem::path key_file() const { return home / "key.pem"; }
  [[nodiscard]] std::filesystem::path token_file() const { return home / "tokens"; }
  [[nodiscard]] std::filesystem::path socket() const { return home / "every.sock"; }
  [[nodiscard]] std::filesystem::path code_cache() const { return cache / "code"; }
};

/// `$XDG_DATA_HOME/every`, `$XDG_CACHE_HOME/every`, `$XDG_CONFIG_HOME/every/homestar.toml` (and the original's own
/// `$XDG_CONFIG_HOME/homestar/settings.toml` before it); with `home`, all in that directory.
/// errors: kInvalidArgument nothing says where the user's files are
[[nodiscard]] core::Result<Places> find_places(const std::optional<std::string>& home,
                                               const Environment& environment);

}  // namespace every::cli
