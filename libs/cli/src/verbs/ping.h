#pragma once

#include "control.h"
#include "verb.h"

namespace every::cli {

/// `every ping`: whether a node answers.
struct PingVerb final : Verb {
  Face face = Face::kEvery;
  RpcChoices rpc;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kPingVerb;

}  // namespace every::cli
