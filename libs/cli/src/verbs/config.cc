#include "verbs/config.h"

#include "node_key.h"
#include "node_request.h"
#include "settings_in_force.h"
#include <boost/json.hpp>

#include "every/ipld/key.h"

namespace every::cli {
namespace {

using settings::Shown;

core::Result<InForce> read(const std::optional<std::string>& home,
                           const std::optional<std::string>& config, Places& places) {
  EVERY_TRY_ASSIGN(places, find_places(home, system_environment));
  return read_settings_in_force(places, config, environment_variables());
}

/// What is wrong beyond the shape of values: keys and files that cannot be used.
core::Status check_use(const Places& places, const settings::Settings& settings,
                       std::vector<std::string>& warnings) {
  for (const std::string& text : settings.trusted_keys) {
    if (const auto key = ipld::PublicKey::parse_did(text); !key)
      return core::fail(core::Error(key.error()).in("every.trusted_keys"));
  }
  if (settings.tls_cert.has_value() != settings.tls_key.has_value())
    return core::fail(core::ErrorCode::kInvalidArgument,
                      "every.tls_cert and every.tls_key belong together: one of them is missing");
  // The home's own key is made by the node, not by a look.
  if (settings.keypair.source == settings::Keypair::Source::kRandom) return {};
  EVERY_TRY_ASSIGN(const NodeKey key, load_node_key(places, settings));
  warnings.insert(warnings.end(), key.warnings.begin(), key.warnings.end());
  return {};
}

void add_options(Options& options, std::optional<std::string>& home, Output& output) {
  options.value("--home", "DIR", home, "The home whose settings are meant (default: the user's)")
      .completes(Completion::kDirectories);
  options.flag("--json", output, Output::kJson, "As JSON");
}

}  // namespace

void ConfigShowVerb::define(Options& options) {
  options.value("--config", "FILE", config, "Settings to read over the user's")
      .completes(Completion::kFiles);
  options.flag("--all", what, What::kAll,
               "Also what the original knows and has no effect here, with its defaults");
  add_options(options, home, output);
}

core::Result<int> ConfigShowVerb::run(const Console& console) {
  Places places;
  EVERY_TRY_ASSIGN(const InForce all, read(home, config, places));
  const auto rows = settings::show(all.settings, all.origins);
  const auto is_shown = [&](const Shown& row) {
    return row.effect == Shown::Effect::kYes || what == What::kAll || !row.origin.empty();
  };
  if (output == Output::kJson) {
    boost::json::object object;
    for (const Shown& row : rows) {
      if (!is_shown(row)) continue;
      object[row.path] = {{"value", boost::json::parse(row.value)},
                          {"from", row.origin.empty() ? "built in" : row.origin},
                          {"effect", row.effect == Shown::Effect::kYes}};
    }
    print(boost::json::serialize(object) + "\n");
    return 0;
  }
  std::size_t width = 0;
  for (const Shown& row : rows) {
    if (is_shown(row)) width = std::max(width, row.path.size() + row.value.size() + 3);
  }
  constexpr std::size_t kMostWidth = 70;
  width = std::min(width, kMostWidth);
  for (const Shown& row : rows) {
    if (!is_shown(row)) continue;
    std::string line = row.path + " = " + (row.value == "null" ? "(not set)" : row.value);
    line.resize(std::max(width, line.size()), ' ');
    line += "  # " + (row.origin.empty() ? "built in" : row.origin);
    if (row.effect == Shown::Effect::kNone) line += ", no effect";
    print(line + "\n");
  }
  for (const std::string& warning : all.warnings) console.warn(warning);
  return 0;
}

const VerbInfo kConfigShowVerb{
    "config show", "Show the settings in force and where each comes from",
    "  every config show                     what counts for `every dev`\n"
    "  every config show --all --json        all of the schema, for other programs\n",
    make_verb<ConfigShowVerb>};

void ConfigCheckVerb::define(Options& options) {
  options.optional_word("FILE", file, "A settings file to check as `--config FILE` would be read")
      .completes(Completion::kFiles);
  add_options(options, home, output);
}

core::Result<int> ConfigCheckVerb::run(const Console& console) {
  Places places;
  auto all = read(home, file, places);
  core::Status status;
  if (!all) {
    status = std::unexpected(all.error());
  } else {
    status = check_use(places, all->settings, all->warnings);
  }
  if (output == Output::kJson) {
    boost::json::object object{{"valid", status.has_value()}};
    if (!status) object["error"] = status.error().message;
    boost::json::array warnings;
    boost::json::array files;
    if (all) {
      for (const std::string& warning : all->warnings) warnings.emplace_back(warning);
      for (const auto& read_file : all->files) files.emplace_back(read_file.string());
    }
    object["warnings"] = std::move(warnings);
    object["files"] = std::move(files);
    print(boost::json::serialize(object) + "\n");
    return status ? 0 : exit_code(status.error());
  }
  if (!status) return std::unexpected(status.error());
  for (const std::string& warning : all->warnings) console.warn(warning);
  if (all->files.empty()) console.line("No settings file: the built-in values are in force");
  for (const auto& read_file : all->files) console.done("Read", read_file.string());
  console.done("The settings can be used");
  return 0;
}

const VerbInfo kConfigCheckVerb{
    "config check", "Check the settings: types, unknown keys, key files",
    "  every config check                    the settings of this user\n"
    "  every config check homestar.toml      this file over them\n",
    make_verb<ConfigCheckVerb>};

}  // namespace every::cli
