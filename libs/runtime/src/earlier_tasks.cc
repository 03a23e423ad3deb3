#include "earlier_tasks.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "active_run.h"
#include "instruction_diff.h"

namespace every::runtime {
namespace {

using invocation::Instruction;

constexpr std::size_t kPage = 32;
/// Comparisons for one object; then only the newest runs and equal names count.
constexpr std::size_t kMostCompared = 2'000'000;

std::string func_of(const Instruction& instruction) {
  const auto func = instruction.func();
  return func ? *func : std::string();
}

/// Whether two instructions have to do with one another. in: differ   in how many fields
bool are_related(const Instruction& a, const Instruction& b, bool same_name, std::size_t differ) {
  const bool same_func = func_of(a) == func_of(b);
  const bool same_component = a.rsc == b.rsc;
  if (same_func && (same_component || same_name)) return true;
  // Another function of the same component, or the same of another, with the same arguments.
  return (same_func || same_component) && differ == 1;
}

}  // namespace

void RecordedRun::add(ipld::Cid instruction) {
  index.emplace(instruction, static_cast<std::uint32_t>(instructions.size()));
  instructions.push_back(std::move(instruction));
}

TaskPlace RecordedRun::place(std::uint32_t task) const {
  return {.run = id,
          .run_name = name,
          .accepted = accepted,
          .task = task,
          .name = task < names.size() ? names[task] : std::string(),
          .instruction = instructions[task]};
}

core::Result<RecordedRun> read_run(const store::RunRecord& record,
                                   const invocation::NormalizeUrl& normalize_url) {
  EVERY_TRY_ASSIGN(RunRequest request, decode_request(record, normalize_url));
  RecordedRun run{.id = record.id, .name = record.name, .accepted = record.accepted};
  run.fresh = request.reuse == Reuse::kFresh;
  run.tasks = std::move(request.workflow.workflow.tasks);
  run.names = std::move(request.workflow.task_names);
  run.instructions.reserve(run.tasks.size());
  for (std::uint32_t task = 0; task < run.tasks.size(); ++task) {
    EVERY_TRY_ASSIGN(ipld::Cid instruction, run.tasks[task].run.cid());
    run.add(std::move(instruction));
  }
  return run;
}

EarlierTasks::EarlierTasks(store::Store& store, const invocation::NormalizeUrl& normalize_url,
                           std::string before, Bound bound)
    : store_(store), normalize_url_(normalize_url), before_(std::move(before)), bound_(bound) {}

core::Status EarlierTasks::read_more() {
  EVERY_TRY_ASSIGN(const auto records, store_.list_runs(kPage, before_));
  for (const store::RunRecord& record : records) {
    before_ = record.id;
    if (runs_.size() >= bound_.runs || tasks_ >= bound_.tasks || bytes_ >= bound_.bytes) {
      bounded_ = true;
      return {};
    }
    bytes_ += record.workflow_block.size();
    // One that came over without its workflow, or is damaged, is nothing to compare with.
    auto run = read_run(record, normalize_url_);
    if (!run) continue;
    tasks_ += run->tasks.size();
    runs_.push_back(std::make_shared<const RecordedRun>(std::move(*run)));
  }
  complete_ = records.size() < kPage;
  return {};
}

core::Result<std::shared_ptr<const RecordedRun>> EarlierTasks::run_at(std::size_t place) {
  while (place >= runs_.size() && !complete_ && !bounded_) EVERY_TRY(read_more());
  return place < runs_.size() ? runs_[place] : nullptr;
}

core::Result<std::vector<EarlierTasks::Found>> EarlierTasks::find_equal(
    const ipld::Cid& instruction) {
  std::vector<Found> found;
  for (std::size_t place = 0;; ++place) {
    EVERY_TRY_ASSIGN(const auto run, run_at(place));
    if (run == nullptr) return found;
    const auto at = run->index.find(instruction);
    if (at != run->index.end()) found.push_back({run, at->second});
  }
}

core::Result<std::optional<EarlierTasks::Found>> EarlierTasks::find_nearest(
    const Instruction& task, const std::string& name, const std::string& run_name) {
  using Rank = std::tuple<std::size_t, bool, bool>;  // less is nearer
  std::optional<Found> best;
  Rank best_rank;
  for (std::size_t place = 0;; ++place) {
    EVERY_TRY_ASSIGN(const auto run, run_at(place));
    if (run == nullptr || compared_ > kMostCompared) return best;
    for (std::uint32_t i = 0; i < run->tasks.size(); ++i) {
      const bool same_name = !name.empty() && i < run->names.size() && run->names[i] == name;
      const Instruction& other = run->tasks[i].run;
      ++compared_;
      const std::size_t differ = distance(other, task);
      const Rank rank{differ, !same_name, run->name != run_name};
      if (differ == 0 || (best && rank >= best_rank)) continue;
      if (!are_related(other, task, same_name, differ)) continue;
      best = Found{run, i};
      best_rank = rank;
    }
    // Nothing older can be nearer.
    if (best && best_rank <= Rank{1, false, false}) return best;
  }
}

}  // namespace every::runtime
