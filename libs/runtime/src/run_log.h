#pragma once

#include <string>
#include <vector>

#include "active_run.h"

#include "every/core/log.h"

/// The log lines of a run, in the original's words and order.
namespace every::runtime::run_log {

enum class Seen : std::uint8_t { kNever, kBefore };
/// in: timeout   what is left of the run's time; receipts   what the plan found, in task order;
///     left   distinct tasks still to run; resources   components to fetch, each once
void begin(const core::Logger& logger, const ActiveRun& run, Seen seen,
           const std::vector<std::string>& receipts, std::size_t left,
           const std::vector<std::string>& resources, std::chrono::nanoseconds timeout);
void resolving(const core::Logger& logger, const ActiveRun& run, const ipld::Cid& awaited);
void computed(const core::Logger& logger, const ipld::Cid& receipt);
void failed(const core::Logger& logger, const ActiveRun& run, const TaskAnswer& task);
/// in: state, error   as they were under the scheduler's lock
void end(const core::Logger& logger, const ActiveRun& run, RunState state,
         const std::optional<core::Error>& error);

}  // namespace every::runtime::run_log
