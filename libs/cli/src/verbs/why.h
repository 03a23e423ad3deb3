#pragma once

#include <optional>
#include <string>

#include "node_choices.h"
#include "verb.h"

namespace every::cli {

/// `every why [RUN] [TASK]`: why a task ran again, or did not.
struct WhyVerb final : Verb {
  NodeChoices node;
  std::optional<std::string> run_word;  ///< none: the newest run
  std::optional<std::string> task;      ///< none: every task
  Output output = Output::kText;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kWhyVerb;

}  // namespace every::cli
