#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include <boost/json/object.hpp>

#include "every/core/clock.h"

namespace every::cli {

/// By which way a task came to where it is, as a person is told.
enum class Mark : std::uint8_t {
  kRan,
  kJoined,
  kHit,
  kFailed,
  kNothing,
  kRunning,
  kWaiting,
  kIdle
};

/// A task of a timeline.
struct Row {
  std::string name;
  std::string func;
  std::string state;  ///< the word
  Mark mark = Mark::kIdle;
  core::WallNanos ready = 0;
  core::WallNanos begin = 0;  ///< of running in the guest, as far as that is known
  core::WallNanos end = 0;
  std::chrono::nanoseconds ran{0};
  std::uint64_t memory = 0;
  std::uint64_t in = 0;
  std::uint64_t out = 0;
  std::string error;  ///< why it failed, in a person's words

  [[nodiscard]] bool has_run() const { return begin != 0 && end != 0 && mark != Mark::kHit; }
  [[nodiscard]] std::chrono::nanoseconds took() const {
    return std::chrono::nanoseconds(has_run() ? end - begin : 0);
  }
};

/// A task (docs/formats/http.md) as it is drawn. in: now   what one under way is drawn up to
[[nodiscard]] Row read_row(const boost::json::object& task, core::WallNanos now);

}  // namespace every::cli
