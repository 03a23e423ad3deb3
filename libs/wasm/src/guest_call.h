#pragma once

#include <atomic>
#include <memory>

#include "engine.h"

#include "every/wasm/executor.h"

namespace every::wasm {

/// The number of a function for the engines, in a component whose ComponentInfo it came from.
/// errors: kInternal it is of another component
[[nodiscard]] core::Result<std::uint32_t> number_of(const Component& component,
                                                    const wit::Function& function);

/// Executes one task on this thread: arguments by type, a fresh instance, the result as DAG-CBOR, log lines on the way.
///
/// in: function   of this component; spec   its component and function are not looked at; memory_budget   [bytes] of all guests of this process together, 0: none;
///     on_line   called on this thread
/// errors: those of Executor::start's on_done; kUnavailable the engine's pool is full
[[nodiscard]] TaskOutcome call_guest(const Component& component, const wit::Function& function,
                                     const TaskSpec& spec, std::uint64_t memory_budget,
                                     const std::atomic<bool>& cancelled,
                                     const std::function<void(LogLine)>& on_line);

}  // namespace every::wasm
