#pragma once

#include <optional>
#include <string>

#include "verb.h"

namespace every::cli {

/// `every keys show`: who this node is.
struct KeysShowVerb final : Verb {
  std::optional<std::string> home;
  std::optional<std::string> config;
  Output output = Output::kText;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kKeysShowVerb;

/// `every keys token`: makes a token and adds it to a file.
struct KeysTokenVerb final : Verb {
  std::optional<std::string> home;
  std::optional<std::string> token_file;
  Output output = Output::kText;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kKeysTokenVerb;

}  // namespace every::cli
