#include "every/wasm/in_process_executor.h"

#include <atomic>
#include <unordered_map>
#include <utility>

#include "component_set.h"
#include "guest_call.h"
#include "worker/guest_threads.h"

#include "every/core/guarded.h"
#include "every/core/thread_pool.h"

namespace every::wasm {
namespace {

/// One execution, from start to on_done.
struct Task {
  Task(TaskSpec what, Executor::OnLog log, Executor::OnDone done)
      : spec(std::move(what)), on_log(std::move(log)), on_done(std::move(done)) {}

  TaskSpec spec;
  Executor::OnLog on_log;
  Executor::OnDone on_done;
  std::atomic<bool> cancelled = false;
  /// Whoever sets it first answers: the thread that runs the guest, or the cancellation of one that still waits.
  std::atomic<bool> taken = false;
};

TaskOutcome failed(core::Error error) {
  return {core::fail(std::move(error)), {}};
}

core::Error cancelled_error(const TaskSpec& spec) {
  return {core::ErrorCode::kCancelled, "not able to run fn " + spec.function + ": cancelled", {}};
}

}  // namespace

struct InProcessExecutor::Impl {
  Impl(InProcessOptions given, std::unique_ptr<ComponentSet> set)
      : options(std::move(given)),
        components(std::move(set)),
        threads({.cores = options.threads, .max_threads = options.max_threads}),
        answers("wasm-answers", 1) {}

  InProcessOptions options;
  std::unique_ptr<ComponentSet> components;
  core::Guarded<std::unordered_map<TaskId, std::shared_ptr<Task>>> tasks;
  std::atomic<TaskId> last_id = 0;
  std::atomic<bool> stopping = false;
  worker::GuestThreads threads;
  core::ThreadPool answers;  ///< for those cancelled before they ran

  void run(TaskId id, Task& task) {
    if (task.taken.exchange(true)) return;
    finish(id, task, execute(task));
  }

  void finish(TaskId id, Task& task, TaskOutcome outcome) {
    tasks.lock()->erase(id);
    task.on_done(std::move(outcome));
  }

  TaskOutcome execute(Task& task) {
    const TaskSpec& spec = task.spec;
    if (task.cancelled) return failed(cancelled_error(spec));
    const auto prepared = components->find(spec.component);
    if (!prepared) {
      return failed({core::ErrorCode::kNotFound,
                     "not able to run fn " + spec.function + ": component " +
                         spec.component.render() + " is not prepared",
                     {}});
    }
    const auto function = prepared->info->find(spec.function);
    if (!function)
      return failed(core::Error(function.error()).in("not able to run fn " + spec.function));
    const auto call = [&](Engine::Kind kind) {
      const auto code = components->code(*prepared, kind);
      if (!code) return failed(core::Error(code.error()).in("not able to run fn " + spec.function));
      return call_guest(**code, **function, spec, options.guest_bytes, task.cancelled,
                        [&task](LogLine line) { task.on_log(std::move(line)); });
    };
    auto outcome = call(spec.limits.fuel ? Engine::Kind::kMetering : Engine::Kind::kPooling);
    // The pool had no room: nothing has run yet.
    if (!outcome.value && outcome.value.error().code == core::ErrorCode::kUnavailable)
      return call(Engine::Kind::kOnDemand);
    return outcome;
  }
};

InProcessExecutor::InProcessExecutor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

InProcessExecutor::~InProcessExecutor() {
  stop();
}

core::Result<std::unique_ptr<InProcessExecutor>> InProcessExecutor::make(InProcessOptions options) {
  const auto instances = static_cast<std::uint32_t>(options.max_threads + 1);
  EVERY_TRY_ASSIGN(auto components,
                   ComponentSet::make(instances, options.code_cache, options.on_notice));
  auto impl = std::make_unique<Impl>(std::move(options), std::move(components));
  return std::unique_ptr<InProcessExecutor>(new InProcessExecutor(std::move(impl)));
}

core::Result<std::shared_ptr<const ComponentInfo>> InProcessExecutor::prepare(
    const ipld::Cid& cid, core::BytesView bytes) {
  EVERY_TRY_ASSIGN(const auto prepared, impl_->components->prepare(cid, bytes));
  return prepared->info;
}

core::Result<std::shared_ptr<const ComponentInfo>> InProcessExecutor::prepare_known(
    const ipld::Cid& cid) {
  EVERY_TRY_ASSIGN(const auto prepared, impl_->components->prepare(cid, std::nullopt));
  return prepared->info;
}

std::shared_ptr<const ComponentInfo> InProcessExecutor::find_prepared(const ipld::Cid& cid) const {
  const auto prepared = impl_->components->find(cid);
  return prepared ? prepared->info : nullptr;
}

Executor::TaskId InProcessExecutor::start(TaskSpec spec, OnLog on_log, OnDone on_done) {
  const auto id = ++impl_->last_id;
  auto task = std::make_shared<Task>(std::move(spec), std::move(on_log), std::move(on_done));
  impl_->tasks.lock()->emplace(id, task);
  auto posted = worker::GuestThreads::Posted::kStopped;
  if (!impl_->stopping) posted = impl_->threads.post([this, id, task] { impl_->run(id, *task); });
  if (posted == worker::GuestThreads::Posted::kStopped) {
    task->taken = true;
    impl_->finish(id, *task,
                  failed({core::ErrorCode::kUnavailable,
                          "not able to run fn " + task->spec.function + ": shutting down",
                          {}}));
  }
  return id;
}

void InProcessExecutor::cancel(TaskId id) {
  std::shared_ptr<Task> task;
  {
    auto tasks = impl_->tasks.lock();
    const auto found = tasks->find(id);
    if (found == tasks->end()) return;
    task = found->second;
  }
  task->cancelled = true;
  impl_->answers.post([this, id, task] {
    if (!task->taken.exchange(true)) impl_->finish(id, *task, failed(cancelled_error(task->spec)));
  });
}

void InProcessExecutor::stop() {
  impl_->stopping = true;
  for (const auto& [id, task] : *impl_->tasks.lock()) task->cancelled = true;
  impl_->threads.stop();
  impl_->answers.stop();
}

std::size_t InProcessExecutor::concurrency() const {
  return impl_->options.threads;
}

void InProcessExecutor::receive_with(std::move_only_function<Received()> receive) {
  impl_->threads.receive_with(std::move(receive));
}

std::size_t InProcessExecutor::waiting() const {
  return impl_->threads.waiting();
}

core::Result<WorkerExecutor> make_worker_executor(const WorkerSettings& settings) {
  InProcessOptions options;
  options.threads = settings.threads;
  options.max_threads = settings.max_threads;
  options.guest_bytes = settings.guest_bytes;
  options.code_cache = settings.code_cache;
  EVERY_TRY_ASSIGN(auto executor, InProcessExecutor::make(std::move(options)));
  InProcessExecutor* raw = executor.get();
  return WorkerExecutor{
      .executor = std::move(executor),
      .prepare_known = [raw](const ipld::Cid& cid) { return raw->prepare_known(cid); },
      .receive_with =
          [raw](std::move_only_function<Received()> receive) {
            raw->receive_with(std::move(receive));
          },
      .waiting = [raw] { return raw->waiting(); }};
}

}  // namespace every::wasm
