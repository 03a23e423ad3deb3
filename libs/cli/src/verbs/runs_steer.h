#pragma once

#include <optional>
#include <string>

#include "node_choices.h"
#include "verb.h"

namespace every::cli {

/// `every runs pause RUN`: nothing more of a run starts.
struct RunsPauseVerb final : Verb {
  NodeChoices node;
  std::string id;
  Output output = Output::kText;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kRunsPauseVerb;

/// `every runs resume RUN`: a paused run goes on, or one in quarantine.
struct RunsResumeVerb final : Verb {
  NodeChoices node;
  std::string id;
  Output output = Output::kText;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kRunsResumeVerb;

/// `every runs step RUN`: one task of a paused run.
struct RunsStepVerb final : Verb {
  NodeChoices node;
  std::string id;
  std::optional<std::string> task;
  Output output = Output::kText;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kRunsStepVerb;

}  // namespace every::cli
