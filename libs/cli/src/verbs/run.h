#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "node_choices.h"
#include "verb.h"

#include "every/runtime/run.h"

namespace every::cli {

/// `every run WORKFLOW`: runs a workflow and prints its answer.
struct RunVerb final : Verb {
  NodeChoices node;
  std::string workflow;
  std::optional<std::string> name;
  runtime::Reuse reuse = runtime::Reuse::kMemo;
  enum class Wait : std::uint8_t { kForEnd, kForAccept } wait = Wait::kForEnd;
  runtime::Start start = runtime::Start::kAtOnce;
  enum class Explain : std::uint8_t {
    kNo,
    kAfter,   ///< why each task ran, beside the answer
    kInstead  ///< what would run and why; nothing runs
  } explain = Explain::kNo;
  Output output = Output::kText;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kRunVerb;

}  // namespace every::cli
