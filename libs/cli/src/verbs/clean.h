#pragma once

#include <cstdint>

#include "node_choices.h"
#include "verb.h"

namespace every::cli {

/// `every clean`: removes what a node remembers and what it can make again; never keys, settings or toolchains.
struct CleanVerb final : Verb {
  enum class Content : std::uint8_t { kKeep, kRemove };

  NodeChoices node;
  Content content = Content::kKeep;
  Output output = Output::kText;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kCleanVerb;

}  // namespace every::cli
