#pragma once

#include <memory>

#include "worker/frame.h"

#include "every/core/cancel.h"
#include "every/wasm/worker_pool.h"

namespace every::wasm::worker {

/// Prepares a component in a process of its own, which ends with it, so that compiling can be given limits and cannot take the node along.
///
/// in: load   payload of a kLoad frame, with the component's bytes
/// errors: those of Executor::prepare; kTimeout, kResourceExhausted its limits; kCancelled; kIo it cannot be started
/// cost: blocks for as long as compiling takes. thread: any, but it must live on meanwhile
[[nodiscard]] core::Result<std::shared_ptr<const ComponentInfo>> prepare_in_own_process(
    const WorkerPoolOptions& options, const ipld::Cid& cid, const Payload& load,
    const core::CancelToken& cancel);

}  // namespace every::wasm::worker
