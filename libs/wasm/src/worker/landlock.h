#pragma once

#include "every/wasm/worker_pool.h"

namespace every::wasm::worker {

/// Leaves this process no file but those below the code cache (to read; to write too for compiling) and what describes the machine.
/// Does nothing where the kernel has no Landlock. thread: before there are others
void restrict_files(const WorkerSettings& settings);

}  // namespace every::wasm::worker
