#pragma once

#include <string>
#include <vector>

#include "node_choices.h"
#include "verb.h"

#include "every/runtime/run.h"

namespace every::cli {

/// `every call FUNCTION ARGUMENT...`: calls one function with texts read by its types.
struct CallVerb final : Verb {
  NodeChoices node;
  std::string function;
  std::vector<std::string> arguments;
  runtime::Reuse reuse = runtime::Reuse::kMemo;
  runtime::Start start = runtime::Start::kAtOnce;
  Output output = Output::kText;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kCallVerb;

}  // namespace every::cli
