#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "node_choices.h"
#include "verb.h"

namespace every::cli {

/// `every car export WHAT... -o FILE`: results and content with all they link to and what proves them, in a file for another machine.
struct CarExportVerb final : Verb {
  enum class Missing : std::uint8_t { kFail, kLeaveOut };

  NodeChoices node;
  std::vector<std::string> what;
  std::optional<std::string> out;
  Missing missing = Missing::kFail;
  Output output = Output::kText;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kCarExportVerb;

/// `every car import FILE`: takes in what such a file holds.
struct CarImportVerb final : Verb {
  enum class Trust : std::uint8_t { kAttestations, kMyWord };

  NodeChoices node;
  std::string file;
  Trust trust = Trust::kAttestations;
  Output output = Output::kText;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kCarImportVerb;

}  // namespace every::cli
