#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "node_choices.h"
#include "verb.h"

namespace every::cli {

/// `every runs`: what ran, newest first.
struct RunsVerb final : Verb {
  NodeChoices node;
  std::uint32_t limit = 20;
  Output output = Output::kText;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kRunsVerb;

/// `every runs show [RUN]`: one run with its tasks.
struct RunsShowVerb final : Verb {
  NodeChoices node;
  std::optional<std::string> id;  ///< none: the newest
  Output output = Output::kText;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kRunsShowVerb;

/// `every runs cancel RUN`: ends a run that is under way.
struct RunsCancelVerb final : Verb {
  NodeChoices node;
  std::string id;
  Output output = Output::kText;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kRunsCancelVerb;

}  // namespace every::cli
