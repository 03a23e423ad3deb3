#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <thread>

#include "every/core/guarded.h"
#include "every/sql/connection.h"

namespace every::store {

/// Moves the log into the database beside the writer, whose commits go on meanwhile. What they add is left to the writer: a moment's work.
///
/// Holds that there is always another connection than the writer's: while it is there, one made anew sees the log as it was committed, not the frames of a commit
/// that failed. A move that fails is not told: the writer moves the same pages again, and sees why. thread: one, the writer's
class LogMover {
 public:
  /// in: connection   may write, and leaves the log alone when it is closed; pages   of the log that are worth moving
  LogMover(std::unique_ptr<sql::Connection> connection, std::int64_t pages);
  /// Ends once a move under way has ended.
  ~LogMover();
  LogMover(const LogMover&) = delete;
  LogMover& operator=(const LogMover&) = delete;

  [[nodiscard]] std::int64_t pages() const { return pages_; }
  enum class State { kIdle, kMoving, kMoved };
  /// What has become of the last begin(); kMoved is told once.
  [[nodiscard]] State take_state();
  /// Idle only.
  void begin();
  /// Until nothing is under way.
  void wait();

 private:
  struct Work {
    State state = State::kIdle;
    bool stopping = false;
  };
  void run();

  std::unique_ptr<sql::Connection> connection_;
  const std::int64_t pages_;
  core::Guarded<Work> work_;
  std::condition_variable changed_;
  std::thread thread_;
};

}  // namespace every::store
