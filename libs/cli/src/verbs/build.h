#pragma once

#include <optional>
#include <string>
#include <vector>

#include "node_choices.h"
#include "verb.h"

#include "every/toolchain/build.h"

namespace every::cli {

/// `every build PATH...`: makes components from sources.
struct BuildVerb final : Verb {
  NodeChoices node;
  std::vector<std::string> paths;
  std::optional<std::string> out;
  std::optional<std::string> out_dir;
  std::optional<std::string> wit;
  std::optional<std::string> world;
  std::optional<std::string> engine;
  std::optional<std::string> export_records;
  std::optional<std::string> import_records;
  toolchain::Profile profile = toolchain::Profile::kDebug;
  toolchain::Rebuild rebuild = toolchain::Rebuild::kIfNeeded;
  Output output = Output::kText;
  /// How lists of imports are shown.
  enum class Lists { kFolded, kWhole } lists = Lists::kFolded;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kBuildVerb;

}  // namespace every::cli
