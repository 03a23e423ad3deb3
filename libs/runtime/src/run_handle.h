#pragma once

#include <memory>

#include "scheduler.h"

#include "every/runtime/run.h"

namespace every::runtime {

/// The outside's hold on a run. in: scheduler   may go before the handle: the run then neither ends nor is watched any more
[[nodiscard]] std::shared_ptr<RunHandle> make_handle(std::weak_ptr<Scheduler> scheduler,
                                                     std::shared_ptr<ActiveRun> run);

}  // namespace every::runtime
