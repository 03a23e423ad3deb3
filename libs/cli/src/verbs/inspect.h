#pragma once

#include <string>

#include "node_choices.h"
#include "verb.h"

namespace every::cli {

/// `every inspect FILE`: what a component offers and asks for. Needs no node and no home.
struct InspectVerb final : Verb {
  NodeChoices node;
  std::string file;
  Output output = Output::kText;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kInspectVerb;

}  // namespace every::cli
