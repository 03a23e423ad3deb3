// Executions: shared by who needs them, started fairly, finished once.

#include <algorithm>
#include <utility>

#include "run_log.h"
#include "scheduler.h"

#include "every/core/text.h"
#include "every/ipld/dag_cbor.h"
#include "every/store/homestar_form.h"

namespace every::runtime {
namespace {

constexpr std::size_t kLastLines = 20;
/// Above this a result is decoded and hashed on the service pool, not on the executor's thread.
constexpr std::size_t kLargeResult = std::size_t{64} << 10;

std::vector<GuestLine> last_of(const std::vector<GuestLine>& lines) {
  return {lines.end() - static_cast<std::ptrdiff_t>(std::min(lines.size(), kLastLines)),
          lines.end()};
}

bool by_limit(core::ErrorCode code) {
  return code == core::ErrorCode::kTimeout || code == core::ErrorCode::kResourceExhausted ||
         code == core::ErrorCode::kCancelled;
}

/// Whether `a` would have let a task go on where `b` ended it.
bool looser(const wasm::Limits& a, const wasm::Limits& b) {
  const auto fuel = [](const wasm::Limits& limits) { return limits.fuel.value_or(UINT64_MAX); };
  return a.memory_bytes > b.memory_bytes || a.time > b.time || fuel(a) > fuel(b) ||
         a.result_bytes > b.result_bytes;
}

}  // namespace

NodeOutcome Scheduler::failure(const ActiveRun& run, std::uint32_t node, core::Error error) const {
  NodeOutcome outcome;
  outcome.state = TaskState::kFailed;
  outcome.error = std::move(error);
  // Its receipt: what failed and why, for whoever asks by CID. Never a hit.
  const ipld::Value value(
      ipld::Map{{"code", ipld::Value(core::info(outcome.error->code).name)},
                {"message", ipld::Value(core::to_valid_utf8(outcome.error->message))}});
  const auto encoded = ipld::dag_cbor::encode(value);
  const auto ran = run.task_of(node).invocation_cid();
  const auto func = run.task_of(node).run.func();
  if (encoded && ran) {
    auto block = invocation::splice_receipt(invocation::Outcome::Tag::kError, *encoded, *ran,
                                            func ? *func : std::string());
    outcome.receipt = block.cid;
    outcome.failure_block = std::move(block.bytes);
  }
  return outcome;
}

// Of an execution that has begun: what is noted for one of those it is for.
void Scheduler::note_execution(const RunPtr& run, std::uint32_t node, const Flight& flight,
                               const Cost& cost) {
  if (flight.stage == Flight::Stage::kQueued) return;
  invocation::Trace& trace = run->traces[node];
  const bool owns = run->id == flight.owner_run && run->graph.nodes[node].task == flight.owner_task;
  trace.way = owns ? invocation::Way::kRan : invocation::Way::kJoined;
  trace.started = flight.started_at;
  trace.ended = cost.ended;
  trace.run_time = cost.stats.run_time;
  trace.peak_memory_bytes = cost.stats.peak_memory_bytes;
  trace.fuel = cost.stats.fuel;
  trace.bytes_in = flight.bytes_in;
  trace.bytes_out = cost.bytes_out;
}

void Scheduler::launch(Held& held, const RunPtr& run, std::uint32_t node, wasm::TaskSpec spec,
                       const ipld::Cid& ran, std::uint64_t bytes_in) {
  if (run->finished || run->progress.settled(node) || stopped_) return;
  // It was paused while this task was made ready.
  if (!run->may_start(node)) {
    run->held.push_back(node);
    return;
  }
  const ipld::Cid& instruction = run->graph.nodes[node].instruction;
  const bool share = run->uses_known(node) && !run->progress.tainted(node);
  if (share) {
    // Between the look-up and now another run may have finished this very task.
    if (const auto known = memo_.find(instruction)) {
      settle(held, run, node, replayed(known));
      return;
    }
    if (const auto found = flights_.find(instruction); found != flights_.end()) {
      found->second->waiters.push_back({run, node, spec.limits});
      run->flights[node] = found->second;
      return;
    }
  }
  const wasm::Limits limits = spec.limits;
  auto flight = std::make_shared<Flight>(std::move(spec), instruction, ran);
  if (!run->uses_known(node) && !run->progress.tainted(node))
    flight->check = Flight::Check::kAgainstKnown;
  flight->share = share ? Flight::Share::kYes : Flight::Share::kNo;
  flight->owner_run = run->id;
  flight->owner_task = run->graph.nodes[node].task;
  if (run->progress.tainted(node)) {
    run->traces[node].miss = invocation::Miss::kFailure;
  } else if (!run->uses_known(node)) {
    run->traces[node].miss = invocation::Miss::kFresh;
  }
  flight->bytes_in = bytes_in;
  flight->waiters.push_back({run, node, limits});
  run->flights[node] = flight;
  if (share) flights_.emplace(instruction, flight);
  enqueue(flight, run->id);
  pump(held);
}

void Scheduler::enqueue(const FlightPtr& flight, const std::string& queue) {
  auto& queued = queues_[queue];
  if (queued.empty()) turn_.push_back(queue);
  queued.push_back(flight);
}

// Runs take turns: one with a thousand tasks does not hold back one with a single task.
Scheduler::FlightPtr Scheduler::next_queued() {
  while (!turn_.empty()) {
    const std::string run = std::move(turn_.front());
    turn_.pop_front();
    const auto queue = queues_.find(run);
    FlightPtr flight = std::move(queue->second.front());
    queue->second.pop_front();
    if (queue->second.empty()) {
      queues_.erase(queue);
    } else {
      turn_.push_back(run);
    }
    if (!flight->waiters.empty()) return flight;
  }
  return nullptr;
}

void Scheduler::pump(Held& held) {
  const std::size_t most = executor_.appetite();
  while (short_started_ < most) {
    FlightPtr flight = next_queued();
    if (!flight) return;
    flight->stage = Flight::Stage::kStarting;
    flight->started = clock_.steady();
    flight->started_at = clock_.wall();
    started_.push_back(flight);
    ++short_started_;
    held.after([self = shared_from_this(), flight = std::move(flight)] { self->start(flight); });
  }
}

void Scheduler::start(const FlightPtr& flight) {
  auto on_log = [self = shared_from_this(), flight](wasm::LogLine line) {
    self->logger_.guest(line.level, line.category, line.message);
    GuestLine written{self->clock_.wall(), line.level, std::move(line.category),
                      std::move(line.message)};
    Held held(*self);
    self->note_line(held, flight, std::move(written));
  };
  auto on_done = [self = shared_from_this(), flight](wasm::TaskOutcome outcome) mutable {
    if (outcome.value && outcome.value->size() > kLargeResult) {
      auto shared = std::make_shared<wasm::TaskOutcome>(std::move(outcome));
      if (self->service_.post([self, flight, shared] {
            self->complete(flight, std::move(*shared));
          }) == core::ThreadPool::Posted::kYes)
        return;
      outcome = std::move(*shared);
    }
    self->complete(flight, std::move(outcome));
  };
  reach(core::CrashPoint::kTaskStarting);
  const wasm::Executor::TaskId id =
      executor_.start(std::move(flight->spec), std::move(on_log), std::move(on_done));
  Held held(*this);
  flight->id = id;
  if (flight->stage == Flight::Stage::kStarting) flight->stage = Flight::Stage::kStarted;
  if (flight->cancel_wanted && flight->stage != Flight::Stage::kDone) {
    held.after([self = shared_from_this(), id] { self->executor_.cancel(id); });
  }
}

void Scheduler::release_slot(const Flight& flight) {
  std::erase_if(started_, [&](const FlightPtr& other) { return other.get() == &flight; });
  if (flight.pace == Flight::Pace::kShort) {
    --short_started_;
  } else {
    --long_started_;
  }
}

core::Result<std::shared_ptr<Known>> Scheduler::make_known(const Flight& flight,
                                                           const core::Bytes& value) const {
  auto decoded = ipld::dag_cbor::decode(value);
  if (!decoded)
    return core::fail(
        core::Error(decoded.error()).in("the result of fn " + flight.op + " cannot be read back"));
  auto block =
      invocation::splice_receipt(invocation::Outcome::Tag::kOk, value, flight.ran, flight.op);
  auto known = std::make_shared<Known>();
  known->record = std::make_shared<const store::ReceiptRecord>(
      store::ReceiptRecord{.cid = block.cid,
                           .instruction = flight.instruction,
                           .ran = flight.ran,
                           .block = std::move(block.bytes),
                           .provenance = store::Provenance::kLocal,
                           .profile = wasm::kDeterminismProfile,
                           .engine = options_.engine,
                           .created = clock_.wall(),
                           .run = flight.owner_run,
                           .task = flight.owner_task});
  known->value = std::make_shared<const ipld::Value>(std::move(*decoded));
  return known;
}

// A known instruction that gives another result than before: somebody's sandbox leaks, or a disk does. The first result stays.
void Scheduler::check_against_known(const std::shared_ptr<Known>& fresh) {
  const auto before = look_up(fresh->record->instruction);
  if (!before ||
      store::say_the_same(*before->record, *before->value, *fresh->record, *fresh->value))
    return;
  metrics_.alarms.add();
  logger_.error("worker.integrity", "worker.run",
                "integrity alarm: a known instruction gave another result when it ran again; the "
                "first receipt stays in use",
                {{"instruction", fresh->record->instruction.render()},
                 {"receipt_cid", before->record->cid.render()},
                 {"other", fresh->record->cid.render()}});
}

void Scheduler::complete(const FlightPtr& flight, wasm::TaskOutcome outcome) {
  metrics_.task_time.observe(clock_.steady() - flight->started);
  const Cost cost{outcome.stats, clock_.wall(), outcome.value ? outcome.value->size() : 0};
  std::shared_ptr<Known> known;
  std::optional<core::Error> error;
  if (!outcome.value) {
    error = std::move(outcome.value).error();
  } else if (auto made = make_known(*flight, *outcome.value)) {
    known = std::move(*made);
    reach(core::CrashPoint::kTaskDone);
    run_log::computed(logger_, known->record->cid);
    if (flight->check == Flight::Check::kAgainstKnown) {
      service_.post([self = shared_from_this(), known] { self->check_against_known(known); });
    }
  } else {
    error = std::move(made).error();
  }

  Held held(*this);
  release_slot(*flight);
  flight->stage = Flight::Stage::kDone;
  if (const auto shared = flights_.find(flight->instruction);
      shared != flights_.end() && shared->second == flight)
    flights_.erase(shared);
  if (stopped_) return;
  pump(held);
  if (error) return fail_waiters(held, flight, *error, cost);
  if (known && flight->share == Flight::Share::kYes) memo_.put(known);
  auto lines = std::exchange(flight->lines, {});
  for (auto& waiter : std::exchange(flight->waiters, {})) {
    NodeOutcome ok;
    ok.state = TaskState::kOk;
    ok.value = known->value;
    ok.receipt = known->record->cid;
    if (waiter.run->id == flight->owner_run) ok.lines = std::exchange(lines, {});
    if (waiter.node == workflow::Edge::kOutside) {
      ok.known = known;
      waiter.run->progress.settle_outside(flight->instruction, std::move(ok));
      advance(held, waiter.run);
      continue;
    }
    if (waiter.run->progress.tainted(waiter.node)) {
      // True for this run only: kept as a block, never as a hit.
      ok.failure_block = known->record->block;
    } else {
      ok.known = known;
    }
    if (!waiter.run->progress.settled(waiter.node))
      note_execution(waiter.run, waiter.node, *flight, cost);
    settle(held, waiter.run, waiter.node, std::move(ok));
  }
}

// A failure is everybody's, but for one by a limit (or a cancellation) that another would not have set.
void Scheduler::fail_waiters(Held& held, const FlightPtr& flight, const core::Error& error,
                             const Cost& cost) {
  auto waiters = std::exchange(flight->waiters, {});
  auto lines = std::exchange(flight->lines, {});
  const wasm::Limits limits = flight->limits;
  for (auto& waiter : waiters) {
    if (waiter.node == workflow::Edge::kOutside) {
      NodeOutcome outcome;
      outcome.state = TaskState::kFailed;
      outcome.error = error;
      waiter.run->progress.settle_outside(flight->instruction, std::move(outcome));
      advance(held, waiter.run);
      continue;
    }
    if (by_limit(error.code) && looser(waiter.limits, limits)) {
      waiter.run->flights[waiter.node].reset();
      held.after([self = shared_from_this(), run = waiter.run, node = waiter.node] {
        self->service_.post([self, run, node] { self->prepare(run, node); });
      });
      continue;
    }
    NodeOutcome outcome = failure(*waiter.run, waiter.node, error);
    outcome.last_lines = last_of(lines);
    if (waiter.run->id == flight->owner_run) outcome.lines = lines;
    if (!waiter.run->progress.settled(waiter.node))
      note_execution(waiter.run, waiter.node, *flight, cost);
    settle(held, waiter.run, waiter.node, std::move(outcome));
  }
}

}  // namespace every::runtime
