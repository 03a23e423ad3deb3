#pragma once

#include <vector>

#include "node_choices.h"
#include "verb.h"

namespace every::cli {

/// `every doctor`: says what works on this machine, and the command that mends what does not.
struct DoctorVerb final : Verb {
  NodeChoices node;
  Output output = Output::kText;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kDoctorVerb;

}  // namespace every::cli
