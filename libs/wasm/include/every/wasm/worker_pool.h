#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "every/core/log.h"
#include "every/wasm/executor.h"

namespace every::wasm {

/// What a worker process is for.
enum class WorkerRole : std::uint8_t {
  kRun = 0,      ///< runs guests: reads the code cache, writes nothing
  kCompile = 1,  ///< compiles one component, runs no guest, may write the code cache
};

/// What the node tells a worker before it makes its executor.
struct WorkerSettings {
  WorkerRole role = WorkerRole::kRun;
  std::size_t threads = 1;           ///< guests at once while all are short
  std::size_t max_threads = 32;      ///< and while some take long
  std::filesystem::path code_cache;  ///< empty: none
  std::uint64_t data_bytes = 0;      ///< of private memory; 0: no limit
  std::uint64_t guest_bytes = 0;     ///< of memory of all its guests together; 0: no limit
  std::uint64_t cpu_seconds = 0;     ///< of processor time; 0: no limit
};

/// What became of waiting for the node.
enum class Received : std::uint8_t { kMore, kEnd };

/// The executor of a worker process.
struct WorkerExecutor {
  std::unique_ptr<Executor> executor;
  /// Prepares from the code cache alone (kNotFound: not there). May be empty: there is no cache.
  std::function<core::Result<std::shared_ptr<const ComponentInfo>>(const ipld::Cid&)>
      prepare_known = {};
  /// Gives the executor's own threads the receiving from the node: one that runs no guest waits in what is given, which starts tasks, so that a
  /// task runs on the thread that received it. May be empty: another thread receives.
  std::function<void(std::move_only_function<Received()>)> receive_with = {};
  /// Tasks that were started and have no thread yet. May be empty: not known.
  std::function<std::size_t()> waiting = {};
};
/// The one of the product, with Wasmtime. errors: kUnavailable no engine can be made on this machine
[[nodiscard]] core::Result<WorkerExecutor> make_worker_executor(const WorkerSettings& settings);
using WorkerExecutorFactory = std::function<core::Result<WorkerExecutor>(const WorkerSettings&)>;

/// The descriptor a worker process finds its socket at.
inline constexpr int kWorkerSocket = 3;

/// The whole life of a worker process: gives up every privilege it does not need, makes its executor, serves the node at the other end of
/// `fd`, and ends the process when that end closes. Must be called before the process has threads.
///
/// returns: only when it could not begin, a process exit code; the reason is on standard error
[[nodiscard]] int worker_main(int fd, const WorkerExecutorFactory& make_executor);

struct WorkerPoolOptions {
  std::vector<std::string> command;  ///< a worker process: path of the binary, then its arguments
  std::size_t workers = 0;           ///< 0: one a core
  std::size_t threads = 1;           ///< of a worker, for short guests
  std::size_t max_threads = 32;      ///< of a worker, with long ones
  std::filesystem::path code_cache;  ///< private folder for compiled code; empty: none
  std::uint64_t guest_bytes =
      0;  ///< of memory of all guests of all workers; 0: half of what this machine has
  std::size_t compilers = 2;  ///< compiling processes at once; more components wait
  std::chrono::nanoseconds compile_time = std::chrono::minutes(5);
  /// Processor time of a compiling process: so much, and three tenths of it for each MiB of the component. An honest one takes a fifth of that.
  std::chrono::nanoseconds compile_cpu = std::chrono::seconds(10);
  std::uint64_t compile_bytes =
      0;  ///< private memory of a compiling process; 0: 4 GiB, or a quarter of what this machine has
  std::chrono::nanoseconds long_after =
      std::chrono::milliseconds(50);  ///< then a task no longer counts against its worker
  std::chrono::nanoseconds stuck_after =
      std::chrono::seconds(10);  ///< a worker that does not answer for so long is replaced
  std::chrono::nanoseconds grace = std::chrono::seconds(
      5);  ///< past a time limit or a cancellation, then the worker is replaced
  const core::Logger* logger = nullptr;  ///< told of lost workers; may be null
};

/// An Executor whose guests run in worker processes, which this one starts, watches and replaces.
///
/// When a worker dies, the task that began last in it is blamed: it fails by name (kGuestTrap) if it was alone there, else it is tried
/// once more and fails when that worker dies too. The others move to other workers; after ten moves they fail with kUnavailable. Component bytes given to prepare are kept in a memory
/// file only when there is no code cache.
/// errors: kInvalidArgument no command; kIo the processes cannot be started at all
[[nodiscard]] core::Result<std::unique_ptr<Executor>> make_worker_pool(WorkerPoolOptions options);

}  // namespace every::wasm
