#pragma once

#include "control.h"
#include "verb.h"

namespace every::cli {

/// `every stop`: stops a node, and returns when it is gone.
struct StopVerb final : Verb {
  Face face = Face::kEvery;
  RpcChoices rpc;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kStopVerb;

}  // namespace every::cli
