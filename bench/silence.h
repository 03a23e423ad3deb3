#pragma once

#include "every/core/clock.h"
#include "every/core/log.h"

namespace every::bench {

/// A clock, and a logger that says nothing.
struct Silence {
  struct Sink final : core::LogSink {
    void write(const core::LogRecord&) override {}
  };
  core::SystemClock clock;
  Sink sink;
  core::Logger logger{sink, clock, core::LogLevel::kOff, core::LogLevel::kOff};
};

}  // namespace every::bench
