#include "every/runtime/steering.h"

#include <utility>

#include "fork.h"
#include "run_handle.h"
#include "steering_impl.h"

namespace every::runtime {
namespace {

using core::ErrorCode;
using store::RunStatus;

/// After so many takings-up without a new receipt a run is left alone: it may be what takes the node down.
constexpr std::uint32_t kMostResumptions = 3;

std::unexpected<core::Error> refuse(const store::RunRecord& record, std::string_view what,
                                    const std::string& instead) {
  return core::fail(core::Error{ErrorCode::kConflict,
                                "run " + record.id + " is " +
                                    std::string(store::render_status(record.status)) +
                                    ", there is nothing to " + std::string(what) + instead,
                                {{"run", record.id}}});
}

std::string fork_instead(const std::string& id) {
  return "; `every runs fork " + id + " --from TASK` makes a new run of it";
}

}  // namespace

SteeringImpl::SteeringImpl(const NodeParts& parts, std::shared_ptr<Scheduler> scheduler)
    : store_(*parts.store),
      logger_(*parts.logger),
      clock_(*parts.clock),
      normalize_url_(parts.normalize_url),
      crash_(parts.crash),
      scheduler_(std::move(scheduler)) {}

core::Result<SteeringImpl::RunPtr> SteeringImpl::load(const store::RunRecord& record) {
  EVERY_TRY_ASSIGN(RunRequest request, decode_request(record, normalize_url_));
  return scheduler_->resume(std::move(request), record);
}

core::Status SteeringImpl::mark(const std::string& id, RunStatus status) {
  store::Batch batch;
  batch.marks.push_back({id, status});
  EVERY_TRY(store_.commit_and_wait(std::move(batch)));
  if (crash_ != nullptr) crash_->reach(core::CrashPoint::kRunMarked);
  return {};
}

core::Result<Steered> SteeringImpl::answer(const std::string& id, Steered::Change change) {
  if (const auto run = scheduler_->find(id))
    return Steered{std::make_shared<const RunAnswer>(scheduler_->snapshot(*run)), change};
  EVERY_TRY_ASSIGN(const store::RunRecord record, find_record(store_, id));
  EVERY_TRY_ASSIGN(RunAnswer run, load_answer(store_, record, normalize_url_));
  return Steered{std::make_shared<const RunAnswer>(std::move(run)), change};
}

core::Result<Steered> SteeringImpl::pause(const std::string& id) {
  const std::lock_guard lock(resting_);
  if (const auto run = scheduler_->find(id)) {
    EVERY_TRY_ASSIGN(const auto changed, scheduler_->pause(run));
    if (changed == Scheduler::Changed::kNo) return answer(id, Steered::Change::kNone);
    logger_.info("workflow.pause", "workflow", "run paused", {{"run", id}});
    return answer(id, Steered::Change::kMade);
  }
  EVERY_TRY_ASSIGN(const store::RunRecord record, find_record(store_, id));
  if (record.status == RunStatus::kPaused) return answer(id, Steered::Change::kNone);
  if (record.status != RunStatus::kRunning) return refuse(record, "pause", "");
  // Unfinished, and nobody has taken it up yet.
  EVERY_TRY(mark(id, RunStatus::kPaused));
  logger_.info("workflow.pause", "workflow", "run paused", {{"run", id}});
  return answer(id, Steered::Change::kMade);
}

core::Result<Steered> SteeringImpl::resume(const std::string& id, GoOn where) {
  const std::lock_guard lock(resting_);
  if (const auto run = scheduler_->find(id)) {
    EVERY_TRY_ASSIGN(const auto changed, scheduler_->go_on(run));
    if (changed == Scheduler::Changed::kNo) return answer(id, Steered::Change::kNone);
    logger_.info("workflow.resume", "workflow", "a paused run goes on", {{"run", id}});
    return answer(id, Steered::Change::kMade);
  }
  EVERY_TRY_ASSIGN(store::RunRecord record, find_record(store_, id));
  const bool unfinished = record.status == RunStatus::kRunning;
  if (!unfinished && record.status != RunStatus::kPaused &&
      record.status != RunStatus::kQuarantined)
    return refuse(record, "resume", fork_instead(id));
  if (!unfinished) EVERY_TRY(mark(id, RunStatus::kRunning));
  if (where == GoOn::kAtNextStart)
    return answer(id, unfinished ? Steered::Change::kNone : Steered::Change::kNoted);
  record.status = RunStatus::kRunning;
  EVERY_TRY(load(record));
  logger_.info("workflow.resume", "workflow", "a run that rested goes on", {{"run", id}});
  return answer(id, Steered::Change::kMade);
}

core::Result<Step> SteeringImpl::step(const std::string& id, const std::optional<std::string>& task,
                                      GoOn where) {
  RunPtr run;
  {
    const std::lock_guard lock(resting_);
    run = scheduler_->find(id);
    if (run == nullptr) {
      EVERY_TRY_ASSIGN(const store::RunRecord record, find_record(store_, id));
      if (record.status == RunStatus::kQuarantined)
        return refuse(record, "step through",
                      "; `every runs resume " + id + "` takes it out of quarantine");
      if (record.status != RunStatus::kPaused && record.status != RunStatus::kRunning)
        return refuse(record, "step through", fork_instead(id));
      if (where == GoOn::kAtNextStart)
        return core::fail(core::Error{ErrorCode::kUnavailable,
                                      "no node is running in which a task of run " + id +
                                          " could be run; start one with `every dev` or `every "
                                          "start`",
                                      {{"run", id}}});
      if (record.status == RunStatus::kRunning)
        return refuse(record, "step through", ": `every runs pause " + id + "` first");
      EVERY_TRY_ASSIGN(run, load(record));
    }
  }
  EVERY_TRY_ASSIGN(const std::uint32_t index, scheduler_->step(run, task));
  return Step{make_handle(scheduler_, std::move(run)), index};
}

std::vector<std::string> SteeringImpl::ready(const std::string& id) {
  const auto run = scheduler_->find(id);
  if (run == nullptr) return {};
  std::vector<std::string> names;
  for (const std::uint32_t task : scheduler_->ready_tasks(*run))
    names.push_back(run->request.workflow.task_names[task]);
  return names;
}

core::Result<Forked> SteeringImpl::fork(const std::string& id, ForkRequest request) {
  RunRequest original;
  if (const auto run = scheduler_->find(id)) {
    original = run->request;
  } else {
    EVERY_TRY_ASSIGN(const store::RunRecord record, find_record(store_, id));
    if (record.workflow_block.empty())
      return core::fail(ErrorCode::kUnsupported,
                        "run " + id +
                            " came over from the original, which keeps no workflows, so "
                            "that no other run can be made of it");
    EVERY_TRY_ASSIGN(original, decode_request(record, normalize_url_));
  }
  EVERY_TRY_ASSIGN(ForkPlan plan, plan_fork(std::move(original.workflow), request,
                                            [this](const invocation::Instruction& instruction) {
                                              return scheduler_->function_of(instruction);
                                            }));
  RunRequest made;
  made.workflow = std::move(plan.workflow);
  made.name = request.name ? std::move(*request.name) : std::move(original.name);
  made.accept = Accept::kDurable;
  made.start = request.start;
  made.fork = ForkedFrom{id, plan.task};
  EVERY_TRY_ASSIGN(RunPtr run, scheduler_->submit(std::move(made), nullptr));
  logger_.info("workflow.fork", "workflow", "a run was made of another",
               {{"run", run->id}, {"of", id}});
  return Forked{make_handle(scheduler_, std::move(run)), ForkedFrom{id, plan.task},
                std::move(plan.anew), std::move(plan.changes)};
}

core::Result<std::shared_ptr<RunHandle>> SteeringImpl::take_up(const std::string& id) {
  const std::lock_guard lock(resting_);
  RunPtr run = scheduler_->find(id);
  if (run == nullptr) {
    EVERY_TRY_ASSIGN(const store::RunRecord record, find_record(store_, id));
    if (record.status != RunStatus::kPaused) return nullptr;
    EVERY_TRY_ASSIGN(run, load(record));
  }
  return make_handle(scheduler_, std::move(run));
}

core::Result<std::size_t> SteeringImpl::take_up_unfinished() {
  EVERY_TRY_ASSIGN(const auto ids, store_.unfinished_runs());
  std::size_t resumed = 0;
  for (const std::string& id : ids) {
    const auto done = take_up_after_crash(id);
    if (!done) {
      logger_.error("workflow.resume.err", "workflow",
                    "run " + id + " cannot be taken up again: " + done.error().message,
                    {{"run", id}});
    } else if (*done) {
      ++resumed;
    }
  }
  return resumed;
}

/// False when the run was put in quarantine, or is not to be taken up any more.
core::Result<bool> SteeringImpl::take_up_after_crash(const std::string& id) {
  const std::lock_guard lock(resting_);
  if (scheduler_->find(id) != nullptr) return false;
  EVERY_TRY_ASSIGN(store::RunRecord record, find_record(store_, id));
  if (record.status != RunStatus::kRunning) return false;
  EVERY_TRY_ASSIGN(const std::uint32_t count, store_.count_resumption(id));
  if (count > kMostResumptions) {
    store::Batch batch;
    batch.ends.push_back({id, RunStatus::kQuarantined,
                          std::string(core::info(ErrorCode::kUnavailable).name),
                          "the node went down " + std::to_string(kMostResumptions) +
                              " times while this run was under way",
                          clock_.wall()});
    EVERY_TRY(store_.commit_and_wait(std::move(batch)));
    logger_.error("workflow.quarantine", "workflow",
                  "run " + id + " is in quarantine: the node went down " +
                      std::to_string(kMostResumptions) +
                      " times while it was under way; `every runs resume " + id + "` lets it go on",
                  {{"run", id}});
    return false;
  }
  if (crash_ != nullptr) crash_->reach(core::CrashPoint::kRunResuming);
  EVERY_TRY(load(record));
  logger_.info("workflow.resume", "workflow", "taking up an unfinished run",
               {{"run", id}, {"workflow_cid", record.workflow.render()}});
  return true;
}

}  // namespace every::runtime
