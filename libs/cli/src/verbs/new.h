#pragma once

#include <optional>
#include <string>

#include "verb.h"

namespace every::cli {

/// `every new NAME --lang L`: makes a project that builds and runs at once.
struct NewVerb final : Verb {
  enum class What : std::uint8_t { kMake, kList } what = What::kMake;
  std::optional<std::string> name;
  std::optional<std::string> language;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kNewVerb;

}  // namespace every::cli
