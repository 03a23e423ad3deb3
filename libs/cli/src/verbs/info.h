#pragma once

#include "face.h"
#include "node_choices.h"
#include "verb.h"

namespace every::cli {

/// `every info`: what this binary is, and what a home keeps.
struct InfoVerb final : Verb {
  Face face = Face::kEvery;
  NodeChoices node;  // `home` alone
  Output output = Output::kText;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kInfoVerb;

}  // namespace every::cli
