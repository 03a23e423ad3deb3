#include "scheduler.h"

#include <algorithm>
#include <utility>

#include "run_id.h"
#include "run_log.h"

namespace every::runtime {
namespace {

/// A task that runs longer no longer counts against the cores: others start beside it.
constexpr std::chrono::milliseconds kShortTask{50};
constexpr std::chrono::milliseconds kTick{20};
/// Long tasks under way at most, as a multiple of what the executor runs at once.
constexpr std::size_t kLongFactor = 256;
/// Known runs answered before their records are written, at most: beyond that they wait for the disk as others do, so that what waits to be written is bounded.
constexpr std::size_t kMostUnwritten = 4096;

}  // namespace

Scheduler::Held::~Held() {
  lock_.unlock();
  for (auto& action : actions_) action();
}

Scheduler::Scheduler(const NodeOptions& options, wasm::Executor& executor, store::Store& store,
                     blocks::BlockStore& blocks, blocks::WebFiles* web_files,
                     const core::Logger& logger, const core::Clock& clock, core::Metrics& metrics,
                     core::CrashPlan* crash)
    : options_(options),
      executor_(executor),
      store_(store),
      blocks_(blocks),
      web_files_(web_files),
      logger_(logger),
      clock_(clock),
      metrics_(metrics),
      crash_(crash),
      trust_(store, options.trusted_keys, options.signing_key),
      memo_(options.memo_bytes),
      service_("every-service", core::usable_cores()),
      compiler_("every-compile", 1),
      ticker_([this] { tick(); }) {}

Scheduler::~Scheduler() {
  stop(core::Deadline::after(std::chrono::seconds(0)));
}

core::Result<Scheduler::RunPtr> Scheduler::admit(RunRequest request, RunObserver observer) {
  if (request.workflow.task_names.size() < request.workflow.workflow.tasks.size()) {
    request.workflow.task_names.resize(request.workflow.workflow.tasks.size());
  }
  if (request.plan == nullptr) {
    EVERY_TRY_ASSIGN(request.plan, plan_workflow(request.workflow));
  }
  auto run = std::make_shared<ActiveRun>(std::move(request));
  run->observer = std::move(observer);
  run->peer = trust_.own_peer();
  run->accepted = clock_.wall();
  const core::SteadyTime now = clock_.steady();
  const core::SteadyTime latest = now + options_.run_timeout;
  run->deadline =
      run->request.deadline.at() ? std::min(*run->request.deadline.at(), latest) : latest;
  run->time_limit = run->deadline - now;
  if (run->request.fork) run->anew = nodes_from(run->graph, run->request.fork->task);
  if (run->request.start == Start::kPaused) {
    run->paused = run->told_paused = true;
    run->state = RunState::kPaused;
    run->time_left = run->time_limit;
  }
  store::RunRecord record{.id = {},
                          .name = run->request.name,
                          .workflow = run->workflow_cid,
                          .workflow_block = run->request.plan->block,
                          .extra = encode_extra(run->request, run->peer),
                          .task_count = 0,
                          .status = to_status(run->state),
                          .error_code = {},
                          .error_message = {},
                          .accepted = run->accepted,
                          .finished = 0,
                          .resumptions = 0};
  record.task_count = static_cast<std::uint32_t>(run->graph.node_of.size());
  if (run->request.submission) {
    record.submission_key = run->request.submission->key;
    record.submission_digest = run->request.submission->digest;
  }
  run->record = std::move(record);
  return run;
}

core::Result<std::shared_ptr<ActiveRun>> Scheduler::submit(RunRequest request,
                                                           RunObserver observer) {
  const std::size_t tasks = request.workflow.workflow.tasks.size();
  {
    const Held held(*this);
    if (stopping_)
      return core::fail(core::ErrorCode::kUnavailable,
                        "the node is stopping and takes no new runs; try again when it is back");
    if (runs_.size() >= options_.max_active_runs ||
        active_tasks_ + tasks > options_.max_active_tasks) {
      return core::fail(core::ErrorCode::kUnavailable,
                        "too much is under way: " + std::to_string(runs_.size()) + " runs with " +
                            std::to_string(active_tasks_) +
                            " tasks, paused ones among them; try again in a moment");
    }
  }
  EVERY_TRY_ASSIGN(RunPtr run, admit(std::move(request), std::move(observer)));
  run->id = run_ids_.next(run->accepted);
  run->record->id = run->id;
  reach(core::CrashPoint::kRunAdmitted);
  if (run->request.accept == Accept::kDurable) {
    store::Batch batch;
    batch.runs.push_back(std::move(*run->record));
    run->record.reset();
    EVERY_TRY(store_.commit_and_wait(std::move(batch)));
    reach(core::CrashPoint::kRunRecorded);
  }
  schedule(run);
  return run;
}

core::Result<std::shared_ptr<ActiveRun>> Scheduler::resume(RunRequest request,
                                                           const store::RunRecord& record) {
  request.start = record.status == store::RunStatus::kPaused ? Start::kPaused : Start::kAtOnce;
  EVERY_TRY_ASSIGN(RunPtr run, admit(std::move(request), nullptr));
  run->id = record.id;
  run->accepted = record.accepted;
  run->record.reset();
  restore(*run);
  schedule(run);
  return run;
}

void Scheduler::schedule(const RunPtr& run) {
  {
    const Held held(*this);
    runs_.emplace(run->id, run);
    run->keeps_results_again = drops_ % 2 == 1;
    active_tasks_ += run->graph.node_of.size();
    // Runs that come one after another find it awake.
    if (std::exchange(ticker_sleeps_, false)) tick_wake_.notify_one();
  }
  if (!plan_from_memory(run)) service_.post([self = shared_from_this(), run] { self->plan(run); });
}

std::shared_ptr<ActiveRun> Scheduler::find(const std::string& id) {
  const Held held(*this);
  if (const auto found = runs_.find(id); found != runs_.end()) return found->second;
  const auto found = unwritten_.find(id);
  return found == unwritten_.end() ? nullptr : found->second;
}

RunAnswer Scheduler::snapshot(const ActiveRun& run) {
  const Held held(*this);
  return make_run_answer(run);
}

bool Scheduler::has_unwritten() const {
  const std::lock_guard lock(mutex_);
  return !unwritten_.empty();
}

std::size_t Scheduler::active() const {
  return load().runs;
}

std::vector<std::shared_ptr<const ActiveRun>> Scheduler::under_way() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<const ActiveRun>> runs;
  for (const auto& [id, run] : runs_) runs.push_back(run);
  for (const auto& [id, run] : unwritten_) runs.push_back(run);
  return runs;
}

Scheduler::Load Scheduler::load() const {
  const std::lock_guard lock(mutex_);
  Load load{.runs = 0, .queued = 0, .started = started_.size()};
  for (const auto& [id, run] : runs_) load.runs += run->paused ? 0 : 1;
  for (const auto& [run, queue] : queues_) load.queued += queue.size();
  return load;
}

// What is ready is settled from the plan where the plan knows it, and prepared otherwise. A chain of known tasks settles in one go.
void Scheduler::advance(Held& held, const RunPtr& run) {
  std::vector<std::uint32_t> unknown;
  core::WallNanos now = 0;
  for (;;) {
    auto ready = run->progress.take_ready();
    ready.insert(ready.end(), run->held.begin(), run->held.end());
    run->held.clear();
    if (run->paused) {
      run->held = std::move(ready);
      if (is_resting(*run)) idle_.notify_all();
      break;
    }
    if (ready.empty()) break;
    if (now == 0) now = clock_.wall();
    for (const std::uint32_t node : ready) {
      run->traces[node].ready = now;
      if (run->planned[node] && !run->progress.tainted(node)) {
        run->progress.settle(node, replayed(run->planned[node]));
      } else {
        unknown.push_back(node);
      }
    }
  }
  prepare_soon(held, run, std::move(unknown));
  finish_if_done(held, run);
  flush(held, run);
}

void Scheduler::settle(Held& held, const RunPtr& run, std::uint32_t node, NodeOutcome outcome) {
  run->flights[node].reset();
  run->stepping.erase(node);
  if (run->progress.settled(node)) return;
  run->progress.settle(node, std::move(outcome));
  advance(held, run);
}

// Records and events of everything settled since the last time, and the end of the run when nothing is left.
void Scheduler::finish_if_done(Held& held, const RunPtr& run) {
  const auto settled = run->progress.take_settled();
  const core::WallNanos now = settled.empty() ? 0 : clock_.wall();
  for (const std::uint32_t node : settled) {
    if (run->is_restored(node)) {
      run->told.push_back(node);
      run->told_failing = run->told_failing || run->progress.culprit() == node;
      continue;
    }
    complete_trace(*run, node, now);
    const NodeOutcome& outcome = run->progress.outcome(node);
    const bool behind = outcome.state == TaskState::kOk && outcome.known &&
                        outcome.known->kept == Known::Kept::kDurable &&
                        unwritten_.size() < kMostUnwritten;
    append_records(*run, node);
    metrics_.of(outcome.state).add(run->graph.nodes[node].tasks.size());
    if (outcome.replayed) metrics_.replayed.add(run->graph.nodes[node].tasks.size());
    const std::uint64_t after = behind ? 0 : run->next_commit;
    run->last_needed_commit = std::max(run->last_needed_commit, after);
    run->events.push_back({RunEvent::Kind::kTask, node, after});
    if (outcome.state == TaskState::kFailed) {
      const TaskAnswer answer = make_task_answer(*run, run->graph.nodes[node].task);
      if (outcome.error && outcome.error->code != core::ErrorCode::kDependencyFailed) {
        held.after([self = shared_from_this(), run, answer] {
          run_log::failed(self->logger_, *run, answer);
        });
      }
    }
    if (!run->told_failing && run->progress.culprit() == node) {
      run->told_failing = true;
      run->events.push_back({RunEvent::Kind::kFailing, node, after});
    }
  }
  if (run->progress.done() && !run->finished) {
    run->finished = true;
    run->paused = false;
    run->finished_at = now != 0 ? now : clock_.wall();
    conclude(*run);
    metrics_.of(run->state).add();
    metrics_.run_time.observe(std::chrono::nanoseconds(run->finished_at - run->accepted));
    run->pending.ends.push_back(
        {run->id, to_status(run->state),
         run->error ? std::string(core::info(run->error->code).name) : std::string(),
         run->error ? run->error->message : std::string(), run->finished_at});
    run->events.push_back({RunEvent::Kind::kEnd, 0, run->last_needed_commit});
    // As they are now: a batch that cannot be written changes them.
    held.after([self = shared_from_this(), run, state = run->state, error = run->error] {
      run_log::end(self->logger_, *run, state, error);
    });
  }
  if (!run->events.empty()) held.after([self = shared_from_this(), run] { self->emit(run); });
}

void Scheduler::flush(Held& held, const RunPtr& run) {
  if (run->committing ||
      (run->pending_nodes.empty() && run->pending.ends.empty() && run->pending.marks.empty()))
    return;
  run->committing = true;
  ++run->next_commit;
  if (run->record)
    run->pending.runs.push_back(std::move(*std::exchange(run->record, std::nullopt)));
  // What was known is answered at once, and recorded behind the answer.
  if (run->finished && run->pending_told.empty() && run->last_needed_commit < run->next_commit - 1)
    run->pending.urgency = store::Batch::Urgency::kSoon;
  held.after([self = shared_from_this(), run, batch = std::exchange(run->pending, {}),
              nodes = std::exchange(run->pending_nodes, {}),
              known = std::exchange(run->pending_known, {}),
              told = std::exchange(run->pending_told, {})]() mutable {
    store::Store& store = self->store_;
    const core::SteadyTime begun = self->clock_.steady();
    const bool urgent = batch.urgency == store::Batch::Urgency::kNow;
    store.commit(std::move(batch),
                 [self, run, begun, urgent, nodes = std::move(nodes), known = std::move(known),
                  told = std::move(told)](core::Status status) mutable {
                   if (urgent) self->metrics_.commit_time.observe(self->clock_.steady() - begun);
                   if (!status) self->metrics_.commits_failed.add();
                   const bool kept = status && !known.empty();
                   self->committed(run, std::move(nodes), known, status);
                   for (auto& tell : told) tell(status);
                   if (kept && self->on_commit_) self->on_commit_();
                 });
  });
}

void Scheduler::committed(const RunPtr& run, std::vector<std::uint32_t> nodes,
                          const std::vector<std::shared_ptr<Known>>& known,
                          const core::Status& status) {
  for (const auto& result : known) {
    if (status) {
      result->kept = Known::Kept::kDurable;
    } else if (result->kept == Known::Kept::kPending) {
      result->kept = Known::Kept::kLost;
      memo_.erase(result->record->instruction);
    }
  }
  {
    Held held(*this);
    const core::WallNanos now = clock_.wall();
    if (status) {
      for (const std::uint32_t node : nodes) run->kept[node] = now;
    } else if (!nodes.empty() || run->finished) {
      // A mark alone that could not be written is told to who asked for it.
      core::Error error = core::Error(status.error()).in("the result could not be stored");
      for (const std::uint32_t node : nodes) run->lost.emplace(node, error);
      run->state = RunState::kFailed;
      if (!run->error) run->error = error;
      held.after([self = shared_from_this(), run, error] {
        self->logger_.error("store.commit.err", "store", error.message, {{"run", run->id}});
      });
    }
    run->committing = false;
    run->committed = run->next_commit - 1;
    flush(held, run);
    if (run->finished && !run->committing) unwritten_.erase(run->id);
    if (!run->events.empty()) held.after([self = shared_from_this(), run] { self->emit(run); });
  }
}

void Scheduler::cancel(const RunPtr& run, core::Error why) {
  Held held(*this);
  if (run->finished) return;
  run->cancelled = why;
  run->paused = false;
  run->held.clear();
  run->progress.cancel_rest(why);
  for (std::uint32_t node = 0; node < run->flights.size(); ++node) {
    const FlightPtr flight = std::exchange(run->flights[node], nullptr);
    if (!flight) continue;
    note_execution(run, node, *flight, {});
    leave(held, flight, *run);
  }
  finish_if_done(held, run);
  flush(held, run);
  pump(held);
}

// A run no longer needs an execution; nobody left means nobody runs it.
void Scheduler::leave(Held& held, const FlightPtr& flight, const ActiveRun& run) {
  std::erase_if(flight->waiters,
                [&](const Flight::Waiter& waiter) { return waiter.run.get() == &run; });
  if (!flight->waiters.empty() || flight->stage == Flight::Stage::kDone) return;
  const auto shared = flights_.find(flight->instruction);
  if (shared != flights_.end() && shared->second == flight) flights_.erase(shared);
  flight->cancel_wanted = true;
  if (flight->stage == Flight::Stage::kStarted)
    held.after([self = shared_from_this(), id = flight->id] { self->executor_.cancel(id); });
}

void Scheduler::stop(core::Deadline deadline) {
  {
    std::unique_lock lock(mutex_);
    if (stopped_) return;
    stopping_ = true;
    const auto nothing_under_way = [&] {
      return std::ranges::all_of(runs_,
                                 [&](const auto& entry) { return is_resting(*entry.second); });
    };
    if (deadline.at()) idle_.wait_until(lock, *deadline.at(), nothing_under_way);
    stopped_ = true;
  }
  tick_wake_.notify_all();
  begun_one_.notify_all();
  if (ticker_.joinable()) ticker_.join();
  executor_.stop();
  compiler_.stop();
  service_.stop();
  // Whoever still waits is told that the node went, not that the run ended: it is unfinished in the store and resumes.
  std::vector<RunPtr> left;
  {
    const Held held(*this);
    for (auto& [id, run] : runs_) left.push_back(run);
    runs_.clear();
    unwritten_.clear();
    // Runs and executions name each other; nothing that is left under way will take the knot apart.
    for (const RunPtr& run : left) {
      for (FlightPtr& flight : run->flights) {
        if (flight) flight->waiters.clear();
        flight.reset();
      }
    }
    for (auto& [instruction, flight] : flights_) flight->waiters.clear();
    flights_.clear();
    queues_.clear();
    turn_.clear();
    started_.clear();
  }
  interrupt(left);
  for (const RunPtr& run : left) {
    auto answer = std::make_shared<RunAnswer>(snapshot(*run));
    if (!answer->error) {
      answer->error = core::Error{
          core::ErrorCode::kUnavailable,
          answer->state == RunState::kPaused
              ? "the node stopped while the run was paused; it stays so: `every runs resume " +
                    run->id + "` lets it go on when a node is running"
              : "the node stopped before the run ended; it goes on when the node is started again",
          {{"run", run->id}}};
    }
    publish(run, answer);
  }
}

// A stop that was asked for is nothing a run can be blamed for, and one that has no record yet could not go on.
void Scheduler::interrupt(const std::vector<RunPtr>& left) {
  store::Batch batch;
  for (const RunPtr& run : left) {
    if (run->record) batch.runs.push_back(std::move(*std::exchange(run->record, std::nullopt)));
    batch.interrupted.push_back(run->id);
  }
  if (left.empty()) return;
  if (const auto written = store_.commit_and_wait(std::move(batch)); !written) {
    logger_.error("store.commit.err", "store",
                  "the runs under way could not be noted: " + written.error().message);
  }
}

void Scheduler::tick() {
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    // An idle node sleeps.
    if (runs_.empty()) {
      ticker_sleeps_ = true;
      tick_wake_.wait(lock, [&] { return stopped_ || !ticker_sleeps_; });
    }
    if (tick_wake_.wait_for(lock, kTick, [&] { return stopped_; })) return;
    const core::SteadyTime now = clock_.steady();
    std::size_t grown = 0;
    for (const FlightPtr& flight : started_) {
      if (flight->pace == Flight::Pace::kShort && now - flight->started >= kShortTask &&
          long_started_ < kLongFactor * executor_.concurrency()) {
        flight->pace = Flight::Pace::kLong;
        --short_started_;
        ++long_started_;
        ++grown;
      }
    }
    std::vector<RunPtr> late;
    for (const auto& [id, run] : runs_) {
      if (!run->finished && !run->paused && now >= run->deadline) late.push_back(run);
    }
    lock.unlock();
    if (grown > 0) {
      Held held(*this);
      pump(held);
    }
    for (const RunPtr& run : late) {
      cancel(run, core::Error{core::ErrorCode::kTimeout,
                              "the run took longer than its time limit and was stopped",
                              {{"run", run->id}}});
    }
    lock.lock();
  }
}

}  // namespace every::runtime
