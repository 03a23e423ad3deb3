#pragma once

#include <cstdint>

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

}  // namespace every::cli
