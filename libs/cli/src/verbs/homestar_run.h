#pragma once

#include <optional>
#include <string>

#include "control.h"
#include "verb.h"

namespace every::cli {

/// `homestar run FILE`: hands a workflow of the original's form to a node and shows what was known already. It does not wait for the rest, as the
/// original does not. `every run` is the verb that answers.
struct HomestarRunVerb final : Verb {
  RpcChoices rpc;
  std::optional<std::string> name;  ///< default: the workflow's CID
  std::string file;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};

}  // namespace every::cli
