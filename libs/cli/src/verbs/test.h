#pragma once

#include <optional>
#include <string>

#include "node_choices.h"
#include "verb.h"

namespace every::cli {

/// `every test DIR`: runs workflows that have an expected result beside them.
struct TestVerb final : Verb {
  NodeChoices node;
  std::string path;
  std::optional<std::string> junit;
  Output output = Output::kText;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kTestVerb;

}  // namespace every::cli
