#include "settings_in_force.h"

#include <unistd.h>

#include "every/core/file.h"

namespace every::cli {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 20;

void take(InForce& all, settings::Parsed parsed) {
  all.settings = std::move(parsed.settings);
  for (auto& [path, origin] : parsed.origins) all.origins[path] = std::move(origin);
  for (std::string& warning : parsed.warnings) all.warnings.push_back(std::move(warning));
}

core::Status read_file(const std::filesystem::path& file, InForce& all) {
  EVERY_TRY_ASSIGN(const core::Bytes text, core::read_file(file, kMostBytes));
  EVERY_TRY_ASSIGN(auto parsed, settings::parse(core::as_text(text), file, all.settings));
  take(all, std::move(parsed));
  all.files.push_back(file);
  return {};
}

}  // namespace

std::vector<std::pair<std::string, std::string>> environment_variables() {
  std::vector<std::pair<std::string, std::string>> variables;
  for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t cut = text.find('=');
    if (cut != std::string_view::npos)
      variables.emplace_back(text.substr(0, cut), text.substr(cut + 1));
  }
  return variables;
}

core::Result<InForce> read_settings_in_force(
    const Places& places, const std::optional<std::string>& config,
    const std::vector<std::pair<std::string, std::string>>& environment) {
  InForce all;
  for (const auto& file : places.settings_files) {
    const auto status = read_file(file, all);
    if (!status && status.error().code != core::ErrorCode::kNotFound)
      return std::unexpected(status.error());
  }
  if (config) EVERY_TRY(read_file(*config, all));
  EVERY_TRY_ASSIGN(auto parsed, settings::parse_environment(environment, all.settings));
  take(all, std::move(parsed));
  return all;
}

}  // namespace every::cli
