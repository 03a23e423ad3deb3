#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "node_choices.h"
#include "verb.h"

#include "every/runtime/run.h"

namespace every::cli {

/// `every runs fork RUN --from TASK`: a new run of the same workflow, anew from a task on, with what is changed.
struct RunsForkVerb final : Verb {
  NodeChoices node;
  std::string id;
  std::optional<std::string> from;
  std::vector<std::string> set;  ///< `NAME=JSON`
  std::optional<std::string> arguments;
  std::optional<std::string> function;
  std::optional<std::string> name;
  runtime::Start start = runtime::Start::kAtOnce;
  enum class Wait : std::uint8_t { kForEnd, kForAccept } wait = Wait::kForEnd;
  Output output = Output::kText;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kRunsForkVerb;

}  // namespace every::cli
