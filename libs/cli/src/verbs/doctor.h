#pragma once

#include <vector>

#include "node_choices.h"
#include "verb.h"

namespace every::cli {

/// `every doctor`: says what works on this machine and whether what is kept is sound, and the command that mends what is not, or mends it.
struct DoctorVerb final : Verb {
  NodeChoices node;
  Output output = Output::kText;
  enum class Damage : std::uint8_t { kTell, kMend } damage = Damage::kTell;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kDoctorVerb;

}  // namespace every::cli
