#pragma once

#include <cstdint>
#include <string>

#include "node_choices.h"
#include "verb.h"

namespace every::cli {

/// `every forget CID`: results that are not to be used again.
struct ForgetVerb final : Verb {
  enum class Dependants : std::uint8_t { kLeave, kForgetToo };

  NodeChoices node;
  std::string cid;
  Dependants dependants = Dependants::kLeave;
  Output output = Output::kText;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kForgetVerb;

}  // namespace every::cli
