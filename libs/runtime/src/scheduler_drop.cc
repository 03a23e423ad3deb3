// Results that leave the store while runs go on.

#include <algorithm>
#include <thread>
#include <utility>

#include "scheduler.h"

namespace every::runtime {

core::Result<std::string> Scheduler::begin_dropping() {
  // Batches under way, and how far their runs must have written until none is left that was made before.
  std::vector<std::pair<RunPtr, std::uint64_t>> before;
  std::string oldest;
  {
    const Held held(*this);
    ++drops_;
    const auto note = [&](const auto& runs) {
      for (const auto& [id, run] : runs) {
        run->keeps_results_again = true;
        if (oldest.empty() || id < oldest) oldest = id;
        const bool more = !run->pending_nodes.empty() || !run->pending.ends.empty();
        if (run->committing) before.emplace_back(run, run->next_commit - (more ? 0 : 1));
      }
    };
    note(runs_);
    note(unwritten_);
  }
  constexpr std::chrono::milliseconds kStep{2};
  constexpr int kSteps = 15'000;
  for (int step = 0; !before.empty(); ++step) {
    {
      const Held held(*this);
      std::erase_if(before, [](const auto& one) { return one.first->committed >= one.second; });
      if (stopping_ || step == kSteps) {
        return core::fail(core::ErrorCode::kUnavailable,
                          stopping_ ? "the node is stopping; try again when it is back"
                                    : "the store writes too slowly now; try again later");
      }
    }
    std::this_thread::sleep_for(kStep);
  }
  return oldest;
}

void Scheduler::end_dropping() {
  const Held held(*this);
  memo_.clear();
  ++drops_;
}

}  // namespace every::runtime
