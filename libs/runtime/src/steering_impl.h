#pragma once

#include <memory>
#include <mutex>

#include "scheduler.h"

#include "every/runtime/node.h"
#include "every/runtime/steering.h"

namespace every::runtime {

/// Steering over the parts of a node, which outlive it.
class SteeringImpl final : public Steering {
 public:
  SteeringImpl(const NodeParts& parts, std::shared_ptr<Scheduler> scheduler);
  /// As Node::resume_unfinished.
  [[nodiscard]] core::Result<std::size_t> take_up_unfinished();

  [[nodiscard]] core::Result<Steered> pause(const std::string& id) override;
  [[nodiscard]] core::Result<Steered> resume(const std::string& id, GoOn where) override;
  [[nodiscard]] core::Result<Step> step(const std::string& id,
                                        const std::optional<std::string>& task,
                                        GoOn where) override;
  [[nodiscard]] std::vector<std::string> ready(const std::string& id) override;
  [[nodiscard]] core::Result<Forked> fork(const std::string& id, ForkRequest request) override;
  [[nodiscard]] core::Result<std::shared_ptr<RunHandle>> take_up(const std::string& id) override;

 private:
  using RunPtr = std::shared_ptr<ActiveRun>;
  [[nodiscard]] core::Result<bool> take_up_after_crash(const std::string& id);
  [[nodiscard]] core::Result<RunPtr> load(const store::RunRecord& record);
  [[nodiscard]] core::Status mark(const std::string& id, store::RunStatus status);
  [[nodiscard]] core::Result<Steered> answer(const std::string& id, Steered::Change change);

  store::Store& store_;
  const core::Logger& logger_;
  const core::Clock& clock_;
  const invocation::NormalizeUrl& normalize_url_;
  core::CrashPlan* const crash_;  // may be null
  std::shared_ptr<Scheduler> scheduler_;
  std::mutex resting_;  // held while a run that is not under way is looked at and changed
};

}  // namespace every::runtime
