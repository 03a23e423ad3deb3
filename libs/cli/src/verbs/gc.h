#pragma once

#include <cstdint>
#include <optional>

#include "node_choices.h"
#include "verb.h"

namespace every::cli {

/// `every gc`: what nothing needs any more. It looks, unless it is told to do it.
struct GcVerb final : Verb {
  enum class Apply : std::uint8_t { kNo, kYes };
  enum class Earlier : std::uint8_t { kComponents, kAll };

  NodeChoices node;
  Apply apply = Apply::kNo;
  Earlier earlier = Earlier::kComponents;
  std::optional<std::uint32_t> result_days;  ///< unset: results stay
  Output output = Output::kText;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kGcVerb;

}  // namespace every::cli
