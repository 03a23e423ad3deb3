#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "node_choices.h"
#include "verb.h"

namespace every::cli {

/// `every verify`: executes again and compares; and what became of components that gave two results.
struct VerifyVerb final : Verb {
  enum class Scope : std::uint8_t { kNamed, kAll, kQuarantine };

  NodeChoices node;
  std::vector<std::string> what;
  Scope scope = Scope::kNamed;
  std::optional<std::string> sample;
  std::optional<std::string> engine;
  std::optional<std::uint32_t> profile;
  std::optional<std::string> release;
  Output output = Output::kText;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kVerifyVerb;

/// `0.05` or `5%` as a share above 0 and at most 1. errors: kInvalidArgument
[[nodiscard]] core::Result<double> parse_share(const std::string& text);

}  // namespace every::cli
