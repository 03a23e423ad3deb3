#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "every/core/error.h"

namespace every::core {

/// The places between taking a run and answering it where the process may be told to die, in the order a run passes them.
enum class CrashPoint : std::uint8_t {
  kRunAdmitted,  ///< a run was taken; nothing of it is on disk
  kRunRecorded,  ///< its record is on disk, for those that are accepted ahead of their first receipts
  kTaskStarting,    ///< a task is about to be handed to the executor
  kTaskDone,        ///< a result is there, in memory only
  kBatchBegun,      ///< the store's transaction is open and empty
  kBatchApplied,    ///< … is full and not committed
  kBatchCommitted,  ///< … is committed; nobody knows
  kTaskTold,        ///< a task's outcome was told
  kRunAnswering,    ///< the run is over and its answer about to be told
  kRunAnswered,     ///< … was told
  kRunMarked,       ///< that a run is paused or goes on is on disk; who asked does not know
  kRunResuming,     ///< at the start after a crash: the resumption is counted, the run not begun
};

/// `run-admitted`, …
[[nodiscard]] std::string_view render_crash_point(CrashPoint point);
[[nodiscard]] std::span<const CrashPoint> crash_points();

/// Ends the process by SIGKILL, as a power cut or the kernel would, the n-th time it gets to a point. For tests of durability; without a plan
/// it does nothing. thread: any.
class CrashPlan {
 public:
  CrashPlan() = default;
  /// `POINT` or `POINT:N`, the N-th time from 1. errors: kInvalidArgument with the points there are
  [[nodiscard]] static Status parse(std::string_view text, CrashPlan& plan);
  void reach(CrashPoint point) {
    if (armed_ && point == point_) count_down();
  }

 private:
  void count_down();
  bool armed_ = false;
  CrashPoint point_ = CrashPoint::kRunAdmitted;
  std::atomic<std::uint64_t> left_ = 0;
};

}  // namespace every::core
