#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "every/core/clock.h"

namespace every::invocation {

/// By which way a task came to its outcome.
enum class Way : std::uint8_t {
  kNotRecorded,  ///< by a version that kept no traces, or it has no outcome yet
  kNone,  ///< nothing was executed for it: skipped, cancelled before, or it could not be started
  kRan,   ///< it was executed
  kJoined,  ///< an equal task was being executed, for this run or another, and this one took its outcome
  kHit,  ///< its result was known
};

/// `none`, `ran`, `joined`, `hit`; empty for kNotRecorded.
[[nodiscard]] constexpr std::string_view render_way(Way way) {
  switch (way) {
    case Way::kNone:
      return "none";
    case Way::kRan:
      return "ran";
    case Way::kJoined:
      return "joined";
    case Way::kHit:
      return "hit";
    case Way::kNotRecorded:
      break;
  }
  return {};
}

/// Why a task that ran was no hit.
enum class Miss : std::uint8_t {
  kNotKnown,  ///< no result of its instruction was known (or it is no miss)
  kFresh,     ///< the run was to execute everything, whatever is known
  kFailure,  ///< a failure's value reached it: true of this run only, it is neither looked up nor remembered
  // A receipt was there, and could not be used:
  kForgotten,
  kUntrusted,     ///< imported, and nobody trusted attests it
  kOtherProfile,  ///< imported, and made in another sandbox
  kContent,       ///< a block that its result links to was not here
  kDamaged,
};

/// `fresh`, `failure`, `forgotten`, `untrusted`, `profile`, `content`, `damaged`; empty for kNotKnown.
[[nodiscard]] constexpr std::string_view render_miss(Miss miss) {
  switch (miss) {
    case Miss::kFresh:
      return "fresh";
    case Miss::kFailure:
      return "failure";
    case Miss::kForgotten:
      return "forgotten";
    case Miss::kUntrusted:
      return "untrusted";
    case Miss::kOtherProfile:
      return "profile";
    case Miss::kContent:
      return "content";
    case Miss::kDamaged:
      return "damaged";
    case Miss::kNotKnown:
      break;
  }
  return {};
}

/// When a task was worked on, and what that cost. A zero: it did not come to that, or is not known.
struct Trace {
  Way way = Way::kNotRecorded;
  Miss miss = Miss::kNotKnown;
  core::WallNanos ready = 0;    ///< what it awaits was there
  core::WallNanos started = 0;  ///< handed to the workers
  core::WallNanos ended = 0;    ///< its outcome was known, on its way to the disk
  // Of the execution; for kJoined of the one that was shared.
  std::chrono::nanoseconds run_time{0};  ///< inside the guest, its start included
  std::uint64_t peak_memory_bytes = 0;   ///< of the guest's linear memories
  std::uint64_t fuel = 0;                ///< used; 0: not metered
  std::uint64_t bytes_in = 0;   ///< of the arguments as DAG-CBOR, awaits and content filled in
  std::uint64_t bytes_out = 0;  ///< of the result as DAG-CBOR

  friend bool operator==(const Trace&, const Trace&) = default;
};

}  // namespace every::invocation
