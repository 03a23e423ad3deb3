#pragma once

#include <string>
#include <vector>

#include "node_choices.h"
#include "verb.h"

namespace every::cli {

/// `every toolchain install NAME…`: fetches the tools of languages, at the versions and hashes of a lock file in the binary.
struct ToolchainInstallVerb final : Verb {
  NodeChoices node;
  std::vector<std::string> names;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kToolchainInstallVerb;

}  // namespace every::cli
