#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "description.h"

#include "every/core/bytes.h"
#include "every/core/error.h"

struct wasm_engine_t;
struct every_component_t;

namespace every::wasm {

class Engine;
class FunctionCache;

/// Something a guest wrote, as it came: a line for logging and print, a piece for the streams.
enum class GuestSource : std::uint8_t { kLogging, kPrint, kStdout, kStderr };

/// What a call may use and whom it tells. Everything outlives the call.
struct CallOptions {
  std::array<std::uint8_t, 32> seed{};
  std::uint64_t memory_bytes = 0;
  std::uint64_t table_elements = 10'000'000;
  std::uint64_t memory_budget = 0;  ///< of all calls of this process together; 0: none
  std::uint64_t fuel = UINT64_MAX;  ///< UINT64_MAX: not metered
  std::uint64_t result_bytes = 0;
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  const std::atomic<bool>* cancelled = nullptr;
  /// in: level   0 trace … 5 critical, for kLogging
  std::function<void(GuestSource, std::uint32_t level, std::string_view category,
                     std::string_view text)>
      on_output;
};

/// How a call ended, with its cost whatever the end.
struct CallOutcome {
  core::Result<core::Bytes> value;  ///< the result in flat form
  int status = 0;                   ///< every_status_t
  std::uint64_t peak_memory_bytes = 0;
  std::uint64_t fuel = 0;   ///< used; 0: not metered
  std::uint64_t limit = 0;  ///< which limit was reached, for the limits that have one
  std::uint64_t wanted = 0;
  std::string backtrace;  ///< on failure: the guest's frames, innermost first, one a line; or empty
};

/// A compiled component, linked to the sandbox. Immutable, shared, usable from many threads at once; keeps its engine alive.
class Component {
 public:
  ~Component();
  Component(const Component&) = delete;
  Component& operator=(const Component&) = delete;

  [[nodiscard]] const std::vector<DescribedFunction>& functions() const {
    return description_.functions;
  }
  [[nodiscard]] const std::vector<std::string>& imports() const { return description_.imports; }
  /// Compiled code, for an engine of the same fingerprint. errors: kInternal
  [[nodiscard]] core::Result<core::Bytes> serialize() const;
  /// Runs one function in a fresh instance on this thread.
  ///
  /// in: number   of a DescribedFunction; arguments   in flat form
  /// errors: kGuestTrap, kResourceExhausted, kTimeout, kCancelled; kUnavailable the pool is full. thread: any
  [[nodiscard]] CallOutcome call(std::uint32_t number, core::BytesView arguments,
                                 const CallOptions& options) const;

 private:
  friend class Engine;
  Component(std::shared_ptr<const Engine> engine, every_component_t* component)
      : engine_(std::move(engine)), component_(component) {}

  std::shared_ptr<const Engine> engine_;
  every_component_t* component_;
  Description description_;
};

/// Compiles and loads components. While calls run, a thread of its own makes their deadlines tick. thread: any.
class Engine : public std::enable_shared_from_this<Engine> {
 public:
  enum class Kind : std::uint8_t {
    kPooling,   ///< slots reserved ahead: the fast one
    kOnDemand,  ///< when there is no room for the pool, or a component does not fit its slots
    kMetering,  ///< counts fuel
  };
  /// in: instances   guests at once, for kPooling; functions   asked and told when compiling; may be null
  /// errors: kUnavailable the pool cannot be reserved
  [[nodiscard]] static core::Result<std::shared_ptr<Engine>> make(
      Kind kind, std::uint32_t instances, std::shared_ptr<FunctionCache> functions);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Names everything compiled code depends on.
  [[nodiscard]] const std::string& fingerprint() const { return fingerprint_; }
  /// errors: kMalformed not a valid component; kUnsupported an import nobody defines, a type that no value has
  [[nodiscard]] core::Result<std::shared_ptr<const Component>> compile(
      core::BytesView component) const;
  /// Runs what it is given: only code that this user's own processes serialised.
  /// errors: kMalformed of another version or setting
  [[nodiscard]] core::Result<std::shared_ptr<const Component>> load(core::BytesView code) const;
  /// As load, mapped from a file that never changes.
  [[nodiscard]] core::Result<std::shared_ptr<const Component>> load_file(
      const std::filesystem::path& path) const;

 private:
  friend class Component;
  class Ticker;
  Engine(wasm_engine_t* engine, std::shared_ptr<FunctionCache> functions);
  [[nodiscard]] core::Result<std::shared_ptr<const Component>> finish(
      every_component_t* component) const;

  std::shared_ptr<FunctionCache> functions_;
  wasm_engine_t* engine_;
  std::string fingerprint_;
  std::unique_ptr<Ticker> ticker_;
};

/// The component that bytes are or become: a component, a core module with a `component-type` section, or WAT.
/// errors: kMalformed neither, or invalid
[[nodiscard]] core::Result<core::Bytes> componentize(core::BytesView source);
/// The WIT text of a component.
[[nodiscard]] core::Result<std::string> component_wit(core::BytesView component);

}  // namespace every::wasm
