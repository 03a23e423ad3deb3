#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "log_mover.h"
#include "write_session.h"

#include "every/core/guarded.h"
#include "every/store/store.h"

namespace every::store {

/// The one thread that writes: it commits whatever has queued in one transaction, each item in a savepoint.
///
/// Holds that an item is told success only when it is as durable as the connection's level says, and that an item that fails
/// harms no other. An I/O error closes the connection, since what the system still holds of the file is then unknown, and
/// opens it anew. thread: any.
class Writer {
 public:
  using Open = std::function<core::Result<std::unique_ptr<WriteSession>>()>;
  /// in: open        makes the writing connection, now and after an I/O error
  ///     mover       of the file's log; nullptr in memory
  ///     exclusive   held while the connection is used; nullptr when nobody else uses it. Outlives the writer
  ///     crash       where the process may be told to die; nullptr: nowhere. Outlives the writer
  /// errors: those of `open`
  [[nodiscard]] static core::Result<std::unique_ptr<Writer>> start(Open open,
                                                                   std::unique_ptr<LogMover> mover,
                                                                   std::mutex* exclusive,
                                                                   core::CrashPlan* crash);
  /// Writes what is queued and ends.
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// As Store::commit.
  void commit(Batch batch, std::move_only_function<void(core::Status)> on_durable);
  /// As Store::count_resumption. Blocks.
  [[nodiscard]] core::Result<std::uint32_t> count_resumption(const std::string& run);
  /// A piece of other work in a transaction that batches may share. It must be short: they wait for it. It may be called again, when the transaction
  /// was undone.
  struct Job {
    std::function<core::Status(sql::Connection&)> work;
    enum class Then : std::uint8_t { kNothing, kCheckpoint } then = Then::kNothing;
  };
  /// Blocks until it is as durable as a batch would be. errors: those of the work, and as Store::commit
  [[nodiscard]] core::Status run_job(Job job);
  [[nodiscard]] Store::Health health() const;
  /// Writes what is queued, moves the log into the database and ends the thread. Later commits fail. Once.
  /// errors: kIo what was queued could not be written (its waiters were told), or the log could not be moved
  [[nodiscard]] core::Status stop();

 private:
  struct Item {
    std::variant<Batch, std::string, Job>
        work;  // a batch, a run whose resumption is counted, or other work
    std::move_only_function<void(core::Status)> on_durable;
    std::uint32_t* count = nullptr;  // where a resumption's count goes; the waiter's
  };
  struct Queue {
    std::vector<Item> items;
    std::size_t urgent = 0;                       // of the items
    std::chrono::steady_clock::time_point since;  // when the first item came that is there
    bool stopping = false;
  };
  [[nodiscard]] static bool is_urgent(const Item& item);

  Writer(Open open, std::unique_ptr<LogMover> mover, std::mutex* exclusive, core::CrashPlan* crash)
      : open_(std::move(open)), mover_(std::move(mover)), exclusive_(exclusive), crash_(crash) {}
  void reach(core::CrashPoint point) {
    if (crash_ != nullptr) crash_->reach(point);
  }
  void queue(Item item);
  void run();
  /// The next items to write; empty when stopping and nothing is left, or (when unhealthy) when it is time to try again.
  std::vector<Item> take(bool& stopping);
  void write_group(std::vector<Item>& group);
  enum class Apart : std::uint8_t { kNo, kYes };
  core::Status write_together(std::vector<Item>& group, std::size_t first, std::size_t count,
                              Apart apart, std::vector<core::Status>& outcomes);
  core::Status write_item(Item& item, Effects& effects);
  void write_with_session(std::vector<Item>& group, std::vector<core::Status>& outcomes);
  /// After an I/O error: a new connection, if one can be had and writes.
  core::Status reopen();
  void lost_connection(const core::Error& why);
  enum class Log : std::uint8_t { kIfLong, kNow };
  void checkpoint(Log which);
  core::Status finish();
  std::unique_lock<std::mutex> use_connection();

  Open open_;
  std::unique_ptr<LogMover> mover_;  // nullptr in memory
  std::mutex* exclusive_;
  core::CrashPlan* crash_;                 // may be null
  std::unique_ptr<WriteSession> session_;  // the thread's; empty after an I/O error until reopened
  core::Guarded<Queue> queue_;
  std::condition_variable ready_;
  mutable core::Guarded<Store::Health> health_;
  core::Status end_;  // what stop() gives; written by the thread before it ends
  std::thread thread_;
};

}  // namespace every::store
