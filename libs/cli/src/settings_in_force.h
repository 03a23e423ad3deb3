#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "places.h"

#include "every/core/error.h"
#include "every/settings/settings.h"

namespace every::cli {

/// The settings in force before the command line has its say, and where each comes from.
struct InForce {
  settings::Settings settings;
  settings::Origins origins;
  std::vector<std::string> warnings;
  std::vector<std::filesystem::path> files;  ///< that were read, in order
};

/// The process's environment, as settings::parse_environment takes it.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> environment_variables();

/// Built-in values, the user's files, the file of `--config`, the environment; later ones win, key by key.
/// errors: those of reading and settings::parse; kNotFound the file of `--config`
[[nodiscard]] core::Result<InForce> read_settings_in_force(
    const Places& places, const std::optional<std::string>& config,
    const std::vector<std::pair<std::string, std::string>>& environment);

}  // namespace every::cli
