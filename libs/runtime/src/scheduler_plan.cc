// What is known already, and what a task needs before it can start.

#include <algorithm>
#include <array>
#include <deque>
#include <set>
#include <utility>

#include "arguments.h"
#include "run_log.h"
#include "scheduler.h"

#include "every/blocks/remote.h"
#include "every/ipld/dag_cbor.h"

namespace every::runtime {
namespace {

using invocation::Await;
using invocation::Miss;
using workflow::Edge;

/// Whether a value is no more than so many values, none of them content to fetch (an await is a link too, and is none) or long.
bool is_small(const ipld::Value& value, std::size_t& count, std::size_t most, std::size_t longest) {
  if (++count > most || value.if_link() != nullptr) return false;
  if (const auto* text = value.if_string()) return text->size() <= longest;
  if (const auto* bytes = value.if_bytes()) return bytes->size() <= longest;
  const auto is_small_too = [&](const ipld::Value& part) {
    return is_small(part, count, most, longest);
  };
  if (const auto* list = value.if_list()) return std::ranges::all_of(*list, is_small_too);
  if (const auto* map = value.if_map()) {
    if (Await::parse(value)) return true;
    return std::ranges::all_of(
        *map, [&](const ipld::MapEntry& entry) { return is_small_too(entry.value); });
  }
  return true;
}

bool holds_link(const ipld::Value& value) {
  if (value.if_link() != nullptr) return true;
  if (const auto* list = value.if_list())
    return std::any_of(list->begin(), list->end(), holds_link);
  if (const auto* map = value.if_map()) {
    return std::any_of(map->begin(), map->end(),
                       [](const ipld::MapEntry& entry) { return holds_link(entry.value); });
  }
  return false;
}

core::Result<bool> has_all(blocks::BlockStore& blocks, const ipld::Value& value) {
  if (const auto* link = value.if_link()) return blocks.has(*link);
  const auto all = [&](const auto& items, auto&& pick) -> core::Result<bool> {
    for (const auto& item : items) {
      EVERY_TRY_ASSIGN(const bool there, has_all(blocks, pick(item)));
      if (!there) return false;
    }
    return true;
  };
  if (const auto* list = value.if_list())
    return all(*list, [](const ipld::Value& item) -> const ipld::Value& { return item; });
  if (const auto* map = value.if_map())
    return all(*map, [](const ipld::MapEntry& entry) -> const ipld::Value& { return entry.value; });
  return true;
}

}  // namespace

// A receipt that is not believed is no hit, and none whose output names content we do not have: the task runs again.
std::optional<Miss> Scheduler::unusable(const store::ReceiptRecord& record,
                                        const invocation::Receipt& receipt) {
  if (const auto miss = miss_of(trust_.judge(record))) return miss;
  if (receipt.out.tag == invocation::Outcome::Tag::kError) return Miss::kNotKnown;
  if (!holds_link(receipt.out.value)) return std::nullopt;
  const auto there = has_all(blocks_, receipt.out.value);
  return there && *there ? std::nullopt : std::optional(Miss::kContent);
}

std::shared_ptr<Known> Scheduler::look_up(const ipld::Cid& instruction, Miss& miss) {
  if (auto known = memo_.find(instruction)) {
    metrics_.known_in_memory.add();
    return known;
  }
  auto known = look_up_stored(instruction, miss);
  (known ? metrics_.known_in_store : metrics_.not_known).add();
  return known;
}

std::shared_ptr<Known> Scheduler::look_up_stored(const ipld::Cid& instruction, Miss& miss) {
  const std::uint64_t drops = drops_;
  auto found = store_.find_by_instruction(instruction);
  if (!found) {
    logger_.error("store.receipt.err", "store",
                  "a stored receipt cannot be used, the task runs again: " + found.error().message,
                  {{"instruction", instruction.render()}});
    miss = Miss::kDamaged;
    return nullptr;
  }
  std::optional<ipld::Cid> first;
  if (*found) {
    first = (*found)->cid;
    if (auto known = to_known(std::move(**found), miss, drops)) return known;
  } else if (store_.may_know(instruction) == store::Store::Recorded::kNo) {
    return nullptr;
  }
  // Not that one; another receipt of the same instruction may do. And that one was forgotten is only seen here.
  auto others = store_.receipts_of(instruction);
  if (!others) return nullptr;
  for (store::ReceiptRecord& other : *others) {
    if (other.cid == first) continue;
    if (auto known = to_known(std::move(other), miss, drops)) return known;
  }
  return nullptr;
}

std::shared_ptr<Known> Scheduler::to_known(store::ReceiptRecord record, Miss& miss,
                                           std::uint64_t drops) {
  auto receipt = invocation::Receipt::decode(record.block, record.cid);
  const auto why = receipt ? unusable(record, *receipt) : Miss::kDamaged;
  if (why) {
    // Of several the first speaks: it is the one that would have been used.
    if (miss == Miss::kNotKnown) miss = *why;
    return nullptr;
  }
  auto known = std::make_shared<Known>();
  known->maker = maker_of(store_, record);
  known->record = std::make_shared<const store::ReceiptRecord>(std::move(record));
  known->value = std::make_shared<const ipld::Value>(std::move(receipt->out.value));
  known->kept = Known::Kept::kDurable;
  // What may be dropped meanwhile is for this run alone, which writes it anew.
  const Held held(*this);
  if (drops == drops_ && drops % 2 == 0) memo_.put(known);
  return known;
}

// A run whose every result is in memory, or certainly not recorded, needs nothing that may block: it is planned on the caller's thread.
bool Scheduler::plan_from_memory(const RunPtr& run) {
  constexpr std::size_t kMostNodes = 64;
  if (run->graph.nodes.size() > kMostNodes || any_quarantined_) return false;
  // Its first line says whether the workflow is recorded.
  run_log::Seen seen = run_log::Seen::kBefore;
  if (logger_.shows(core::LogLevel::kInfo) && !has_begun(run->workflow_cid)) {
    if (store_.may_know(run->workflow_cid) != store::Store::Recorded::kNo) return false;
    seen = run_log::Seen::kNever;
  }
  std::vector<std::shared_ptr<Known>> known(run->graph.nodes.size());
  std::size_t found = 0;
  std::size_t unknown = 0;
  for (std::uint32_t node = 0; node < known.size(); ++node) {
    const auto& needs = run->graph.nodes[node].needs;
    if (std::any_of(needs.begin(), needs.end(),
                    [](const Edge& need) { return need.node == Edge::kOutside; }))
      return false;
    // What is not plain is looked up when its turn comes.
    if (!run->uses_known(node) || !run->progress.plain(node) || run->is_restored(node)) continue;
    const ipld::Cid& instruction = run->graph.nodes[node].instruction;
    known[node] = memo_.find(instruction);
    if (known[node]) {
      ++found;
    } else if (store_.may_know(instruction) != store::Store::Recorded::kNo) {
      return false;
    } else {
      ++unknown;
    }
  }
  metrics_.known_in_memory.add(found);
  metrics_.not_known.add(unknown);
  begin(run, seen, std::move(known), {});
  return true;
}

// One look-up a task, before anything starts: what is plain (no error of another task decides its inputs) can be known at once.
void Scheduler::plan(const RunPtr& run) {
  std::vector<std::shared_ptr<Known>> known(run->graph.nodes.size());
  std::vector<Miss> misses(known.size(), Miss::kNotKnown);
  for (std::uint32_t node = 0; node < known.size(); ++node) {
    if (run->uses_known(node) && run->progress.plain(node) && !run->is_restored(node) &&
        check_quarantine(run->task_of(node).run))
      known[node] = look_up(run->graph.nodes[node].instruction, misses[node]);
  }
  // Only its first line says so.
  const auto seen =
      logger_.shows(core::LogLevel::kInfo) ? store_.knows_workflow(run->workflow_cid) : false;
  begin(run, seen && *seen ? run_log::Seen::kBefore : run_log::Seen::kNever, std::move(known),
        misses);
}

bool Scheduler::has_begun(const ipld::Cid& workflow) {
  const Held held(*this);
  return begun_.contains(workflow);
}

void Scheduler::begin(const RunPtr& run, run_log::Seen seen,
                      std::vector<std::shared_ptr<Known>> known, const std::vector<Miss>& misses) {
  if (logger_.shows(core::LogLevel::kInfo)) {
    std::vector<std::string> receipts;
    std::vector<std::string> resources;
    std::set<std::string> seen_resources;
    std::size_t left = 0;
    for (std::uint32_t node = 0; node < known.size(); ++node) {
      if (run->is_restored(node)) {
        if (const auto& receipt = run->progress.outcome(node).receipt)
          receipts.push_back(receipt->render());
        continue;
      }
      if (known[node]) {
        receipts.push_back(known[node]->record->cid.render());
        continue;
      }
      ++left;
      const std::string& rsc = run->task_of(node).run.rsc;
      if (seen_resources.insert(rsc).second) resources.push_back(rsc);
    }
    run_log::begin(logger_, *run, seen, receipts, left, resources, run->time_limit);
  }
  settle_outside_awaits(run);
  Held held(*this);
  constexpr std::size_t kMostBegun = 4096;
  if (begun_.size() >= kMostBegun) begun_.clear();
  begun_.insert(run->workflow_cid);
  run->begun = true;
  begun_one_.notify_all();
  if (run->finished) return;
  run->planned = std::move(known);
  for (std::size_t node = 0; node < misses.size(); ++node) run->traces[node].miss = misses[node];
  advance(held, run);
}

// Awaits on instructions that are no part of the workflow: known, under way for another run, or not to be had.
void Scheduler::settle_outside_awaits(const RunPtr& run) {
  std::set<ipld::Cid> wanted;
  for (const auto& node : run->graph.nodes) {
    for (const Edge& edge : node.needs) {
      if (edge.node == Edge::kOutside) wanted.insert(edge.await.instruction);
    }
  }
  for (const ipld::Cid& instruction : wanted) {
    const auto known = look_up(instruction);
    NodeOutcome outcome;
    if (auto allowed = known ? check_quarantine(*known->record) : core::Status(); !allowed) {
      outcome.state = TaskState::kFailed;
      outcome.error = std::move(allowed).error();
    } else if (known) {
      outcome.state = TaskState::kOk;
      outcome.known = known;
      outcome.value = known->value;
      outcome.receipt = known->record->cid;
    } else {
      const Held held(*this);
      if (const auto flight = flights_.find(instruction); flight != flights_.end()) {
        flight->second->waiters.push_back({run, Edge::kOutside, flight->second->limits});
        continue;
      }
      outcome.state = TaskState::kFailed;
      outcome.error = core::Error{core::ErrorCode::kNotFound,
                                  "instruction " + instruction.render() +
                                      " is not part of this workflow and its result is not known "
                                      "here: add its task, or run it first",
                                  {{"cid", instruction.render()}}};
    }
    const Held held(*this);
    run->progress.settle_outside(instruction, std::move(outcome));
  }
}

wasm::Limits Scheduler::limits_of(const invocation::Task& task) const {
  wasm::Limits limits;
  const invocation::AskedLimits asked = invocation::asked_limits(task.meta);
  if (asked.memory_bytes) limits.memory_bytes = std::min(limits.memory_bytes, *asked.memory_bytes);
  if (asked.time_ms) {
    const auto most = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(limits.time).count());
    limits.time = std::chrono::milliseconds(std::min(most, *asked.time_ms));
  }
  limits.fuel = asked.fuel;
  return limits;
}

// Whether preparing a task neither blocks nor takes long: nothing to look up, fetch or compile, nothing large to copy.
bool Scheduler::is_quick(const ActiveRun& run, std::uint32_t node) const {
  constexpr std::size_t kLargest = std::size_t{16} << 10;
  constexpr std::size_t kMostValues = 64;
  if (run.uses_known(node) && !run.progress.plain(node)) return false;
  const auto is_prepared = [&](std::uint32_t which) {
    const auto& component = run.component_of(which);
    return component && executor_.find_prepared(*component) != nullptr;
  };
  const auto args = run.task_of(node).run.args();
  if (!args || !is_prepared(node)) return false;
  std::size_t values = 0;
  const auto is_small_one = [&](const ipld::Value& arg) {
    return is_small(arg, values, kMostValues, kLargest);
  };
  if (!std::ranges::all_of(**args, is_small_one)) return false;
  const auto& needs = run.graph.nodes[node].needs;
  return std::ranges::all_of(needs, [&](const Edge& need) {
    if (need.node == Edge::kOutside || !is_prepared(need.node)) return false;
    const auto& known = run.progress.outcome(need.node).known;
    return known && known->record->block.size() <= kLargest;
  });
}

// A thread that wakes another for a small task spends more on that than on the task. So a few quick ones are prepared where they became
// ready; the rest goes to the service pool, some at a time.
void Scheduler::prepare_soon(Held& held, const RunPtr& run, std::vector<std::uint32_t> nodes) {
  constexpr std::size_t kFew = 4;
  constexpr std::size_t kAtATime = 16;
  if (nodes.empty()) return;
  if (nodes.size() <= kFew &&
      std::ranges::all_of(nodes, [&](std::uint32_t node) { return is_quick(*run, node); })) {
    held.after([self = shared_from_this(), run, nodes = std::move(nodes)] {
      self->prepare_all(run, nodes);
    });
    return;
  }
  for (std::size_t first = 0; first < nodes.size(); first += kAtATime) {
    const auto begin = nodes.begin() + static_cast<std::ptrdiff_t>(first);
    const auto count = static_cast<std::ptrdiff_t>(std::min(kAtATime, nodes.size() - first));
    held.after([self = shared_from_this(), run,
                some = std::vector(begin, begin + count)]() mutable {
      self->service_.post([self, run, some = std::move(some)] { self->prepare_all(run, some); });
    });
  }
}

// Preparing may settle a task, which makes others ready, and so on: on one thread they take turns here instead of nesting.
void Scheduler::prepare_all(const RunPtr& run, const std::vector<std::uint32_t>& nodes) {
  static thread_local std::deque<std::pair<RunPtr, std::uint32_t>>* turns = nullptr;
  if (turns != nullptr) {
    for (const std::uint32_t node : nodes) turns->emplace_back(run, node);
    return;
  }
  std::deque<std::pair<RunPtr, std::uint32_t>> mine;
  for (const std::uint32_t node : nodes) mine.emplace_back(run, node);
  turns = &mine;
  while (!mine.empty()) {
    const auto [of, node] = std::move(mine.front());
    mine.pop_front();
    prepare(of, node);
  }
  turns = nullptr;
}

void Scheduler::prepare(const RunPtr& run, std::uint32_t node) {
  const ipld::Cid& instruction = run->graph.nodes[node].instruction;
  bool look = false;
  {
    const Held held(*this);
    if (run->finished || run->progress.settled(node)) return;
    if (!run->may_start(node)) {
      run->held.push_back(node);
      return;
    }
    look = run->uses_known(node) && !run->progress.plain(node) && !run->progress.tainted(node);
  }
  if (auto allowed = check_quarantine(run->task_of(node).run); !allowed) {
    auto outcome = failure(*run, node, std::move(allowed).error());
    Held held(*this);
    settle(held, run, node, std::move(outcome));
    return;
  }
  if (look) {
    Miss miss{};
    const auto known = look_up(instruction, miss);
    if (known || miss != Miss::kNotKnown) {
      Held held(*this);
      run->traces[node].miss = miss;
      if (known) return settle(held, run, node, replayed(known));
    }
  }
  if (const auto& component = run->component_of(node);
      component && !executor_.find_prepared(*component)) {
    // Compiling takes seconds: not on the threads that answer.
    compiler_.post([self = shared_from_this(), run, node] {
      if (auto ready = self->ensure_component(run->task_of(node).run); !ready) {
        auto outcome = self->failure(*run, node, std::move(ready).error());
        Held held(*self);
        self->settle(held, run, node, std::move(outcome));
        return;
      }
      self->service_.post([self, run, node] { self->prepare(run, node); });
    });
    return;
  }
  auto spec = make_spec(run, node);
  if (!spec) {
    auto outcome = failure(*run, node, std::move(spec).error());
    Held held(*this);
    settle(held, run, node, std::move(outcome));
    return;
  }
  const auto ran = run->task_of(node).invocation_cid();
  EVERY_CHECK(
      ran.has_value());  // the instruction inside it was hashed when the graph was built, and the workflow around it encoded
  std::uint64_t bytes_in = 0;
  for (const ipld::Value& arg : spec->args) bytes_in += ipld::dag_cbor::encoded_size(arg);
  Held held(*this);
  launch(held, run, node, std::move(*spec), *ran, bytes_in);
}

core::Result<core::Bytes> Scheduler::find_component(const ipld::Cid& component,
                                                    const invocation::Instruction& instruction) {
  constexpr std::uint64_t kLargestComponent = std::uint64_t{1} << 30;
  auto bytes = blocks::read_content(blocks_, component, kLargestComponent);
  if (bytes) return bytes;
  const core::ErrorCode why = bytes.error().code;
  const auto address = web_files_ != nullptr ? instruction.web_address() : std::nullopt;
  const bool is_missing = why == core::ErrorCode::kNotFound;
  if (!is_missing && !(address && why == core::ErrorCode::kUnavailable)) return bytes;
  if (!address)
    return core::fail(
        core::Error{core::ErrorCode::kNotFound,
                    "component " + component.render() +
                        " is not here: load its file with --fn, or add it to the block store",
                    {{"component", component.render()}}});
  EVERY_TRY_ASSIGN(core::Bytes file, web_files_->fetch(*address, component));
  logger_.info("fetch", "fetch", "fetched a component from the web",
               {{"rsc", instruction.rsc}, {"component", component.render()}});
  if (component.codec() == ipld::Codec::kRaw) {
    const std::array blocks{blocks::Block{component, file}};
    EVERY_TRY(blocks_.put(blocks));
  } else {
    EVERY_TRY(blocks::add_file(blocks_, file));
  }
  return file;
}

core::Status Scheduler::ensure_component(const invocation::Instruction& instruction) {
  EVERY_TRY_ASSIGN(const ipld::Cid component, instruction.component());
  if (executor_.find_prepared(component)) return {};
  EVERY_TRY_ASSIGN(const core::Bytes bytes, find_component(component, instruction));
  const core::SteadyTime begun = clock_.steady();
  auto prepared = executor_.prepare(component, bytes);
  metrics_.compile_time.observe(clock_.steady() - begun);
  if (!prepared) return core::fail(std::move(prepared).error());
  return {};
}

core::Result<wasm::TaskSpec> Scheduler::make_spec(const RunPtr& run, std::uint32_t node) {
  const invocation::Task& task = run->task_of(node);
  if (task.run.op != "wasm/run") {
    return core::fail(core::ErrorCode::kUnsupported,
                      "no valid task/instruction-type referenced by operation: " + task.run.op +
                          " (only wasm/run is run here)");
  }
  const auto& component = run->component_of(node);
  if (!component) return core::fail(task.run.component().error());
  EVERY_TRY_ASSIGN(const std::string func, task.run.func());
  EVERY_TRY_ASSIGN(const auto function, find_function(*component, func));
  const wasm::Limits limits = limits_of(task);
  EVERY_TRY_ASSIGN(ipld::List args, arguments(run, node, *function, limits));
  wasm::TaskSpec spec{
      .component = *component, .function = func, .args = std::move(args), .limits = limits};
  spec.seed = wasm::seed_of(run->graph.nodes[node].instruction);
  return spec;
}

core::Result<std::shared_ptr<const wit::Function>> Scheduler::function_of(
    const invocation::Instruction& instruction) {
  EVERY_TRY_ASSIGN(const ipld::Cid component, instruction.component());
  EVERY_TRY_ASSIGN(const std::string func, instruction.func());
  EVERY_TRY(ensure_component(instruction));
  return find_function(component, func);
}

core::Result<std::shared_ptr<const wit::Function>> Scheduler::find_function(
    const ipld::Cid& component, const std::string& func) {
  const auto info = executor_.find_prepared(component);
  if (!info)
    return core::fail(core::ErrorCode::kInternal,
                      "component " + component.render() + " was prepared and is gone");
  return info->find(func);
}

wit::TypePtr Scheduler::result_type_of(const invocation::Instruction& instruction) {
  const auto function = function_of(instruction);
  return function ? (*function)->result : nullptr;
}

wit::TypePtr Scheduler::result_type_of(const ActiveRun& run, std::uint32_t node) {
  const invocation::Instruction& instruction = run.task_of(node).run;
  const auto& component = run.component_of(node);
  if (!component || !executor_.find_prepared(*component)) return result_type_of(instruction);
  const auto func = instruction.func();
  if (!func) return nullptr;
  const auto function = find_function(*component, *func);
  return function ? (*function)->result : nullptr;
}

core::Result<ipld::List> Scheduler::arguments(const RunPtr& run, std::uint32_t node,
                                              const wit::Function& function,
                                              const wasm::Limits& limits) {
  EVERY_TRY_ASSIGN(const ipld::List* args, run->task_of(node).run.args());
  const ArgumentSources sources{
      .awaited = [&](const Await& await) -> core::Result<Awaited> {
        run_log::resolving(logger_, *run, await.instruction);
        const auto& needs = run->graph.nodes[node].needs;
        const auto edge = std::find_if(needs.begin(), needs.end(),
                                       [&](const Edge& need) { return need.await == await; });
        EVERY_CHECK(edge != needs.end());
        const Held held(*this);
        const bool outside = edge->node == Edge::kOutside;
        const NodeOutcome* outcome = outside ? run->progress.find_outside(await.instruction)
                                             : &run->progress.outcome(edge->node);
        EVERY_CHECK(outcome != nullptr && outcome->state != TaskState::kPending);
        Awaited awaited;
        awaited.name =
            outside ? "instruction " + await.instruction.render()
                    : "task " + run->request.workflow.task_names[run->graph.nodes[edge->node].task];
        // Settled outcomes never change: what the pointers name lives as long as the run.
        if (outcome->state == TaskState::kOk) {
          awaited.value = outcome->value.get();
        } else {
          awaited.state = Awaited::State::kFailed;
          awaited.message = &outcome->error->message;
        }
        return awaited;
      },
      .content =
          [&](const ipld::Cid& cid) {
            return blocks::read_content(blocks_, cid, limits.memory_bytes);
          },
  };
  // The awaited function's type decides whether its ok value is taken out of a `result`; it may have to be compiled, so not under the lock.
  const ArgumentSources typed{
      .awaited = [&](const Await& await) -> core::Result<Awaited> {
        EVERY_TRY_ASSIGN(Awaited awaited, sources.awaited(await));
        const auto& needs = run->graph.nodes[node].needs;
        const auto edge = std::find_if(needs.begin(), needs.end(),
                                       [&](const Edge& need) { return need.await == await; });
        if (edge->node != Edge::kOutside) awaited.type = result_type_of(*run, edge->node);
        return awaited;
      },
      .content = sources.content,
  };
  return resolve_arguments(*args, function, typed);
}

}  // namespace every::runtime
