#include "writer.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <iterator>
#include <optional>
#include <utility>

#include <pthread.h>

#include "every/sql/transaction.h"

namespace every::store {
namespace {

using core::ErrorCode;

// More in one transaction would make the first wait for nothing.
constexpr std::size_t kMostItems = 1024;
// A log so many times as long as one that is worth moving is waited for: until it is moved, and for readers that are in the way a moment.
constexpr std::int64_t kTooLong = 3;
constexpr std::chrono::seconds kReopenInterval{1};
// What nobody waits for is written within this time, with what else came.
constexpr std::chrono::milliseconds kSoon{4};

/// What makes the connection itself doubtful, not only what was asked of it.
bool breaks_connection(const core::Error& error) {
  return error.code == ErrorCode::kIo || error.code == ErrorCode::kPermissionDenied;
}

}  // namespace

core::Result<std::unique_ptr<Writer>> Writer::start(Open open, std::unique_ptr<LogMover> mover,
                                                    std::mutex* exclusive, core::CrashPlan* crash) {
  std::unique_ptr<Writer> writer(new Writer(std::move(open), std::move(mover), exclusive, crash));
  EVERY_TRY_ASSIGN(writer->session_, writer->open_());
  EVERY_TRY_ASSIGN(writer->health_.lock()->conflicts, writer->session_->recorded_conflicts());
  writer->thread_ = std::thread([raw = writer.get()] { raw->run(); });
  pthread_setname_np(writer->thread_.native_handle(), "store-writer");
  return writer;
}

Writer::~Writer() {
  std::ignore = stop();
}

void Writer::commit(Batch batch, std::move_only_function<void(core::Status)> on_durable) {
  queue(Item{std::move(batch), std::move(on_durable)});
}

core::Result<std::uint32_t> Writer::count_resumption(const std::string& run) {
  std::promise<core::Status> done;
  auto status = done.get_future();
  std::uint32_t count = 0;
  queue(Item{run, [&done](core::Status result) { done.set_value(std::move(result)); }, &count});
  EVERY_TRY(status.get());
  return count;
}

core::Status Writer::run_job(Job job) {
  std::promise<core::Status> done;
  auto status = done.get_future();
  queue(Item{std::move(job), [&done](core::Status result) { done.set_value(std::move(result)); }});
  return status.get();
}

Store::Health Writer::health() const {
  return *health_.lock();
}

bool Writer::is_urgent(const Item& item) {
  const auto* batch = std::get_if<Batch>(&item.work);
  return batch == nullptr || batch->urgency == Batch::Urgency::kNow;
}

void Writer::queue(Item item) {
  {
    auto queue = queue_.lock();
    if (!queue->stopping) {
      const bool urgent = is_urgent(item);
      if (queue->items.empty() && !urgent) queue->since = std::chrono::steady_clock::now();
      // The thread knows already that something will have to be written, and when.
      const bool tell = urgent ? queue->urgent == 0 : queue->items.empty();
      if (urgent) ++queue->urgent;
      queue->items.push_back(std::move(item));
      if (tell || queue->items.size() == kMostItems) ready_.notify_one();
      return;
    }
  }
  item.on_durable(core::fail(ErrorCode::kUnavailable, "the store is closed"));
}

core::Status Writer::stop() {
  queue_.lock()->stopping = true;
  ready_.notify_one();
  if (!thread_.joinable()) return {};
  thread_.join();
  return std::move(end_);
}

std::unique_lock<std::mutex> Writer::use_connection() {
  return exclusive_ != nullptr ? std::unique_lock(*exclusive_) : std::unique_lock<std::mutex>();
}

void Writer::run() {
  for (;;) {
    bool stopping = false;
    std::vector<Item> group = take(stopping);
    if (group.empty() && stopping) break;
    if (!session_) {
      const auto lock = use_connection();
      if (auto reopened = reopen(); !reopened) {
        for (Item& item : group) item.on_durable(reopened);
        continue;
      }
    }
    if (!group.empty()) write_group(group);
  }
  end_ = finish();
}

std::vector<Writer::Item> Writer::take(bool& stopping) {
  const auto has_work = [](const Queue& queue) { return queue.stopping || !queue.items.empty(); };
  const auto has_waiters = [](const Queue& queue) {
    return queue.stopping || queue.urgent > 0 || queue.items.size() >= kMostItems;
  };
  auto queue = queue_.lock();
  if (session_) {
    queue.wait(ready_, has_work);
    std::ignore = queue.wait_until(ready_, queue->since + kSoon, has_waiters);
  } else {
    std::ignore =
        queue.wait_until(ready_, std::chrono::steady_clock::now() + kReopenInterval, has_work);
  }
  stopping = queue->stopping;
  std::vector<Item> group = std::exchange(queue->items, {});
  if (group.size() > kMostItems) {
    const auto middle = group.begin() + kMostItems;
    queue->items.assign(std::make_move_iterator(middle), std::make_move_iterator(group.end()));
    group.erase(middle, group.end());
  }
  queue->urgent = static_cast<std::size_t>(std::ranges::count_if(queue->items, is_urgent));
  queue->since = std::chrono::steady_clock::now();
  return group;
}

void Writer::write_group(std::vector<Item>& group) {
  std::vector<core::Status> outcomes(group.size());
  {
    const auto lock = use_connection();
    write_with_session(group, outcomes);
  }
  const auto wants_checkpoint = [](const Item& item) {
    const Job* job = std::get_if<Job>(&item.work);
    return job != nullptr && job->then == Job::Then::kCheckpoint;
  };
  if (std::ranges::any_of(group, wants_checkpoint)) checkpoint(Log::kNow);
  for (std::size_t i = 0; i < group.size(); ++i) group[i].on_durable(std::move(outcomes[i]));
  group.clear();
  checkpoint(Log::kIfLong);
}

void Writer::write_with_session(std::vector<Item>& group, std::vector<core::Status>& outcomes) {
  // A savepoint costs as much as a row, and an item that fails is rare: the first try goes without.
  auto together = write_together(group, 0, group.size(), Apart::kNo, outcomes);
  const bool item_failed = std::ranges::any_of(outcomes, [](const auto& one) { return !one; });
  if (together && item_failed)
    together = write_together(group, 0, group.size(), Apart::kYes, outcomes);
  if (together) return;
  const ErrorCode code = together.error().code;
  // Somebody else's lock was waited for once already; another wait for each item helps nobody.
  const bool alone_may_work = !breaks_connection(together.error()) &&
                              code != ErrorCode::kConflict && code != ErrorCode::kCancelled &&
                              group.size() > 1;
  if (alone_may_work) {
    // A full disk, say: what is small may still fit, and nobody fails for the neighbour's size.
    for (std::size_t i = 0; i < group.size() && session_; ++i) {
      together = write_together(group, i, 1, Apart::kYes, outcomes);
      if (!together) outcomes[i] = together;
      if (!together && breaks_connection(together.error())) {
        for (std::size_t j = i; j < group.size(); ++j) outcomes[j] = together;
        break;
      }
    }
  } else {
    std::fill(outcomes.begin(), outcomes.end(), together);
  }
  if (!together && breaks_connection(together.error())) {
    lost_connection(together.error());
    std::ignore = reopen();
  }
}

/// One transaction over `count` items. On error none of them is written. With savepoints an item that fails alone has its own
/// outcome and the others are written; without, its outcome says so and nothing is written.
core::Status Writer::write_together(std::vector<Item>& group, std::size_t first, std::size_t count,
                                    Apart apart, std::vector<core::Status>& outcomes) {
  Effects effects;
  sql::Connection& connection = session_->connection();
  EVERY_TRY_ASSIGN(auto transaction, sql::Transaction::begin(connection));
  reach(core::CrashPoint::kBatchBegun);
  for (std::size_t i = first; i < first + count; ++i) {
    Effects of_item;
    std::optional<sql::Savepoint> savepoint;
    if (apart == Apart::kYes) {
      EVERY_TRY_ASSIGN(sql::Savepoint begun, sql::Savepoint::begin(connection));
      savepoint.emplace(std::move(begun));
    }
    outcomes[i] = write_item(group[i], of_item);
    if (!outcomes[i]) {
      // Some errors take the whole transaction with them.
      if (!connection.in_transaction() || breaks_connection(outcomes[i].error()))
        return outcomes[i];
      if (apart == Apart::kNo) return {};
      continue;
    }
    if (savepoint) EVERY_TRY(savepoint->release());
    effects.conflicts += of_item.conflicts;
    std::ranges::move(of_item.progressed, std::back_inserter(effects.progressed));
    std::ranges::move(of_item.resumed, std::back_inserter(effects.resumed));
  }
  reach(core::CrashPoint::kBatchApplied);
  EVERY_TRY(transaction.commit());
  reach(core::CrashPoint::kBatchCommitted);
  session_->committed(effects);
  auto health = health_.lock();
  health->conflicts += effects.conflicts;
  health->writable = true;
  health->problem.clear();
  return {};
}

core::Status Writer::write_item(Item& item, Effects& effects) {
  if (const auto* batch = std::get_if<Batch>(&item.work)) return session_->apply(*batch, effects);
  if (const auto* job = std::get_if<Job>(&item.work)) return job->work(session_->connection());
  EVERY_TRY_ASSIGN(*item.count,
                   session_->count_resumption(std::get<std::string>(item.work), effects));
  return {};
}

void Writer::lost_connection(const core::Error& why) {
  session_.reset();
  auto health = health_.lock();
  health->writable = false;
  health->problem =
      why.message +
      "; the store is closed for writing and opened again as soon as that works: check the disk";
}

core::Status Writer::reopen() {
  auto opened = open_();
  if (!opened) return core::fail(std::move(opened).error());
  // Only a write shows that writing works; statements go before the session does.
  if (auto probed = (*opened)->probe(); !probed) return probed;
  session_ = std::move(*opened);
  auto health = health_.lock();
  health->writable = true;
  health->problem.clear();
  return {};
}

void Writer::checkpoint(Log which) {
  if (!session_ || mover_ == nullptr) return;
  const auto lock = use_connection();
  sql::Connection& connection = session_->connection();
  const std::int64_t pages = connection.wal_pages();
  const bool too_long = pages >= kTooLong * mover_->pages();
  if (which == Log::kIfLong && pages < mover_->pages()) return;
  if (which == Log::kNow || too_long) mover_->wait();
  const auto state = mover_->take_state();
  if (state == LogMover::State::kMoving) return;
  if (state == LogMover::State::kIdle && which == Log::kIfLong) return mover_->begin();
  // What came since the mover began; the next commit begins the log anew.
  core::Status done;
  if (!too_long) {
    done = connection.checkpoint(sql::Connection::Checkpoint::kPassive);
  } else {
    connection.set_busy_timeout(std::chrono::milliseconds(20));
    done = connection.checkpoint(sql::Connection::Checkpoint::kRestart);
    connection.set_busy_timeout(std::chrono::seconds(5));
  }
  if (!done && breaks_connection(done.error())) {
    lost_connection(done.error());
    std::ignore = reopen();
  }
}

core::Status Writer::finish() {
  const auto lock = use_connection();
  if (!session_) return core::fail(ErrorCode::kIo, health().problem);
  if (mover_ != nullptr) mover_->wait();
  auto moved = session_->connection().checkpoint(sql::Connection::Checkpoint::kTruncate);
  // The last connection to close clears the log away, and must be able to write for that.
  mover_.reset();
  session_.reset();
  // A reader that is still at work keeps the log; it is moved at the next start.
  if (!moved && moved.error().code == ErrorCode::kConflict) return {};
  return moved;
}

}  // namespace every::store
