#pragma once

#include <optional>
#include <string>

#include "verb.h"

namespace every::cli {

/// `every config show`: every setting in force and where it comes from.
struct ConfigShowVerb final : Verb {
  std::optional<std::string> home;
  std::optional<std::string> config;
  enum class What : std::uint8_t { kInForce, kAll } what = What::kInForce;
  Output output = Output::kText;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kConfigShowVerb;

/// `every config check`: whether the settings can be used, and what is odd about them.
struct ConfigCheckVerb final : Verb {
  std::optional<std::string> home;
  std::optional<std::string> file;
  Output output = Output::kText;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kConfigCheckVerb;

}  // namespace every::cli
