#include "active_run.h"

#include <utility>

#include "homestar_import.h"
#include "trust.h"

#include "every/ipld/dag_cbor.h"

namespace every::runtime {
namespace {

using ipld::List;
using ipld::Map;
using ipld::Value;

store::TaskStatus to_status(TaskState state) {
  switch (state) {
    case TaskState::kOk:
      return store::TaskStatus::kOk;
    case TaskState::kSkipped:
      return store::TaskStatus::kSkipped;
    case TaskState::kCancelled:
      return store::TaskStatus::kCancelled;
    default:
      return store::TaskStatus::kFailed;
  }
}

TaskState from_status(store::TaskStatus status) {
  switch (status) {
    case store::TaskStatus::kOk:
      return TaskState::kOk;
    case store::TaskStatus::kSkipped:
      return TaskState::kSkipped;
    case store::TaskStatus::kCancelled:
      return TaskState::kCancelled;
    case store::TaskStatus::kFailed:
      break;
  }
  return TaskState::kFailed;
}

std::string task_name(const workflow::NamedWorkflow& workflow, std::uint32_t task) {
  return task < workflow.task_names.size() ? workflow.task_names[task] : std::string();
}

core::Error locate(core::Error error, const TaskAnswer& answer) {
  if (error.find("task").empty() && !answer.name.empty())
    error.context.emplace_back("task", answer.name);
  if (error.find("func").empty() && !answer.func.empty())
    error.context.emplace_back("func", answer.func);
  if (error.find("cid").empty()) error.context.emplace_back("cid", answer.instruction.render());
  return error;
}

/// Of equal tasks of a workflow the first is executed, if any is.
invocation::Trace trace_of(const ActiveRun& run, std::uint32_t node, std::uint32_t task) {
  invocation::Trace trace = run.traces[node];
  if (trace.way == invocation::Way::kRan && task != run.graph.nodes[node].task)
    trace.way = invocation::Way::kJoined;
  // Under way still.
  const auto& flight = run.flights[node];
  if (trace.ended == 0 && flight && flight->stage != Flight::Stage::kQueued) {
    trace.started = flight->started_at;
    trace.bytes_in = flight->bytes_in;
  }
  return trace;
}

}  // namespace

TaskAnswer describe_task(const workflow::NamedWorkflow& workflow, std::uint32_t task,
                         const ipld::Cid& instruction, const std::optional<ipld::Cid>& component) {
  TaskAnswer answer{.instruction = instruction};
  answer.task = task;
  answer.name = task_name(workflow, task);
  const invocation::Instruction& run = workflow.workflow.tasks[task].run;
  if (const auto func = run.func()) answer.func = *func;
  answer.component = component;
  if (task < workflow.functions.size() && workflow.functions[task])
    answer.type = workflow.functions[task]->result;
  return answer;
}

std::optional<ipld::Cid> component_of(const invocation::Instruction& instruction) {
  auto component = instruction.component();
  return component ? std::optional(std::move(*component)) : std::nullopt;
}

store::RunStatus to_status(RunState state) {
  switch (state) {
    case RunState::kRunning:
      return store::RunStatus::kRunning;
    case RunState::kCompleted:
      return store::RunStatus::kCompleted;
    case RunState::kFailed:
      return store::RunStatus::kFailed;
    case RunState::kCancelled:
      return store::RunStatus::kCancelled;
    case RunState::kPaused:
      return store::RunStatus::kPaused;
    case RunState::kQuarantined:
      break;
  }
  return store::RunStatus::kQuarantined;
}

RunState from_status(store::RunStatus status) {
  switch (status) {
    case store::RunStatus::kRunning:
      return RunState::kRunning;
    case store::RunStatus::kCompleted:
      return RunState::kCompleted;
    case store::RunStatus::kFailed:
      return RunState::kFailed;
    case store::RunStatus::kCancelled:
      return RunState::kCancelled;
    case store::RunStatus::kPaused:
      return RunState::kPaused;
    case store::RunStatus::kQuarantined:
      break;
  }
  return RunState::kQuarantined;
}

std::string_view render_state(RunState state) {
  return store::render_status(to_status(state));
}

std::string_view render_state(TaskState state) {
  return state == TaskState::kPending ? std::string_view("pending")
                                      : store::render_status(to_status(state));
}

std::vector<bool> nodes_from(const workflow::Graph& graph, std::uint32_t task) {
  std::vector<bool> found(graph.nodes.size(), false);
  if (task >= graph.node_of.size()) return found;
  std::vector<std::uint32_t> left{graph.node_of[task]};
  found[left.front()] = true;
  while (!left.empty()) {
    const std::uint32_t node = left.back();
    left.pop_back();
    for (const std::uint32_t dependant : graph.nodes[node].feeds) {
      if (found[dependant]) continue;
      found[dependant] = true;
      left.push_back(dependant);
    }
  }
  return found;
}

TaskAnswer make_task_answer(const ActiveRun& run, std::uint32_t task) {
  const std::uint32_t node = run.graph.node_of[task];
  TaskAnswer answer = describe_task(run.request.workflow, task, run.graph.nodes[node].instruction,
                                    run.component_of(node));
  const NodeOutcome& outcome = run.progress.outcome(node);
  answer.state = outcome.state;
  answer.receipt = outcome.receipt;
  if (outcome.known) {
    // The block stays where it is: the answer holds on to the record.
    answer.receipt_block = {outcome.known->record, &outcome.known->record->block};
  } else if (!outcome.failure_block.empty()) {
    answer.receipt_block = std::make_shared<const core::Bytes>(outcome.failure_block);
  }
  answer.value = outcome.value;
  answer.replayed = outcome.replayed;
  answer.last_lines = outcome.last_lines;
  answer.trace = trace_of(run, node, task);
  answer.kept = run.kept[node];
  const bool imported =
      outcome.known && outcome.known->record->provenance == store::Provenance::kImported;
  if (answer.trace.way != invocation::Way::kNone)
    answer.node = imported ? outcome.known->maker : run.peer;
  if (outcome.error) answer.error = locate(*outcome.error, answer);
  if (const auto lost = run.lost.find(node); lost != run.lost.end()) {
    answer.state = TaskState::kFailed;
    answer.receipt.reset();
    answer.receipt_block.reset();
    answer.value.reset();
    answer.error = locate(lost->second, answer);
  }
  return answer;
}

RunAnswer make_run_head(const ActiveRun& run, RunState state) {
  return RunAnswer{.id = run.id,
                   .name = run.request.name,
                   .workflow = run.workflow_cid,
                   .state = state,
                   .tasks = {},
                   .answer = run.answer_task,
                   .error = run.error,
                   .accepted = run.accepted,
                   .finished = run.finished_at,
                   .fork = run.request.fork,
                   .node = run.peer};
}

RunAnswer make_run_answer(const ActiveRun& run) {
  RunAnswer answer = make_run_head(run, run.state);
  answer.tasks.reserve(run.graph.node_of.size());
  for (std::uint32_t task = 0; task < run.graph.node_of.size(); ++task)
    answer.tasks.push_back(make_task_answer(run, task));
  return answer;
}

void conclude(ActiveRun& run) {
  const auto task_error = [&](std::uint32_t task) { return make_task_answer(run, task).error; };
  run.answer_task.reset();
  for (std::uint32_t task = static_cast<std::uint32_t>(run.graph.node_of.size()); task-- > 0;) {
    if (run.progress.outcome(run.graph.node_of[task]).state != TaskState::kSkipped) {
      run.answer_task = task;
      break;
    }
  }
  if (run.cancelled) {
    run.state = run.cancelled->code == core::ErrorCode::kCancelled ? RunState::kCancelled
                                                                   : RunState::kFailed;
    run.error = run.cancelled;
  } else if (const auto culprit = run.progress.culprit()) {
    run.state = RunState::kFailed;
    run.error = task_error(run.graph.nodes[*culprit].task);
  } else if (run.answer_task &&
             run.progress.outcome(run.graph.node_of[*run.answer_task]).state != TaskState::kOk) {
    run.state = RunState::kFailed;
    run.error = task_error(*run.answer_task);
  } else {
    run.state = RunState::kCompleted;
    run.error.reset();
  }
}

void complete_trace(ActiveRun& run, std::uint32_t node, core::WallNanos now) {
  invocation::Trace& trace = run.traces[node];
  if (trace.ended == 0) trace.ended = now;
  if (run.progress.outcome(node).replayed) trace.miss = invocation::Miss::kNotKnown;
  if (trace.way == invocation::Way::kNotRecorded)
    trace.way =
        run.progress.outcome(node).replayed ? invocation::Way::kHit : invocation::Way::kNone;
}

void append_records(ActiveRun& run, std::uint32_t node) {
  const NodeOutcome& outcome = run.progress.outcome(node);
  for (const std::uint32_t task : run.graph.nodes[node].tasks) {
    store::TaskRecord record{.instruction = run.graph.nodes[node].instruction};
    record.run = run.id;
    record.task = task;
    record.status = to_status(outcome.state);
    record.receipt = outcome.receipt;
    record.replayed = outcome.replayed;
    record.trace = trace_of(run, node, task);
    if (outcome.error) {
      record.error_code = std::string(core::info(outcome.error->code).name);
      record.error_message = outcome.error->message;
    }
    run.pending.tasks.push_back(std::move(record));
  }
  if (outcome.known && (outcome.known->kept != Known::Kept::kDurable || run.keeps_results_again)) {
    run.pending.receipts.push_back(*outcome.known->record);
    run.pending_known.push_back(outcome.known);
  }
  if (outcome.receipt && !outcome.failure_block.empty())
    run.pending.failures.push_back({*outcome.receipt, run.id, outcome.failure_block});
  for (GuestLine& line : run.progress.take_lines(node)) {
    run.pending.logs.push_back({run.id, run.graph.nodes[node].task, line.time, line.level,
                                std::move(line.category), std::move(line.message)});
  }
  run.pending_nodes.push_back(node);
}

namespace {

std::optional<ForkedFrom> parse_fork(const Value* value) {
  const Map* map = value != nullptr ? value->if_map() : nullptr;
  const Value* run = map != nullptr ? map->find("run") : nullptr;
  const Value* task = map != nullptr ? map->find("task") : nullptr;
  const auto index = task != nullptr && task->if_integer() != nullptr
                         ? task->if_integer()->as_uint64()
                         : std::nullopt;
  if (run == nullptr || run->if_string() == nullptr || !index || *index > UINT32_MAX)
    return std::nullopt;
  return ForkedFrom{*run->if_string(), static_cast<std::uint32_t>(*index)};
}

}  // namespace

std::optional<core::Error> recorded_error(const std::string& code, const std::string& message) {
  if (code.empty()) return std::nullopt;
  const auto* row = core::find_error_code(code);
  return core::Error{row != nullptr ? row->code : core::ErrorCode::kInternal, message, {}};
}

core::Bytes encode_extra(const RunRequest& request, const std::string& node) {
  List names;
  for (const std::string& name : request.workflow.task_names) names.emplace_back(name);
  Map extra{{"names", Value(std::move(names))},
            {"reuse", Value(request.reuse == Reuse::kFresh ? "fresh" : "memo")}};
  if (!request.trace_parent.empty()) extra.set("trace", Value(request.trace_parent));
  if (request.fork) {
    extra.set("forked", Value(Map{{"run", Value(request.fork->run)},
                                  {"task", Value(ipld::Integer(request.fork->task))}}));
  }
  if (!node.empty()) extra.set("node", Value(node));
  auto bytes = ipld::dag_cbor::encode(Value(std::move(extra)));
  EVERY_CHECK(bytes.has_value());  // names were read as UTF-8, and nothing else can fail
  return std::move(*bytes);
}

core::Result<RunRequest> decode_request(const store::RunRecord& record,
                                        const invocation::NormalizeUrl& normalize_url) {
  if (record.workflow_block.empty())
    return core::fail(core::ErrorCode::kUnsupported,
                      "run " + record.id +
                          " came over from the original, which does not keep the documents of its "
                          "workflows: it can be looked at, and is run by its own file");
  EVERY_TRY_ASSIGN(const Value document, ipld::dag_cbor::decode(record.workflow_block));
  RunRequest request;
  EVERY_TRY_ASSIGN(request.workflow.workflow, invocation::Workflow::parse(document, normalize_url));
  request.name = record.name;
  EVERY_TRY_ASSIGN(const Value extra, ipld::dag_cbor::decode(record.extra));
  if (const Map* map = extra.if_map()) {
    if (const Value* names = map->find("names"); names != nullptr && names->if_list() != nullptr) {
      for (const Value& name : *names->if_list())
        request.workflow.task_names.push_back(name.if_string() != nullptr ? *name.if_string()
                                                                          : std::string());
    }
    if (const Value* reuse = map->find("reuse"); reuse != nullptr && *reuse == Value("fresh"))
      request.reuse = Reuse::kFresh;
    request.fork = parse_fork(map->find("forked"));
    if (const Value* parent = map->find("trace");
        parent != nullptr && parent->if_string() != nullptr)
      request.trace_parent = *parent->if_string();
  }
  request.workflow.functions.resize(request.workflow.workflow.tasks.size());
  return request;
}

namespace {

/// Peer id of the node that took a run; empty where that was not kept.
std::string recorded_node(const store::RunRecord& record) {
  const auto extra = ipld::dag_cbor::decode(record.extra);
  const Map* map = extra ? extra->if_map() : nullptr;
  const Value* node = map != nullptr ? map->find("node") : nullptr;
  return node != nullptr && node->if_string() != nullptr ? *node->if_string() : std::string();
}

/// The output of a task that went well, and whose execution it was.
core::Status add_result(store::Store& store, const store::TaskRecord& row, TaskAnswer& task) {
  std::optional<core::Bytes> block;
  if (row.replayed) {
    EVERY_TRY_ASSIGN(auto record, store.find_receipt(*row.receipt));
    if (record && record->provenance == store::Provenance::kImported)
      task.node = maker_of(store, *record);
    if (record) block = std::move(record->block);
  }
  if (!block) {
    EVERY_TRY_ASSIGN(block, store.find_receipt_block(*row.receipt));
  }
  if (!block) return {};
  EVERY_TRY_ASSIGN(invocation::Receipt receipt, invocation::Receipt::decode(*block, *row.receipt));
  task.value = std::make_shared<const Value>(std::move(receipt.out.value));
  return {};
}

/// The tasks of a run before their outcomes.
core::Result<std::vector<TaskAnswer>> tasks_of(const RunRequest& request) {
  std::vector<TaskAnswer> tasks;
  for (std::uint32_t task = 0; task < request.workflow.workflow.tasks.size(); ++task) {
    const invocation::Instruction& run = request.workflow.workflow.tasks[task].run;
    EVERY_TRY_ASSIGN(const ipld::Cid instruction, run.cid());
    tasks.push_back(describe_task(request.workflow, task, instruction, component_of(run)));
  }
  return tasks;
}

}  // namespace

core::Result<store::RunRecord> find_record(store::Store& store, const std::string& id) {
  EVERY_TRY_ASSIGN(auto record, store.find_run(id));
  if (!record)
    return core::fail(core::ErrorCode::kNotFound,
                      "run " + id + " is not known here; `every runs` lists those that are");
  return std::move(*record);
}

core::Result<RunAnswer> load_answer(store::Store& store, const store::RunRecord& record,
                                    const invocation::NormalizeUrl& normalize_url) {
  RunAnswer answer{.id = record.id,
                   .name = record.name,
                   .workflow = record.workflow,
                   .state = from_status(record.status),
                   .tasks = {},
                   .answer = {},
                   .error = {},
                   .accepted = record.accepted,
                   .finished = record.finished,
                   .node = recorded_node(record)};
  answer.error = recorded_error(record.error_code, record.error_message);
  if (record.workflow_block.empty()) {
    EVERY_TRY_ASSIGN(answer.tasks, imported_tasks(record));
  } else {
    EVERY_TRY_ASSIGN(RunRequest request, decode_request(record, normalize_url));
    EVERY_TRY_ASSIGN(answer.tasks, tasks_of(request));
    answer.fork = std::move(request.fork);
  }
  EVERY_TRY_ASSIGN(const auto rows, store.tasks_of(record.id));
  for (const store::TaskRecord& row : rows) {
    if (row.task >= answer.tasks.size()) continue;
    TaskAnswer& task = answer.tasks[row.task];
    task.state = from_status(row.status);
    task.receipt = row.receipt;
    task.replayed = row.replayed;
    if (auto error = recorded_error(row.error_code, row.error_message))
      task.error = locate(std::move(*error), task);
    task.trace = row.trace;
    if (row.trace.way != invocation::Way::kNone) task.node = answer.node;
    if (task.state == TaskState::kOk && row.receipt) EVERY_TRY(add_result(store, row, task));
    if (task.state != TaskState::kSkipped)
      answer.answer = std::max(answer.answer.value_or(0), row.task);
  }
  return answer;
}

}  // namespace every::runtime
