// Runs that have become too old, or too much.

#include <algorithm>
#include <utility>

#include "housekeeping.h"
#include "invocations.h"
#include "run_id.h"

namespace every::runtime {
namespace {

constexpr std::size_t kPage = 256;
// After the start, so that nobody's first run waits for it.
constexpr std::chrono::seconds kFirst{10};
// Free pages that a file may keep: the next rows go there.
constexpr std::uint64_t kMayBeFree = std::uint64_t{16} << 20;
// What one transaction of blocks takes.
constexpr std::size_t kBatchBytes = std::size_t{4} << 20;

}  // namespace

HousekeepingImpl::HousekeepingImpl(const NodeOptions& options, const NodeParts& parts,
                                   std::shared_ptr<Scheduler> scheduler, Served served)
    : options_(options),
      store_(*parts.store),
      blocks_(*parts.blocks),
      logger_(*parts.logger),
      clock_(*parts.clock),
      normalize_url_(parts.normalize_url),
      scheduler_(std::move(scheduler)),
      served_(std::move(served)),
      pool_("every-keeping", 1) {
  if (options_.housekeeping_interval.count() > 0)
    thread_ = std::thread([this] { work_from_time_to_time(); });
}

void HousekeepingImpl::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  pool_.stop();
}

core::Status HousekeepingImpl::go_on() const {
  if (!stopping_) return {};
  return core::fail(core::ErrorCode::kUnavailable,
                    "the node is stopping; try again when it is back");
}

void HousekeepingImpl::work_from_time_to_time() {
  std::chrono::nanoseconds pause =
      std::min<std::chrono::nanoseconds>(kFirst, options_.housekeeping_interval);
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      if (wake_.wait_for(lock, pause, [this] { return stopping_.load(); })) return;
    }
    pause = options_.housekeeping_interval;
    const auto expired = expire();
    if (!expired && !stopping_)
      logger_.warn("store.expire.err", "store",
                   "runs that are too old could not be dropped: " + expired.error().message);
  }
}

core::Result<Expired> HousekeepingImpl::expire() {
  const std::lock_guard lock(one_at_a_time_);
  Expired expired;
  EVERY_TRY(store_.housekeeping().finish_dropping());
  EVERY_TRY_ASSIGN(const auto runs, find_expired());
  EVERY_TRY(drop(runs, expired));
  EVERY_TRY_ASSIGN(expired.bytes, give_back(GiveBack::kTooMuch));
  if (expired.runs > 0)
    logger_.info("store.expire", "store",
                 "runs that had become too old or too much were dropped; their results stay",
                 {{"runs", std::to_string(expired.runs)},
                  {"tasks", std::to_string(expired.tasks)},
                  {"failures", std::to_string(expired.failures)},
                  {"log_lines", std::to_string(expired.log_lines)},
                  {"bytes_given_back", std::to_string(expired.bytes)}});
  return expired;
}

core::Result<std::vector<HousekeepingImpl::Candidate>> HousekeepingImpl::find_expired() {
  std::vector<Candidate> expired;
  if (options_.keep.run_age.count() > 0) {
    const core::WallNanos cutoff = clock_.wall() - options_.keep.run_age.count();
    const std::string before = id_at(cutoff);
    std::string after;
    for (std::size_t seen = kPage; seen == kPage;) {
      EVERY_TRY_ASSIGN(const auto page, store_.housekeeping().ended_runs(after, before, kPage));
      seen = page.size();
      for (const store::EndedRun& run : page) {
        if (run.finished < cutoff) expired.push_back({run.id, 0});
        after = run.id;
      }
    }
  }
  EVERY_TRY(add_oldest_beyond_size(expired));
  return expired;
}

core::Status HousekeepingImpl::add_oldest_beyond_size(std::vector<Candidate>& expired) {
  const std::uint64_t limit = options_.keep.run_bytes;
  if (limit == 0) return {};
  // What the whole store does not hold, its runs do not.
  EVERY_TRY_ASSIGN(const auto sizes, store_.housekeeping().sizes());
  if (sizes.bytes - sizes.free_bytes <= limit) return {};
  Excluded gone;
  for (const Candidate& run : expired) gone.insert(run.run);
  std::vector<Candidate> runs;  // oldest first
  std::unordered_map<std::string, std::uint64_t> bytes_of_runs;
  std::uint64_t total = 0;
  // Those that come meanwhile are for the next look: there may be more of them a second than can be looked at.
  const std::string before = id_at(clock_.wall() + kMoment);
  std::string after;
  for (std::size_t seen = kPage; seen == kPage;) {
    EVERY_TRY_ASSIGN(const auto page, store_.housekeeping().ended_runs(after, before, kPage));
    seen = page.size();
    for (const store::EndedRun& run : page) {
      EVERY_TRY(go_on());
      after = run.id;
      if (gone.contains(run.id)) continue;
      // A run that is over does not change.
      const auto known = bytes_of_runs_.find(run.id);
      std::uint64_t bytes = 0;
      if (known != bytes_of_runs_.end()) {
        bytes = known->second;
      } else {
        EVERY_TRY_ASSIGN(bytes, store_.housekeeping().bytes_of_run(run.id));
      }
      total += bytes;
      bytes_of_runs.emplace(run.id, bytes);
      runs.push_back({run.id, bytes});
    }
  }
  bytes_of_runs_ = std::move(bytes_of_runs);
  for (const Candidate& run : runs) {
    if (total <= limit) break;
    expired.push_back(run);
    bytes_of_runs_.erase(run.run);
    total -= run.bytes;
  }
  return {};
}

core::Status HousekeepingImpl::drop(const std::vector<Candidate>& runs, Expired& expired) {
  // Together, since a transaction costs as much as several small runs; not too many, so that the node can stop.
  constexpr std::size_t kTogether = 64;
  std::vector<std::string> ids;
  for (auto next = runs.begin(); next != runs.end();) {
    ids.clear();
    for (; next != runs.end() && ids.size() < kTogether; ++next) {
      EVERY_TRY(go_on());
      EVERY_TRY(keep_invocations(next->run));
      ids.push_back(next->run);
    }
    EVERY_TRY_ASSIGN(const auto dropped, store_.housekeeping().drop_runs(ids));
    expired.runs += dropped.runs;
    expired.tasks += dropped.tasks;
    expired.failures += dropped.failures;
    expired.log_lines += dropped.log_lines;
  }
  return {};
}

// What a receipt answers is found in the run that made it. Verifying, exporting and forgetting by component need it as long as there is the
// receipt, so it is kept as content before the run goes.
core::Status HousekeepingImpl::keep_invocations(const std::string& run) {
  Invocations invocations(store_, blocks_, normalize_url_);
  EVERY_TRY_ASSIGN(const auto tasks, store_.tasks_of(run));
  std::vector<blocks::Block> some;
  std::size_t bytes = 0;
  for (const store::TaskRecord& task : tasks) {
    if (task.status != store::TaskStatus::kOk || task.replayed || !task.receipt) continue;
    const auto receipt = store_.find_receipt(*task.receipt);
    // A damaged receipt is no hit, and one of this run alone is no receipt of a result.
    if (!receipt || !*receipt || (*receipt)->run != run) continue;
    EVERY_TRY_ASSIGN(const bool kept, blocks_.has((*receipt)->ran));
    if (kept) continue;
    auto invocation = invocations.find(**receipt);
    if (!invocation) {
      logger_.warn("store.expire", "store",
                   "what receipt " + task.receipt->render() +
                       " answers cannot be kept beyond its run: " + invocation.error().message,
                   {{"run", run}});
      continue;
    }
    bytes += invocation->block.size();
    some.push_back({(*receipt)->ran, std::move(invocation->block)});
    if (bytes < kBatchBytes) continue;
    EVERY_TRY(blocks_.put(some));
    some.clear();
    bytes = 0;
  }
  return some.empty() ? core::Status() : blocks_.put(some);
}

core::Result<std::uint64_t> HousekeepingImpl::give_back(GiveBack how_much) {
  std::uint64_t bytes = 0;
  const auto from = [&](auto& keeping) -> core::Status {
    if (how_much == GiveBack::kTooMuch) {
      EVERY_TRY_ASSIGN(const auto sizes, keeping.sizes());
      if (sizes.free_bytes < std::max(kMayBeFree, sizes.bytes / 4)) return {};
    }
    for (;;) {
      EVERY_TRY(go_on());
      EVERY_TRY_ASSIGN(const std::uint64_t step, keeping.give_back());
      if (step == 0) return {};
      bytes += step;
    }
  };
  EVERY_TRY(from(store_.housekeeping()));
  if (how_much == GiveBack::kAll && blocks_.housekeeping() != nullptr)
    EVERY_TRY(from(*blocks_.housekeeping()));
  return bytes;
}

}  // namespace every::runtime
