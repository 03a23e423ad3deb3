#pragma once

#include "control.h"
#include "verb.h"

namespace every::cli {

/// `every node`: who a running node is.
struct NodeVerb final : Verb {
  Face face = Face::kEvery;
  RpcChoices rpc;
  Output output = Output::kText;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kNodeVerb;

}  // namespace every::cli
