#include "places.h"

#include <cstdlib>

namespace every::cli {
namespace {

namespace fs = std::filesystem;

/// A base directory of the XDG specification, which wants absolute paths and has others ignored.
std::optional<fs::path> base(const Environment& environment, const char* variable,
                             const char* below_home) {
  if (const auto value = environment(variable); value && fs::path(*value).is_absolute())
    return fs::path(*value);
  if (const auto home = environment("HOME")) return fs::path(*home) / below_home;
  return std::nullopt;
}

}  // namespace

std::optional<std::string> system_environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return std::string(value);
}

core::Result<Places> find_places(const std::optional<std::string>& home,
                                 const Environment& environment) {
  if (home) {
    const fs::path directory = fs::absolute(*home).lexically_normal();
    return Places{directory, directory / "cache", {directory / "homestar.toml"}};
  }
  const auto data = base(environment, "XDG_DATA_HOME", ".local/share");
  const auto cache = base(environment, "XDG_CACHE_HOME", ".cache");
  const auto config = base(environment, "XDG_CONFIG_HOME", ".config");
  if (!data || !cache || !config) {
    return core::fail(
        core::ErrorCode::kInvalidArgument,
        "HOME is not set, so there is no place for this user's files; say where with --home DIR");
  }
  return Places{*data / "every",
                *cache / "every",
                {*config / "homestar" / "settings.toml", *config / "every" / "homestar.toml"}};
}

}  // namespace every::cli
