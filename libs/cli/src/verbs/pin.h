#pragma once

#include <string>
#include <vector>

#include "node_choices.h"
#include "verb.h"

namespace every::cli {

/// `every pin add WHAT…`: it stays whatever its age.
struct PinAddVerb final : Verb {
  NodeChoices node;
  std::vector<std::string> what;
  Output output = Output::kText;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kPinAddVerb;

/// `every pin rm WHAT…`: it stays no longer than others.
struct PinRmVerb final : Verb {
  NodeChoices node;
  std::vector<std::string> what;
  Output output = Output::kText;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kPinRmVerb;

/// `every pin ls`: what is pinned or was added.
struct PinLsVerb final : Verb {
  NodeChoices node;
  Output output = Output::kText;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kPinLsVerb;

}  // namespace every::cli
