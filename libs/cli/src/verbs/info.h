#pragma once

#include "face.h"
#include "verb.h"

namespace every::cli {

/// `every info`: what this binary is.
struct InfoVerb final : Verb {
  Face face = Face::kEvery;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kInfoVerb;

}  // namespace every::cli
