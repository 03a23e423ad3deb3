#pragma once

#include <atomic>
#include <memory>
#include <unordered_set>
#include <vector>

#include "invocations.h"
#include "scheduler.h"

#include "every/core/thread_pool.h"
#include "every/runtime/node.h"
#include "every/runtime/sharing.h"

namespace every::runtime {

/// Sharing over the parts of a node, which outlive it.
class SharingImpl final : public Sharing {
 public:
  SharingImpl(const NodeOptions& options, const NodeParts& parts,
              std::shared_ptr<Scheduler> scheduler, core::Metrics& metrics);
  /// What is under way ends soon, with kUnavailable; nothing new begins.
  void cancel() { stopping_ = true; }
  /// Waits for it.
  void stop();
  /// Tells the scheduler of the components in quarantine. errors: those of the store
  [[nodiscard]] core::Status load_quarantine();

  [[nodiscard]] core::Result<ExportReport> export_car(const ExportRequest& request,
                                                      const ByteSink& sink) override;
  [[nodiscard]] core::Result<ImportReport> import_car(const OpenSource& open,
                                                      TakeOn take_on) override;
  [[nodiscard]] core::Result<VerifyReport> verify(const VerifyRequest& request) override;
  [[nodiscard]] core::Result<ForgetReport> forget(const ipld::Cid& what,
                                                  Dependants dependants) override;
  [[nodiscard]] core::Status release(const ipld::Cid& component) override;
  [[nodiscard]] core::Result<std::vector<Quarantined>> quarantined() override;
  [[nodiscard]] core::Result<Origin> origin_of(const ipld::Cid& receipt) override;
  void post(std::move_only_function<void()> work) override { pool_.post(std::move(work)); }

  // What the parts of this class share (car_export.cc, car_import.cc, verify.cc, forget.cc).
  struct Parts {
    const NodeOptions& options;
    wasm::Executor& executor;
    store::Store& store;
    blocks::BlockStore& blocks;
    const core::Logger& logger;
    const core::Clock& clock;
    const invocation::NormalizeUrl& normalize_url;
    const Trust& trust;
    Scheduler& scheduler;
    core::Counter& alarms;
    const std::atomic<bool>& stopping;

    [[nodiscard]] Invocations invocations() const {
      return Invocations(store, blocks, normalize_url);
    }
    /// errors: kUnavailable the node is stopping
    [[nodiscard]] core::Status go_on() const;
    /// A person has to look: a line in the log, a count.
    void alarm(const std::string& what, core::Logger::Fields fields) const;
    /// A run that is over; the record of one that has just ended is waited for.
    /// errors: kNotFound no such run; kConflict it is under way
    [[nodiscard]] core::Result<store::RunRecord> get_run(const std::string& id) const;
    /// The receipts of a run's tasks, in task order, each once; failures without a result are counted.
    [[nodiscard]] core::Result<std::vector<store::ReceiptRecord>> receipts_of_run(
        const std::string& run, std::uint64_t& failures) const;
    /// The first receipt of an instruction that may be a hit.
    [[nodiscard]] core::Result<std::optional<store::ReceiptRecord>> find_hit(
        const ipld::Cid& instruction) const;
  };

 private:
  const NodeOptions& options_;
  std::shared_ptr<Scheduler> scheduler_;
  std::atomic<bool> stopping_ = false;
  const Parts parts_;
  core::ThreadPool pool_;
};

}  // namespace every::runtime
