#include "every/gateway/testing/fake_node.h"

#include <algorithm>

#include "every/ipld/dag_cbor.h"

namespace every::gateway::testing {
namespace {

using core::ErrorCode;
using ipld::Value;
using wit::Kind;

double number(const Value& value) {
  return value.if_integer() != nullptr ? value.if_integer()->as_double()
         : value.if_float() != nullptr ? *value.if_float()
                                       : 0;
}

/// What an await gave is not what the parameter takes.
std::unexpected<core::Error> misfit(std::string_view type) {
  return core::fail(ErrorCode::kInvalidArgument, "at 0: expected " + std::string(type));
}

/// A result no receipt can hold is the guest's failure, as in a real node.
core::Result<Value> settled(core::Result<Value> value) {
  if (value && !ipld::dag_cbor::encode(*value))
    return core::fail(ErrorCode::kGuestTrap, "its result is no value a receipt can hold");
  return value;
}

}  // namespace

class FakeHandle final : public runtime::RunHandle {
 public:
  FakeHandle(FakeNode& node, std::shared_ptr<FakeNode::Run> run)
      : node_(node), run_(std::move(run)) {}
  const std::string& id() const override { return run_->answer.id; }
  const ipld::Cid& workflow() const override { return run_->answer.workflow; }
  core::Result<std::shared_ptr<const runtime::RunAnswer>> wait(core::Deadline) override {
    return core::fail(ErrorCode::kTimeout, "the fake does not wait");
  }
  std::shared_ptr<void> watch(runtime::RunObserver observer) override {
    return node_.watch(run_, std::move(observer));
  }
  void cancel() override { node_.cancel(run_); }

 private:
  FakeNode& node_;
  std::shared_ptr<FakeNode::Run> run_;
};

FakeNode::FakeNode() {
  const auto f64 = wit::make_primitive(Kind::kF64);
  const auto u32 = wit::make_primitive(Kind::kU32);
  const auto text = wit::make_primitive(Kind::kString);
  const std::vector<wit::Param> two{{"a", f64}, {"b", f64}};
  add_function("add", two, f64, [](const ipld::List& args) -> core::Result<Value> {
    return Value(number(args[0]) + number(args[1]));
  });
  add_function("divide", two, f64, [](const ipld::List& args) -> core::Result<Value> {
    if (number(args[1]) == 0)
      return core::fail(ErrorCode::kGuestTrap,
                        "not able to run fn divide: the guest stopped itself");
    return Value(number(args[0]) / number(args[1]));
  });
  add_function(
      "hello", {{"name", text}, {"greeting", wit::make_option(text)}}, text,
      [](const ipld::List& args) -> core::Result<Value> {
        const std::string* name = args[0].if_string();
        if (name == nullptr) return misfit("string");
        const bool greeted = args.size() > 1 && args[1].if_string() != nullptr;
        return Value((greeted ? *args[1].if_string() : std::string("Hello")) + " " + *name);
      });
  add_function("tick", {}, wit::make_primitive(Kind::kU64),
               [](const ipld::List&) -> core::Result<Value> { return Value(7); });
  add_function("check", {{"v", u32}}, wit::make_result(u32, text),
               [](const ipld::List& args) -> core::Result<Value> {
                 if (number(args[0]) > 10) return Value(ipld::List{nullptr, "too big"});
                 return Value(ipld::List{args[0], nullptr});
               });
  add_function("sum", {{"of", wit::make_list(f64)}}, f64,
               [](const ipld::List& args) -> core::Result<Value> {
                 if (args[0].if_list() == nullptr) return misfit("list<f64>");
                 double sum = 0;
                 for (const Value& item : *args[0].if_list()) sum += number(item);
                 return Value(sum);
               });
}

void FakeNode::add_function(const std::string& name, std::vector<wit::Param> params,
                            wit::TypePtr result, Behaviour behaviour) {
  auto function = std::make_shared<wit::Function>();
  function->name = name;
  function->params = std::move(params);
  function->result = std::move(result);
  auto state = state_.lock();
  state->listed.push_back(
      {function->listed_name(), "fake",
       ipld::Cid::of(ipld::Codec::kRaw, ipld::HashCode::kSha2_256, core::as_bytes(name)),
       function});
  state->behaviours[function->listed_name()] = std::move(behaviour);
  state->table = std::make_shared<workflow::FunctionTable>(state->listed);
}

void FakeNode::hold() {
  state_.lock()->holding = true;
}

void FakeNode::release() {
  std::vector<std::shared_ptr<Run>> held;
  {
    auto state = state_.lock();
    state->holding = false;
    held.swap(state->held);
  }
  for (const auto& run : held) execute(*run);
}

void FakeNode::wait_for_runs(std::size_t count) {
  auto state = state_.lock();
  state.wait(submitted_, [count](const State& value) { return value.submitted >= count; });
}

std::size_t FakeNode::runs() const {
  return state_.lock()->submitted;
}
void FakeNode::fail_next_submit(core::Error error) {
  state_.lock()->next_error = std::move(error);
}
void FakeNode::set_health(Health health) {
  state_.lock()->health = std::move(health);
}
void FakeNode::add_receipt(const ipld::Cid& cid, core::Bytes block) {
  state_.lock()->receipts[cid] = std::move(block);
}

core::Result<std::shared_ptr<const runtime::LoadedComponent>> FakeNode::load(const std::string&,
                                                                             const std::string&,
                                                                             core::BytesView) {
  return core::fail(ErrorCode::kUnsupported, "the fake loads nothing");
}

std::shared_ptr<const workflow::FunctionTable> FakeNode::functions() const {
  return state_.lock()->table;
}

void FakeNode::describe(Run& run) {
  const auto& workflow = run.request.workflow;
  for (std::size_t i = 0; i < workflow.workflow.tasks.size(); ++i) {
    const invocation::Instruction& instruction = workflow.workflow.tasks[i].run;
    const auto& function = i < workflow.functions.size() ? workflow.functions[i] : nullptr;
    runtime::TaskAnswer task{static_cast<std::uint32_t>(i),
                             workflow.task_names[i],
                             instruction.func().value_or(""),
                             std::nullopt,
                             *instruction.cid(),
                             runtime::TaskState::kPending,
                             std::nullopt,
                             nullptr,
                             function ? function->result : nullptr,
                             false,
                             std::nullopt,
                             {}};
    if (auto component = instruction.component()) task.component = *component;
    run.answer.tasks.push_back(std::move(task));
  }
}

core::Result<std::shared_ptr<runtime::RunHandle>> FakeNode::submit(runtime::RunRequest request,
                                                                   runtime::RunObserver observer) {
  EVERY_TRY_ASSIGN(const ipld::Cid workflow, request.workflow.workflow.cid());
  auto run = std::make_shared<Run>(
      Run{{}, {}, runtime::RunAnswer{{}, request.name, workflow, {}, {}, {}, {}, 1, 0}});
  run->request = std::move(request);
  run->observer = std::move(observer);
  bool holding = false;
  {
    auto state = state_.lock();
    if (state->next_error) {
      const core::Error error = *state->next_error;
      state->next_error.reset();
      return std::unexpected(error);
    }
    if (run->request.submission) {
      const auto& [key, digest] = *run->request.submission;
      if (state->submitted_keys.contains(key))
        return core::fail(ErrorCode::kConflict, "the key is taken");
      state->submitted_keys[key] = {"run-" + std::to_string(state->submitted + 1), digest};
    }
    run->answer.id = "run-" + std::to_string(++state->submitted);
    describe(*run);
    holding = state->holding;
    state->active[run->answer.id] = run;
    state->last_start = run->request.start;
    if (holding) state->held.push_back(run);
  }
  auto handle = std::make_shared<FakeHandle>(*this, run);
  submitted_.notify_all();
  if (!holding) execute(*run);
  return handle;
}

void FakeNode::tell_failing(Run& run) {
  for (const runtime::TaskAnswer& task : run.answer.tasks) {
    if (task.error && task.error->code != ErrorCode::kDependencyFailed) {
      return tell(run, {.kind = runtime::RunEvent::Kind::kFailing, .task = &task, .run = nullptr});
    }
  }
}

bool FakeNode::execute_task(Run& run, std::size_t index,
                            std::map<ipld::Cid, runtime::TaskAnswer>& done) {
  const invocation::Instruction& instruction = run.request.workflow.workflow.tasks[index].run;
  runtime::TaskAnswer task = run.answer.tasks[index];
  bool failed = false;
  bool waits = false;
  const auto args = invocation::replace_awaits(
      Value(**instruction.args()), [&](const invocation::Await& await) -> core::Result<Value> {
        const auto found = done.find(await.instruction);
        if (found == done.end()) {
          waits = true;
          return Value();
        }
        const bool ok = found->second.state == runtime::TaskState::kOk;
        if (await.branch == invocation::Branch::kError && !ok)
          return Value(found->second.error->message);
        failed = failed || !ok;
        return ok ? *found->second.value : Value();
      });
  if (waits) return false;
  const std::string func = instruction.func().value_or("");
  if (failed) {
    task.state = runtime::TaskState::kFailed;
    task.error = core::Error{ErrorCode::kDependencyFailed, "a task it awaits failed", {}};
  } else {
    Behaviour behaviour;
    std::optional<Value> known;
    {
      auto state = state_.lock();
      behaviour = state->behaviours[func];
      if (const auto hit = state->memo.find(task.instruction); hit != state->memo.end())
        known = hit->second;
    }
    task.replayed = known.has_value() && run.request.reuse == runtime::Reuse::kMemo;
    const core::Result<Value> value =
        task.replayed ? core::Result<Value>(*known) : settled(behaviour(*args->if_list()));
    task.state = value ? runtime::TaskState::kOk : runtime::TaskState::kFailed;
    if (value) {
      state_.lock()->memo[task.instruction] = *value;
      task.value = std::make_shared<const Value>(*value);
      auto block = invocation::splice_receipt(
          invocation::Outcome::Tag::kOk, *ipld::dag_cbor::encode(*value),
          *run.request.workflow.workflow.tasks[index].invocation_cid(), func);
      task.receipt = block.cid;
      task.receipt_block = std::make_shared<const core::Bytes>(std::move(block.bytes));
    } else {
      task.error = value.error();
    }
  }
  run.answer.tasks[index] = task;
  done.insert_or_assign(task.instruction, task);
  tell(run, {.kind = runtime::RunEvent::Kind::kTask, .task = &task, .run = nullptr});
  if (task.error && index + 1 == run.answer.tasks.size()) tell_failing(run);
  return true;
}

void FakeNode::execute(Run& run) {
  std::map<ipld::Cid, runtime::TaskAnswer> done;
  std::vector<bool> finished(run.answer.tasks.size(), false);
  for (bool moved = true; moved;) {
    moved = false;
    for (std::size_t i = 0; i < finished.size(); ++i) {
      if (finished[i] || !execute_task(run, i, done)) continue;
      finished[i] = moved = true;
    }
  }
  run.answer.state = runtime::RunState::kCompleted;
  run.answer.answer = static_cast<std::uint32_t>(run.answer.tasks.size() - 1);
  const runtime::TaskAnswer& last = run.answer.tasks.back();
  if (last.state != runtime::TaskState::kOk) {
    const auto own = std::ranges::find_if(run.answer.tasks, [](const runtime::TaskAnswer& task) {
      return task.error && task.error->code != ErrorCode::kDependencyFailed;
    });
    run.answer.state = runtime::RunState::kFailed;
    if (own != run.answer.tasks.end()) run.answer.error = own->error;
  }
  end(run);
}

void FakeNode::end(Run& run) {
  run.answer.finished = 2;
  const auto answer = std::make_shared<const runtime::RunAnswer>(run.answer);
  {
    auto state = state_.lock();
    state->answers[answer->id] = answer;
    state->active.erase(answer->id);
  }
  tell(run, {.kind = runtime::RunEvent::Kind::kEnd, .run = answer});
}

void FakeNode::tell(Run& run, runtime::RunEvent event) {
  event.run_id = run.answer.id;
  std::vector<std::shared_ptr<runtime::RunObserver>> watchers;
  {
    auto state = state_.lock();
    run.ended = run.ended || event.kind == runtime::RunEvent::Kind::kEnd;
    for (const auto& weak : run.watchers) {
      if (auto watcher = weak.lock()) watchers.push_back(std::move(watcher));
    }
  }
  if (run.observer && event.kind != runtime::RunEvent::Kind::kLog) run.observer(event);
  for (const auto& watcher : watchers) (*watcher)(event);
}

std::shared_ptr<void> FakeNode::watch(const std::shared_ptr<Run>& run,
                                      runtime::RunObserver observer) {
  auto watcher = std::make_shared<runtime::RunObserver>(std::move(observer));
  {
    auto state = state_.lock();
    if (!run->ended) {
      run->watchers.push_back(watcher);
      submitted_.notify_all();
      return watcher;
    }
  }
  for (const runtime::TaskAnswer& task : run->answer.tasks) {
    (*watcher)({.kind = runtime::RunEvent::Kind::kTask,
                .task = &task,
                .run = nullptr,
                .run_id = run->answer.id,
                .told = runtime::RunEvent::Told::kAfterwards});
  }
  (*watcher)({.kind = runtime::RunEvent::Kind::kEnd,
              .run = std::make_shared<const runtime::RunAnswer>(run->answer),
              .run_id = run->answer.id});
  return watcher;
}

void FakeNode::cancel(const std::shared_ptr<Run>& run) {
  {
    auto state = state_.lock();
    if (std::erase(state->held, run) == 0) return;
  }
  for (runtime::TaskAnswer& task : run->answer.tasks) {
    task.state = runtime::TaskState::kCancelled;
    task.error = core::Error{ErrorCode::kCancelled, "the run was cancelled", {}};
    tell(*run, {.kind = runtime::RunEvent::Kind::kTask, .task = &task, .run = nullptr});
  }
  run->answer.state = runtime::RunState::kCancelled;
  run->answer.error = core::Error{ErrorCode::kCancelled, "the run was cancelled", {}};
  end(*run);
}

void FakeNode::write_line(const std::string& run, std::uint32_t task, const std::string& message) {
  const runtime::GuestLine line{1, core::LogLevel::kInfo, "guest", message, task};
  std::shared_ptr<Run> active;
  std::size_t number = 0;
  {
    auto state = state_.lock();
    active = state->active[run];
    number = state->lines[run].size();
    state->lines[run].push_back(line);
  }
  if (active) {
    tell(*active, {.kind = runtime::RunEvent::Kind::kLog,
                   .run = nullptr,
                   .line = &line,
                   .line_number = number});
  }
}

void FakeNode::tell_paused(const std::string& run) {
  const std::shared_ptr<Run> active = state_.lock()->active[run];
  active->answer.state = runtime::RunState::kPaused;
  tell(*active, {.kind = runtime::RunEvent::Kind::kPaused,
                 .run = std::make_shared<const runtime::RunAnswer>(active->answer)});
}

std::size_t FakeNode::watchers() const {
  std::size_t count = 0;
  auto state = state_.lock();
  for (const auto& [id, run] : state->active) {
    count += static_cast<std::size_t>(
        std::ranges::count_if(run->watchers, [](const auto& weak) { return !weak.expired(); }));
  }
  return count;
}

void FakeNode::wait_for_watchers(std::size_t count) {
  auto state = state_.lock();
  state.wait(submitted_, [count](const State& value) {
    std::size_t there = 0;
    for (const auto& [id, run] : value.active) there += run->watchers.size();
    return there >= count;
  });
}

core::Result<std::optional<runtime::Node::Submitted>> FakeNode::find_submitted(
    const std::string& key) {
  auto state = state_.lock();
  const auto found = state->submitted_keys.find(key);
  if (found == state->submitted_keys.end()) return std::nullopt;
  return found->second;
}

std::vector<std::shared_ptr<const runtime::LoadedComponent>> FakeNode::components() const {
  auto component = std::make_shared<runtime::LoadedComponent>(runtime::LoadedComponent{
      .label = "fake",
      .origin = "fake.wasm",
      .cid = ipld::Cid::of(ipld::Codec::kRaw, ipld::HashCode::kSha2_256, core::as_bytes("fake")),
      .size = 4,
      .functions = {},
      .imports = {"wasi:logging/logging"},
      .wit = "world fake {}"});
  for (const workflow::NamedFunction& function : functions()->all())
    component->functions.push_back(function.type);
  return {std::move(component)};
}

std::shared_ptr<runtime::RunHandle> FakeNode::find_active(const std::string& id) {
  auto state = state_.lock();
  const auto found = state->active.find(id);
  if (found == state->active.end() || found->second == nullptr) return nullptr;
  return std::make_shared<FakeHandle>(*this, found->second);
}

core::Result<std::shared_ptr<const runtime::RunAnswer>> FakeNode::get_run(const std::string& id) {
  auto state = state_.lock();
  if (const auto active = state->active.find(id);
      active != state->active.end() && active->second != nullptr)
    return std::make_shared<const runtime::RunAnswer>(active->second->answer);
  const auto found = state->answers.find(id);
  if (found == state->answers.end()) return core::fail(ErrorCode::kNotFound, "no run " + id);
  return found->second;
}

core::Result<std::vector<runtime::RunSummary>> FakeNode::list_runs(std::size_t limit,
                                                                   const std::string& before) {
  std::vector<runtime::RunSummary> list;
  auto state = state_.lock();
  for (auto it = state->answers.rbegin(); it != state->answers.rend() && list.size() < limit;
       ++it) {
    if (!before.empty() && it->first >= before) continue;
    const runtime::RunAnswer& run = *it->second;
    list.push_back({run.id, run.name, run.workflow, run.state,
                    static_cast<std::uint32_t>(run.tasks.size()),
                    run.error ? std::string(core::info(run.error->code).name) : "",
                    run.error ? run.error->message : "", run.accepted, run.finished});
  }
  return list;
}

core::Result<std::vector<runtime::GuestLine>> FakeNode::logs_of(const std::string& id,
                                                                std::size_t limit) {
  auto state = state_.lock();
  if (!state->answers.contains(id) && !state->active.contains(id))
    return core::fail(ErrorCode::kNotFound, "no run " + id);
  std::vector<runtime::GuestLine> lines = state->lines[id];
  if (lines.size() > limit)
    lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(limit));
  return lines;
}

core::Result<core::Bytes> FakeNode::get_receipt(const ipld::Cid& cid) {
  auto state = state_.lock();
  const auto found = state->receipts.find(cid);
  if (found == state->receipts.end())
    return core::fail(ErrorCode::kNotFound, "no receipt " + cid.render());
  return found->second;
}

core::Result<std::optional<core::Bytes>> FakeNode::find_block(const ipld::Cid& cid, Reach reach) {
  auto state = state_.lock();
  for (const auto* blocks : {&state->blocks, &state->receipts, &state->far_blocks}) {
    if (blocks == &state->far_blocks && reach == Reach::kHere) continue;
    if (const auto found = blocks->find(cid); found != blocks->end()) return found->second;
  }
  return std::nullopt;
}

core::Status FakeNode::put_blocks(std::span<const ipld::car::Block> blocks) {
  for (const ipld::car::Block& block : blocks) state_.lock()->blocks[block.cid] = block.bytes;
  return {};
}

void FakeNode::add_far_block(const ipld::Cid& cid, core::Bytes block) {
  state_.lock()->far_blocks[cid] = std::move(block);
}

void FakeNode::lose_block(const ipld::Cid& cid) {
  state_.lock()->blocks.erase(cid);
}

runtime::Node::Health FakeNode::health() const {
  return state_.lock()->health;
}

}  // namespace every::gateway::testing
