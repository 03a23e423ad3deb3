#include "every/wasm/testing/fake_executor.h"

#include <algorithm>
#include <utility>

#include "every/ipld/dag_cbor.h"
#include "every/ipld/unixfs.h"

namespace every::wasm::testing {

using core::ErrorCode;

struct FakeExecutor::Task {
  TaskId id = 0;
  TaskSpec spec;
  OnLog on_log;
  OnDone on_done;
  core::CancelSource cancel;
};

FakeExecutor::FakeExecutor(FakeMode mode, std::size_t threads)
    : mode_(mode), threads_count_(threads) {
  (void)add_component(standard_bytes(), standard_functions());
  if (mode_ != FakeMode::kThreaded) return;
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  threads_.emplace_back([this] { deliver_cancelled(); });
}

FakeExecutor::~FakeExecutor() {
  stop();
}

core::BytesView FakeExecutor::standard_bytes() {
  return core::as_bytes("every: the standard component of tests");
}

ipld::Cid FakeExecutor::standard_component() {
  return ipld::Cid::of(ipld::Codec::kRaw, ipld::HashCode::kSha2_256, standard_bytes());
}

ipld::Cid FakeExecutor::add_component(core::BytesView bytes, std::vector<FakeFunction> functions) {
  // As a file is named, whatever its size; that cannot fail.
  auto cid = ipld::unixfs::import_bytes(bytes)->root;
  auto info = std::make_shared<ComponentInfo>(
      ComponentInfo{cid, bytes.size(), {}, {}, "// made up for a test\n", {}});
  Component component;
  for (auto& function : functions) {
    info->functions.push_back(std::make_shared<const wit::Function>(std::move(function.type)));
    component.bodies.push_back(std::move(function.body));
  }
  component.info = std::move(info);
  const std::lock_guard lock(mutex_);
  components_.insert_or_assign(cid, std::move(component));
  return cid;
}

core::Result<std::shared_ptr<const ComponentInfo>> FakeExecutor::prepare(const ipld::Cid& cid,
                                                                         core::BytesView bytes) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return core::fail(ErrorCode::kUnavailable, "the executor is stopped");
  const auto found = components_.find(cid);
  if (found == components_.end() || found->second.info->size != bytes.size()) {
    return core::fail(ErrorCode::kMalformed,
                      "not a component: the test defined none with the CID " + cid.render());
  }
  found->second.prepared = true;
  ++counts_.prepared;
  return found->second.info;
}

core::Result<std::shared_ptr<const ComponentInfo>> FakeExecutor::prepare_known(
    const ipld::Cid& cid) {
  if (auto found = find_prepared(cid)) return found;
  return Executor::prepare_known(cid);
}

std::shared_ptr<const ComponentInfo> FakeExecutor::find_prepared(const ipld::Cid& cid) const {
  const std::lock_guard lock(mutex_);
  const auto found = components_.find(cid);
  return found != components_.end() && found->second.prepared ? found->second.info : nullptr;
}

Executor::TaskId FakeExecutor::start(TaskSpec spec, OnLog on_log, OnDone on_done) {
  auto task =
      std::make_shared<Task>(Task{0, std::move(spec), std::move(on_log), std::move(on_done), {}});
  bool refused = false;
  {
    const std::lock_guard lock(mutex_);
    task->id = next_id_++;
    refused = stopping_;
    if (!refused) {
      ++counts_.started;
      started_.push_back(task->spec);
      tasks_.emplace(task->id, task);
      if (holding_) {
        held_.push_back(task);
      } else if (mode_ != FakeMode::kInline) {
        ready_.push_back(task);
      }
    }
  }
  changed_.notify_all();
  if (refused) {
    task->on_done(TaskOutcome{core::fail(ErrorCode::kUnavailable, "the executor is stopped"), {}});
  } else if (mode_ == FakeMode::kInline) {
    bool run_now = false;
    {
      const std::lock_guard lock(mutex_);
      run_now = std::find(held_.begin(), held_.end(), task) == held_.end();
    }
    if (run_now) run(task);
  }
  return task->id;
}

void FakeExecutor::cancel(TaskId id) {
  std::shared_ptr<Task> task;
  bool waiting = false;
  {
    const std::lock_guard lock(mutex_);
    const auto found = tasks_.find(id);
    if (found == tasks_.end()) return;
    task = found->second;
    waiting = std::erase(held_, task) + std::erase(ready_, task) > 0;
    if (waiting && mode_ != FakeMode::kInline) cancelled_.push_back(task);
  }
  task->cancel.cancel();
  changed_.notify_all();
  if (waiting && mode_ == FakeMode::kInline)
    finish(task, {core::fail(ErrorCode::kCancelled, "cancelled before it ran"), {}});
}

void FakeExecutor::stop() {
  std::vector<std::thread> threads;
  std::vector<std::shared_ptr<Task>> left;
  std::deque<std::shared_ptr<Task>> undelivered;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    threads.swap(threads_);
    for (auto& [id, task] : tasks_) left.push_back(task);
    undelivered.swap(cancelled_);
    undelivered.insert(undelivered.end(), held_.begin(), held_.end());
    undelivered.insert(undelivered.end(), ready_.begin(), ready_.end());
    held_.clear();
    ready_.clear();
  }
  for (const auto& task : left) task->cancel.cancel();
  changed_.notify_all();
  for (const auto& task : undelivered)
    finish(task, {core::fail(ErrorCode::kCancelled, "the executor was stopped"), {}});
  for (auto& thread : threads) thread.join();
  // Without threads of its own, somebody else is inside a body (kInline): wait for it.
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return tasks_.empty(); });
}

void FakeExecutor::hold() {
  const std::lock_guard lock(mutex_);
  holding_ = true;
}

void FakeExecutor::release(std::size_t count) {
  std::vector<std::shared_ptr<Task>> released;
  {
    const std::lock_guard lock(mutex_);
    for (; count > 0 && !held_.empty(); --count) {
      released.push_back(held_.front());
      held_.pop_front();
    }
    if (mode_ != FakeMode::kInline) ready_.insert(ready_.end(), released.begin(), released.end());
  }
  changed_.notify_all();
  if (mode_ == FakeMode::kInline) {
    for (const auto& task : released) run(task);
  }
}

void FakeExecutor::release_all() {
  std::size_t count = 0;
  {
    const std::lock_guard lock(mutex_);
    holding_ = false;
    count = held_.size();
  }
  release(count);
}

bool FakeExecutor::wait_for_held(std::size_t count) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return held_.size() >= count; });
}

std::vector<std::string> FakeExecutor::held() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& task : held_) names.push_back(task->spec.function);
  return names;
}

bool FakeExecutor::run_one() {
  std::shared_ptr<Task> task;
  bool was_cancelled = false;
  {
    const std::lock_guard lock(mutex_);
    auto& from = cancelled_.empty() ? ready_ : cancelled_;
    if (from.empty()) return false;
    was_cancelled = !cancelled_.empty();
    task = from.front();
    from.pop_front();
  }
  if (was_cancelled) {
    finish(task, {core::fail(ErrorCode::kCancelled, "cancelled before it ran"), {}});
  } else {
    run(task);
  }
  return true;
}

std::size_t FakeExecutor::run_all() {
  std::size_t count = 0;
  while (run_one()) ++count;
  return count;
}

FakeExecutor::Counts FakeExecutor::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

std::size_t FakeExecutor::executions(const std::string& function) const {
  const std::lock_guard lock(mutex_);
  const auto found = executions_.find(function);
  return found == executions_.end() ? 0 : found->second;
}

std::vector<TaskSpec> FakeExecutor::started() const {
  const std::lock_guard lock(mutex_);
  return started_;
}

void FakeExecutor::work() {
  for (;;) {
    std::shared_ptr<Task> task;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stopping_ || !ready_.empty(); });
      if (ready_.empty()) return;
      task = ready_.front();
      ready_.pop_front();
    }
    run(task);
  }
}

void FakeExecutor::deliver_cancelled() {
  for (;;) {
    std::shared_ptr<Task> task;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stopping_ || !cancelled_.empty(); });
      if (cancelled_.empty()) return;
      task = cancelled_.front();
      cancelled_.pop_front();
    }
    finish(task, {core::fail(ErrorCode::kCancelled, "cancelled before it ran"), {}});
  }
}

void FakeExecutor::run(const std::shared_ptr<Task>& task) {
  const auto begin = std::chrono::steady_clock::now();
  auto value = execute(task);
  if (task->cancel.token().cancelled())
    value = core::fail(ErrorCode::kCancelled, "cancelled while it ran");
  finish(task, {std::move(value),
                {std::chrono::steady_clock::now() - begin, kFakePeakMemory,
                 task->spec.limits.fuel ? kFakeFuel : 0}});
}

core::Result<core::Bytes> FakeExecutor::execute(const std::shared_ptr<Task>& task) {
  const auto& spec = task->spec;
  FakeBody body;
  std::string name;
  {
    const std::lock_guard lock(mutex_);
    const auto found = components_.find(spec.component);
    if (found == components_.end() || !found->second.prepared) {
      return core::fail(ErrorCode::kNotFound,
                        "component " + spec.component.render() + " is not prepared");
    }
    const auto& functions = found->second.info->functions;
    const auto function =
        std::find_if(functions.begin(), functions.end(), [&](const auto& candidate) {
          return candidate->name == spec.function || candidate->listed_name() == spec.function ||
                 candidate->qualified_name() == spec.function;
        });
    if (function == functions.end()) {
      return core::fail(ErrorCode::kNotFound, "component " + spec.component.render() +
                                                  " has no function " + spec.function);
    }
    if ((*function)->params.size() != spec.args.size()) {
      return core::fail(ErrorCode::kInvalidArgument,
                        spec.function + " takes " + std::to_string((*function)->params.size()) +
                            " arguments, got " + std::to_string(spec.args.size()));
    }
    name = (*function)->name;
    body = found->second.bodies[static_cast<std::size_t>(function - functions.begin())];
    ++counts_.executed;
    ++executions_[name];
    counts_.most_running = std::max(counts_.most_running, ++running_);
  }
  const FakeCall call{spec, task->cancel.token(), [&](LogLine line) {
                        if (task->on_log) task->on_log(std::move(line));
                      }};
  auto value = body(call);
  {
    const std::lock_guard lock(mutex_);
    --running_;
  }
  if (!value) return core::fail(std::move(value).error());
  EVERY_TRY_ASSIGN(auto bytes, ipld::dag_cbor::encode(*value));
  if (bytes.size() > spec.limits.result_bytes) {
    return core::fail(ErrorCode::kResourceExhausted, "the result of " + name + " has " +
                                                         std::to_string(bytes.size()) +
                                                         " bytes, more than the limit of " +
                                                         std::to_string(spec.limits.result_bytes));
  }
  return bytes;
}

void FakeExecutor::finish(const std::shared_ptr<Task>& task, TaskOutcome outcome) {
  {
    const std::lock_guard lock(mutex_);
    if (!outcome.value && outcome.value.error().code == ErrorCode::kCancelled) ++counts_.cancelled;
  }
  task->on_done(std::move(outcome));
  {
    const std::lock_guard lock(mutex_);
    tasks_.erase(task->id);
  }
  changed_.notify_all();
}

}  // namespace every::wasm::testing
