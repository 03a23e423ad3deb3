#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "node_choices.h"
#include "timeline.h"
#include "verb.h"

#include "every/gateway/message.h"

namespace every::cli {

/// The answer to a question about runs. No guest runs: no worker processes are started for it. errors: those of ask, and of the answer
[[nodiscard]] core::Result<gateway::Response> ask_about_runs(NodeChoices node,
                                                             const gateway::Request& request,
                                                             const Console& console);

/// `every runs`: what ran, newest first.
struct RunsVerb final : Verb {
  NodeChoices node;
  std::uint32_t limit = 20;
  Output output = Output::kText;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kRunsVerb;

/// `every runs show [RUN]`: one run as a timeline of its tasks.
struct RunsShowVerb final : Verb {
  NodeChoices node;
  std::optional<std::string> id;  ///< none: the newest
  TimelineLook::Show tasks = TimelineLook::Show::kMatters;
  Output output = Output::kText;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kRunsShowVerb;

/// `every runs cancel RUN`: ends a run that is under way.
struct RunsCancelVerb final : Verb {
  NodeChoices node;
  std::string id;
  Output output = Output::kText;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kRunsCancelVerb;

}  // namespace every::cli
