#pragma once

#include "every/core/error.h"
#include "every/wasm/worker_pool.h"

namespace every::wasm::worker {

/// Ties this process to its parent and gives up what no guest needs, before any thread exists.
///
/// Always: dies with the parent, ignores the terminal's signals, no new privileges, no core files, few descriptors, bounded private
/// memory. Where the kernel has it: no network, no programs, no signals to others, no new processes, no changes of files (seccomp); no files
/// beyond the code cache (Landlock). What a kernel or container refuses is left out. With sanitizers, which need more, only the first part.
void enter_sandbox(const WorkerSettings& settings);

}  // namespace every::wasm::worker
