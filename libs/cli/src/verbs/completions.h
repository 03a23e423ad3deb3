#pragma once

#include <cstdint>
#include <string>

#include "verb.h"

namespace every::cli {

/// `every completions bash|zsh|fish`: prints a script that completes verbs, options and their values.
struct CompletionsVerb final : Verb {
  std::string shell;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kCompletionsVerb;

}  // namespace every::cli
