#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "scheduler.h"

#include "every/blocks/blocks.h"
#include "every/blocks/housekeeping.h"
#include "every/core/thread_pool.h"
#include "every/runtime/housekeeping.h"
#include "every/runtime/node.h"
#include "every/store/housekeeping.h"
#include "every/store/store.h"

namespace every::runtime {

/// Housekeeping over the parts of a node, which outlive it. From time to time it works on a thread of its own.
class HousekeepingImpl final : public Housekeeping {
 public:
  using Served = std::function<std::vector<ipld::Cid>()>;
  /// in: served   the components that are served now
  HousekeepingImpl(const NodeOptions& options, const NodeParts& parts,
                   std::shared_ptr<Scheduler> scheduler, Served served);
  ~HousekeepingImpl() override { stop(); }
  HousekeepingImpl(const HousekeepingImpl&) = delete;
  HousekeepingImpl& operator=(const HousekeepingImpl&) = delete;
  /// What is under way ends soon, with kUnavailable; waits for it.
  void stop();

  [[nodiscard]] core::Result<Expired> expire() override;
  [[nodiscard]] core::Result<Collected> collect(const CollectRequest& request) override;
  [[nodiscard]] core::Result<Pin> pin(const std::string& what) override;
  [[nodiscard]] core::Result<Pin> unpin(const std::string& what) override;
  [[nodiscard]] core::Result<std::vector<Pin>> pins() override;
  void post(std::move_only_function<void()> work) override { pool_.post(std::move(work)); }

  /// A component that is about to be served: no collection takes its blocks from now on, as long as this lives.
  class Hold {
   public:
    Hold(HousekeepingImpl& keeping, ipld::Cid cid) : keeping_(keeping), cid_(std::move(cid)) {
      keeping_.held_.lock()->emplace(cid_, 0).first->second++;
    }
    ~Hold() {
      auto held = keeping_.held_.lock();
      if (const auto found = held->find(cid_); --found->second == 0) held->erase(found);
    }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    HousekeepingImpl& keeping_;
    const ipld::Cid cid_;
  };
  /// Whether a collection is under way, which may have taken blocks of what is held since. After the Hold.
  [[nodiscard]] bool collecting() const { return collecting_; }
  /// Blocks that somebody sends, before they are put: they stay for an hour, until what they are part of is pinned.
  void note_upload(std::span<const blocks::Block> blocks);
  /// A run that was just taken: what it names stays.
  void note_run(const invocation::Workflow& workflow);

 private:
  using Excluded = std::unordered_set<std::string>;  // ids of runs

  /// errors: kUnavailable the node is stopping
  [[nodiscard]] core::Status go_on() const;
  void work_from_time_to_time();
  // Of expiry.cc. Runs beyond the limits, oldest first, with what they take where that was asked for.
  struct Candidate {
    std::string run;
    std::uint64_t bytes = 0;
  };
  [[nodiscard]] core::Result<std::vector<Candidate>> find_expired();
  [[nodiscard]] core::Status add_oldest_beyond_size(std::vector<Candidate>& expired);
  [[nodiscard]] core::Status drop(const std::vector<Candidate>& runs, Expired& expired);
  [[nodiscard]] core::Status keep_invocations(const std::string& run);
  enum class GiveBack : std::uint8_t { kTooMuch, kAll };
  [[nodiscard]] core::Result<std::uint64_t> give_back(GiveBack how_much);
  // Of collect.cc.
  [[nodiscard]] core::Status collect_results(const CollectRequest& request, Collected& collected);
  [[nodiscard]] core::Result<std::vector<std::int64_t>> find_unneeded_results(
      core::WallNanos before);
  [[nodiscard]] core::Status collect_content(const CollectRequest& request, const Excluded& expired,
                                             Collected& collected);
  [[nodiscard]] core::Status keep_what_is_needed(blocks::Collection& collection,
                                                 const Excluded& expired, Collected& collected);
  [[nodiscard]] core::Status keep_what_runs_need(blocks::Collection& collection,
                                                 const Excluded& expired, Collected& collected);
  [[nodiscard]] core::Status keep_what_results_need(blocks::Collection& collection,
                                                    Collected& collected);

  const NodeOptions& options_;
  store::Store& store_;
  blocks::BlockStore& blocks_;
  const core::Logger& logger_;
  const core::Clock& clock_;
  const invocation::NormalizeUrl& normalize_url_;
  const std::shared_ptr<Scheduler> scheduler_;
  const Served served_;

  std::mutex one_at_a_time_;
  std::unordered_map<std::string, std::uint64_t> bytes_of_runs_;  // by id, of runs that are over

  std::atomic<bool> collecting_ = false;
  core::Guarded<std::map<ipld::Cid, int>> held_;
  struct Upload {
    core::SteadyTime at;
    ipld::Cid cid;
  };
  core::Guarded<std::deque<Upload>> uploads_;

  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::thread thread_;
  core::ThreadPool pool_;
};

}  // namespace every::runtime
