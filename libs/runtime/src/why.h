#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "earlier_tasks.h"
#include "scheduler.h"

#include "every/blocks/blocks.h"
#include "every/runtime/why.h"

namespace every::runtime {

/// Explains over the parts of a node, which outlive it.
class Explainer final : public Explaining {
 public:
  using BuildOf = std::function<std::optional<BuildNote>(const ipld::Cid& component)>;
  /// An answer of a run as it stands: Node::get_run.
  using GetRun = std::function<core::Result<std::shared_ptr<const RunAnswer>>(const std::string&)>;
  struct Parts {
    store::Store& store;
    blocks::BlockStore& blocks;
    Scheduler& scheduler;
    const invocation::NormalizeUrl& normalize_url;
    BuildOf build_of;  ///< may be empty
    GetRun get_run;
    EarlierTasks::Bound bound;
  };
  explicit Explainer(Parts parts) : parts_(std::move(parts)) {}

  [[nodiscard]] core::Result<Explanation> why(const std::string& run,
                                              const std::string& task) override;
  [[nodiscard]] core::Result<std::vector<Explanation>> why_all(const std::string& run) override;
  [[nodiscard]] core::Result<std::vector<Explanation>> why_would(
      const workflow::NamedWorkflow& workflow, const std::string& name) override;

 private:
  /// What one question needs again and again.
  struct Question;
  [[nodiscard]] core::Result<Question> ask(const std::string& run);
  [[nodiscard]] core::Result<Explanation> explain(Question& question, std::uint32_t task);
  [[nodiscard]] core::Status foresee(Question& question, std::uint32_t task, Explanation& out);
  [[nodiscard]] core::Status explain_miss(Question& question, std::uint32_t task, Explanation& out);
  [[nodiscard]] core::Status explain_equal(Question& question, const EarlierTasks::Found& equal,
                                           Explanation& out);
  [[nodiscard]] core::Status explain_change(Question& question, std::uint32_t task,
                                            Explanation& out);
  [[nodiscard]] core::Status add_known(Question& question, const ipld::Cid& receipt,
                                       Explanation& out);
  [[nodiscard]] KnownResult known_of(Question& question, const store::ReceiptRecord& record);
  [[nodiscard]] Change change_between(const RecordedRun& run, std::uint32_t task,
                                      const RecordedRun& earlier, std::uint32_t earlier_task);
  [[nodiscard]] core::Result<std::vector<Explanation>> explain_all(Question& question);
  [[nodiscard]] std::vector<ipld::Cid> missing_of(const ipld::Cid& instruction);

  const Parts parts_;
};

}  // namespace every::runtime
