#include "engine.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "c_api.h"
#include "function_cache.h"
#include <wasm.h>
#include <wasmtime/engine.h>

namespace every::wasm {
namespace {

/// How late a deadline or a cancellation may be noticed.
constexpr std::chrono::milliseconds kTick(2);

std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

std::int32_t on_log(void* context, std::uint32_t source, std::uint32_t level,
                    const std::uint8_t* category, std::size_t category_size,
                    const std::uint8_t* message, std::size_t message_size) noexcept {
  const auto& options = *static_cast<const CallOptions*>(context);
  if (options.on_output) {
    options.on_output(static_cast<GuestSource>(source), level, text_of(category, category_size),
                      text_of(message, message_size));
  }
  return 0;
}

std::int32_t on_tick(void* context) noexcept {
  const auto& options = *static_cast<const CallOptions*>(context);
  if (options.cancelled && options.cancelled->load(std::memory_order_relaxed)) return 2;
  return std::chrono::steady_clock::now() >= options.deadline ? 1 : 0;
}

std::int32_t find_function(void* context, const std::uint8_t* key, std::size_t key_size,
                           const std::uint8_t** data, std::size_t* size) noexcept {
  const auto found = static_cast<FunctionCache*>(context)->find({key, key_size});
  if (!found) return 0;
  *data = found->data();
  *size = found->size();
  return 1;
}

void put_function(void* context, const std::uint8_t* key, std::size_t key_size,
                  const std::uint8_t* data, std::size_t size) noexcept {
  static_cast<FunctionCache*>(context)->put({key, key_size}, {data, size});
}

every_engine_options_t engine_options(Engine::Kind kind, std::uint32_t instances) {
  every_engine_options_t options{};
  options.pooling = kind == Engine::Kind::kPooling ? 1 : 0;
  options.metering = kind == Engine::Kind::kMetering ? 1 : 0;
  options.pool_instances = instances;
  options.memory_keep_resident = std::uint64_t{1} << 20;
  options.table_keep_resident = std::uint64_t{64} << 10;
  options.decommit_batch = 8;
  return options;
}

}  // namespace

/// Advances the engine's epoch while calls run, and for a while after the last one: waking a thread costs more than a small call,
/// so it goes to sleep only when nothing was called for some ticks.
class Engine::Ticker {
 public:
  explicit Ticker(wasm_engine_t* engine) : thread_([this, engine] { run(engine); }) {}
  ~Ticker() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

  void enter() {
    calls_.fetch_add(1);
    // Sequentially consistent on both sides: either the thread, falling asleep, sees the call, or the call sees that it sleeps.
    if (!asleep_.load()) return;
    {
      const std::lock_guard lock(mutex_);
    }  // the thread either sees the call or is already waiting
    wake_.notify_all();
  }
  void leave() { calls_.fetch_sub(1); }

 private:
  static constexpr int kQuietTicks = 50;

  void run(wasm_engine_t* engine) {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      asleep_.store(true);
      wake_.wait(lock, [&] { return stopping_ || calls_.load() > 0; });
      asleep_.store(false);
      int quiet = 0;
      while (!stopping_ && quiet < kQuietTicks) {
        wake_.wait_for(lock, kTick, [&] { return stopping_; });
        wasmtime_engine_increment_epoch(engine);
        quiet = calls_.load() > 0 ? 0 : quiet + 1;
      }
    }
  }

  std::atomic<std::size_t> calls_ = 0;
  std::atomic<bool> asleep_ = false;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

Engine::Engine(wasm_engine_t* engine, std::shared_ptr<FunctionCache> functions)
    : functions_(std::move(functions)), engine_(engine), ticker_(std::make_unique<Ticker>(engine)) {
  EngineBytes text;
  every_engine_fingerprint(engine, text.out());
  fingerprint_ = text.text();
}

Engine::~Engine() {
  ticker_.reset();
  wasm_engine_delete(engine_);
}

core::Result<std::shared_ptr<Engine>> Engine::make(Kind kind, std::uint32_t instances,
                                                   std::shared_ptr<FunctionCache> functions) {
  auto options = engine_options(kind, instances);
  const every_function_store_t store{functions.get(), find_function, put_function};
  if (functions) options.functions = &store;
  wasm_engine_t* engine = nullptr;
  EngineBytes error;
  if (const int status = every_engine_new(&options, &engine, error.out());
      status != EVERY_STATUS_OK) {
    return core::fail(to_error(status, "cannot make an engine: " + error.text()));
  }
  return std::shared_ptr<Engine>(new Engine(engine, std::move(functions)));
}

core::Result<std::shared_ptr<const Component>> Engine::finish(every_component_t* raw) const {
  std::shared_ptr<Component> component(new Component(shared_from_this(), raw));
  EVERY_TRY_ASSIGN(const auto bytes, collect([&](every_bytes_t* out, every_bytes_t* error) {
                     return every_component_describe(raw, out, error);
                   }));
  EVERY_TRY_ASSIGN(component->description_, parse_description(bytes.view()));
  return std::shared_ptr<const Component>(std::move(component));
}

core::Result<std::shared_ptr<const Component>> Engine::compile(core::BytesView bytes) const {
  every_component_t* component = nullptr;
  EngineBytes error;
  const int status =
      every_component_compile(engine_, bytes.data(), bytes.size(), &component, error.out());
  if (status != EVERY_STATUS_OK) return core::fail(to_error(status, error.text()));
  return finish(component);
}

core::Result<std::shared_ptr<const Component>> Engine::load(core::BytesView code) const {
  every_component_t* component = nullptr;
  EngineBytes error;
  const int status =
      every_component_deserialize(engine_, code.data(), code.size(), &component, error.out());
  if (status != EVERY_STATUS_OK) return core::fail(to_error(status, error.text()));
  return finish(component);
}

core::Result<std::shared_ptr<const Component>> Engine::load_file(
    const std::filesystem::path& path) const {
  every_component_t* component = nullptr;
  EngineBytes error;
  const auto name = core::as_bytes(path.native());
  const int status =
      every_component_deserialize_file(engine_, name.data(), name.size(), &component, error.out());
  if (status != EVERY_STATUS_OK) return core::fail(to_error(status, error.text()));
  return finish(component);
}

Component::~Component() {
  every_component_delete(component_);
}

core::Result<core::Bytes> Component::serialize() const {
  EVERY_TRY_ASSIGN(const auto code, collect([&](every_bytes_t* out, every_bytes_t* error) {
                     return every_component_serialize(component_, out, error);
                   }));
  return core::to_bytes(code.view());
}

CallOutcome Component::call(std::uint32_t number, core::BytesView arguments,
                            const CallOptions& options) const {
  every_call_options_t raw{};
  std::copy(options.seed.begin(), options.seed.end(), std::begin(raw.seed));
  raw.memory_limit = options.memory_bytes;
  raw.table_limit = options.table_elements;
  raw.memory_budget = options.memory_budget;
  raw.fuel = options.fuel;
  raw.result_limit = options.result_bytes;
  raw.context = const_cast<CallOptions*>(
      &options);  // NOLINT(cppcoreguidelines-pro-type-const-cast): C has one kind of context
  raw.on_log = on_log;
  raw.on_tick = on_tick;
  every_outcome_t out{};
  EngineBytes error;
  engine_->ticker_->enter();
  const int status =
      every_call(component_, number, &raw, arguments.data(), arguments.size(), &out, error.out());
  engine_->ticker_->leave();
  const EngineBytes value(out.value);
  const EngineBytes backtrace(out.backtrace);
  CallOutcome outcome{core::Bytes(), status,     out.peak_memory, out.fuel_used,
                      out.limit,     out.wanted, backtrace.text()};
  if (status == EVERY_STATUS_OK) {
    outcome.value = core::to_bytes(value.view());
  } else {
    outcome.value = core::fail(to_error(status, error.text()));
  }
  return outcome;
}

core::Result<core::Bytes> componentize(core::BytesView source) {
  EVERY_TRY_ASSIGN(const auto component, collect([&](every_bytes_t* out, every_bytes_t* error) {
                     return every_componentize(source.data(), source.size(), out, error);
                   }));
  return core::to_bytes(component.view());
}

core::Result<std::string> component_wit(core::BytesView component) {
  EVERY_TRY_ASSIGN(const auto text, collect([&](every_bytes_t* out, every_bytes_t* error) {
                     return every_component_wit(component.data(), component.size(), out, error);
                   }));
  return text.text();
}

}  // namespace every::wasm
