#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "every/core/bytes.h"
#include "every/core/error.h"
#include "every/core/log.h"
#include "every/ipld/cid.h"
#include "every/ipld/value.h"
#include "every/wit/type.h"

namespace every::wasm {

/// The number of the sandbox everything here runs in: docs/formats/determinism.md. Receipts remember it.
inline constexpr std::uint32_t kDeterminismProfile = 1;

/// What one task may use. Reaching one ends the task, whatever the guest makes of it; it is never visible to the guest.
struct Limits {
  std::uint64_t memory_bytes = std::uint64_t{1} << 30;
  std::chrono::nanoseconds time = std::chrono::hours(1);
  std::optional<std::uint64_t> fuel;                     ///< Wasmtime fuel units; none: not metered
  std::uint64_t result_bytes = std::uint64_t{64} << 20;  ///< of the encoded result
  std::uint64_t log_lines = 10'000;  ///< then one line that says so; the task goes on
};

/// What a component offers, known once it is compiled. Immutable, shared.
struct ComponentInfo {
  ipld::Cid cid;
  std::uint64_t size = 0;  ///< bytes of the binary
  std::vector<std::shared_ptr<const wit::Function>>
      functions;  ///< in export order; helper exports of language runtimes left out
  std::vector<std::string> imports;  ///< interface names, as imported
  std::string wit;                   ///< WIT text of its world
  std::string language;  ///< `rust`, `python` …, by what the binary says of itself; or empty

  /// The function a submitted `func` means, by the original's spellings (reference: as given, upper, kebab, snake, camel, Pascal, `%name`),
  /// then `iface#name` and full names.
  /// errors: kNotFound naming the component's functions and the nearest
  [[nodiscard]] core::Result<std::shared_ptr<const wit::Function>> find(
      std::string_view func) const;
};

using Seed = std::array<std::uint8_t, 32>;
/// What a task's seed is, by its instruction. source: docs/formats/determinism.md
[[nodiscard]] Seed seed_of(const ipld::Cid& instruction);

/// One execution to make.
struct TaskSpec {
  ipld::Cid component;   ///< prepared before
  std::string function;  ///< as submitted
  ipld::List
      args;  ///< awaits resolved, links to content replaced by bytes where the type asks for bytes
  Limits limits;
  Seed seed{};  ///< digest of the instruction CID: what `wasi:random` is made from
};

/// A line a guest wrote.
struct LogLine {
  core::LogLevel level = core::LogLevel::kInfo;
  std::string category;  ///< the guest's context, or `guest:<function>:stdout|stderr`
  std::string message;
};

/// What an execution cost. Zeros where the guest did not come to run, or its worker was lost.
struct TaskStats {
  std::chrono::nanoseconds run_time{0};  ///< instantiating and the call
  std::uint64_t peak_memory_bytes = 0;   ///< of all its linear memories together
  std::uint64_t fuel = 0;                ///< used, where the task's limits name some; else 0
};

/// How an execution ended: the result as canonical DAG-CBOR, or why there is none.
struct TaskOutcome {
  core::Result<core::Bytes> value;
  TaskStats stats;
};

/// Runs guests. Nothing above it knows in which process.
///
/// Callbacks come on threads of the executor, for one task in order: any number of `on_log`, then `on_done` exactly once, whatever
/// happens (trap, limit, cancellation, a worker that dies, shutdown). They must not block. thread: any.
class Executor {
 public:
  virtual ~Executor() = default;

  /// Compiles a component, or finds it compiled, and says what it offers. Single-flight per CID; blocks for as long as compiling takes.
  ///
  /// in: cid, bytes   what was verified to hash to it: a component, a core module with a `component-type` section, or WAT
  /// errors: kMalformed not Wasm, truncated or invalid; kUnsupported a resource, stream, future or error-context in an export (function and
  ///         parameter are named), an import we do not define (named); kResourceExhausted, kTimeout the compiler hit its limits
  [[nodiscard]] virtual core::Result<std::shared_ptr<const ComponentInfo>> prepare(
      const ipld::Cid& cid, core::BytesView bytes) = 0;
  /// As prepare, of what was compiled before: nothing has to be read but its code.
  /// errors: kNotFound its code is not kept here; those of whoever reads it. Either way prepare() may do
  [[nodiscard]] virtual core::Result<std::shared_ptr<const ComponentInfo>> prepare_known(
      const ipld::Cid& cid);
  /// What was prepared, or null.
  [[nodiscard]] virtual std::shared_ptr<const ComponentInfo> find_prepared(
      const ipld::Cid& cid) const = 0;

  using OnLog = std::move_only_function<void(LogLine)>;
  using OnDone = std::move_only_function<void(TaskOutcome)>;
  using TaskId = std::uint64_t;
  /// Starts an execution (or queues it) and returns at once.
  ///
  /// `on_done` errors: kNotFound component not prepared, function unknown; kInvalidArgument an argument that does not fit (function, parameter,
  /// path, type and value are named); kGuestTrap; kTimeout, kResourceExhausted naming limit and value; kCancelled; kUnavailable the worker
  /// process was lost and it was not this task's doing
  virtual TaskId start(TaskSpec spec, OnLog on_log, OnDone on_done) = 0;
  /// Ends an execution soon; its `on_done` comes with kCancelled unless it was done before.
  virtual void cancel(TaskId id) = 0;
  /// Ends everything under way; every `on_done` has come on return. Later starts fail with kUnavailable.
  virtual void stop() = 0;
  /// How many executions make sense at once.
  [[nodiscard]] virtual std::size_t concurrency() const = 0;
  /// How many executions to keep started, so that nobody who runs them waits for the next.
  [[nodiscard]] virtual std::size_t appetite() const { return 2 * concurrency(); }
};

}  // namespace every::wasm
