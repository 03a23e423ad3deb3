#include "run_handle.h"

#include <utility>

namespace every::runtime {
namespace {

class Handle final : public RunHandle {
 public:
  Handle(std::weak_ptr<Scheduler> scheduler, std::shared_ptr<ActiveRun> run)
      : scheduler_(std::move(scheduler)), run_(std::move(run)) {}

  [[nodiscard]] const std::string& id() const override { return run_->id; }
  [[nodiscard]] const ipld::Cid& workflow() const override { return run_->workflow_cid; }

  [[nodiscard]] core::Result<std::shared_ptr<const RunAnswer>> wait(
      core::Deadline deadline) override {
    std::unique_lock lock(run_->answer_mutex);
    const auto answered = [this] { return run_->answer != nullptr; };
    if (!deadline.at()) {
      run_->answered.wait(lock, answered);
    } else if (!run_->answered.wait_until(lock, *deadline.at(), answered)) {
      return core::fail(core::ErrorCode::kTimeout,
                        "run " + run_->id + " has not ended yet; it goes on");
    }
    return run_->answer;
  }

  [[nodiscard]] std::shared_ptr<void> watch(RunObserver observer) override {
    const auto scheduler = scheduler_.lock();
    return scheduler ? scheduler->watch(run_, std::move(observer)) : nullptr;
  }

  void cancel() override {
    if (const auto scheduler = scheduler_.lock()) {
      scheduler->cancel(
          run_,
          core::Error{core::ErrorCode::kCancelled, "the run was cancelled", {{"run", run_->id}}});
    }
  }

 private:
  std::weak_ptr<Scheduler> scheduler_;
  std::shared_ptr<ActiveRun> run_;
};

}  // namespace

std::shared_ptr<RunHandle> make_handle(std::weak_ptr<Scheduler> scheduler,
                                       std::shared_ptr<ActiveRun> run) {
  return std::make_shared<Handle>(std::move(scheduler), std::move(run));
}

}  // namespace every::runtime
