#pragma once

#include <string>

#include "every/core/metrics.h"
#include "every/runtime/run.h"

namespace every::runtime {

/// What the scheduler counts. source: docs/formats/metrics.md
struct RunMetrics {
  explicit RunMetrics(core::Metrics& metrics)
      : tasks_ok(tasks(metrics, TaskState::kOk)),
        tasks_failed(tasks(metrics, TaskState::kFailed)),
        tasks_skipped(tasks(metrics, TaskState::kSkipped)),
        tasks_cancelled(tasks(metrics, TaskState::kCancelled)),
        replayed(metrics.counter("every_tasks_replayed_total",
                                 "Tasks answered with a result that was known.")),
        runs_completed(runs(metrics, RunState::kCompleted)),
        runs_failed(runs(metrics, RunState::kFailed)),
        runs_cancelled(runs(metrics, RunState::kCancelled)),
        run_time(metrics.histogram("every_run_duration_seconds",
                                   "From accepting a run to its last outcome.",
                                   core::duration_bounds())),
        task_time(metrics.histogram("every_task_duration_seconds",
                                    "From handing a task to the workers to its result.",
                                    core::duration_bounds())),
        compile_time(metrics.histogram("every_compile_duration_seconds",
                                       "Making a component ready to run, compiled before or not.",
                                       core::duration_bounds())),
        commit_time(metrics.histogram("every_store_commit_duration_seconds",
                                      "From giving a batch to the store to its being kept.",
                                      core::duration_bounds())),
        commits_failed(metrics.counter("every_store_commit_failures_total",
                                       "Batches that could not be kept.")),
        known_in_memory(lookups(metrics, "memory")),
        known_in_store(lookups(metrics, "store")),
        not_known(lookups(metrics, "none")),
        alarms(metrics.counter("every_integrity_alarms_total",
                               "Known instructions for which another result was made, or came "
                               "from elsewhere.")) {}

  core::Counter& tasks_ok;
  core::Counter& tasks_failed;
  core::Counter& tasks_skipped;
  core::Counter& tasks_cancelled;
  core::Counter& replayed;
  core::Counter& runs_completed;
  core::Counter& runs_failed;
  core::Counter& runs_cancelled;
  core::Histogram& run_time;
  core::Histogram& task_time;
  core::Histogram& compile_time;
  core::Histogram& commit_time;
  core::Counter& commits_failed;
  core::Counter& known_in_memory;
  core::Counter& known_in_store;
  core::Counter& not_known;
  core::Counter& alarms;

  [[nodiscard]] core::Counter& of(TaskState state) const {
    switch (state) {
      case TaskState::kOk:
        return tasks_ok;
      case TaskState::kSkipped:
        return tasks_skipped;
      case TaskState::kCancelled:
        return tasks_cancelled;
      default:
        return tasks_failed;
    }
  }
  [[nodiscard]] core::Counter& of(RunState state) const {
    switch (state) {
      case RunState::kCompleted:
        return runs_completed;
      case RunState::kCancelled:
        return runs_cancelled;
      default:
        return runs_failed;
    }
  }

 private:
  static core::Counter& tasks(core::Metrics& metrics, TaskState state) {
    return metrics.counter("every_tasks_total", "Tasks by how they ended, replayed ones included.",
                           {{"outcome", std::string(render_state(state))}});
  }
  static core::Counter& runs(core::Metrics& metrics, RunState state) {
    return metrics.counter("every_runs_total", "Runs by how they ended.",
                           {{"state", std::string(render_state(state))}});
  }
  static core::Counter& lookups(core::Metrics& metrics, const char* found) {
    return metrics.counter("every_result_lookups_total",
                           "Look-ups of known results by where they were found.",
                           {{"found", found}});
  }
};

}  // namespace every::runtime
