#include "fork.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "active_run.h"

#include "every/core/text.h"
#include "every/ipld/dag_json.h"
#include "every/wit/coerce.h"
#include "every/workflow/graph.h"

namespace every::runtime {
namespace {

using core::ErrorCode;
using invocation::Await;
using invocation::Instruction;

std::string shown(const ipld::Value& value) {
  constexpr std::size_t kLongest = 60;
  const auto json = ipld::dag_json::encode(value);
  return core::shorten(json.value_or("?"), kLongest);
}

core::Result<std::uint32_t> find_task(const workflow::NamedWorkflow& workflow,
                                      const std::string& name) {
  const auto& names = workflow.task_names;
  if (const auto found = std::ranges::find(names, name); found != names.end())
    return static_cast<std::uint32_t>(found - names.begin());
  const std::string_view near = core::nearest(name, names);
  return core::fail(ErrorCode::kNotFound,
                    "the run has no task '" + name + "'; " +
                        (near.empty() ? "its tasks are " + core::join_words(names)
                                      : "did you mean " + std::string(near) + "?"));
}

/// The place of an argument: its name in WIT or as JavaScript spells it, or its number from 0.
core::Result<std::size_t> find_argument(const wit::Function& function, const std::string& name) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < function.params.size(); ++i) {
    names.push_back(function.params[i].name);
    if (name == names.back() || name == wit::to_camel(names.back())) return i;
  }
  std::size_t index = 0;
  const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), index);
  if (problem == std::errc() && end == name.data() + name.size() && index < names.size())
    return index;
  return core::fail(ErrorCode::kNotFound,
                    "fn " + function.listed_name() + " has no argument '" + name + "'; " +
                        (names.empty() ? "it takes none" : "it takes " + core::join_words(names)));
}

core::Result<ipld::Value> fit(const ipld::Value& value, const wit::Param& param) {
  auto fitting = wit::normalise(value, *param.type, "", [](const ipld::Value& part) {
    return Await::parse(part).has_value();
  });
  if (fitting) return std::move(*fitting);
  const wit::Violation& first = fitting.error().front();
  return core::fail(ErrorCode::kInvalidArgument,
                    "argument '" + param.name + "'" +
                        (first.path.empty() ? "" : ", at " + first.path + ",") + " " +
                        first.message + "; got " + shown(value) + " (its type is " +
                        wit::render(*param.type) + ")");
}

class Planner {
 public:
  Planner(workflow::NamedWorkflow original, workflow::Graph graph, const FunctionOf& function_of)
      : graph_(std::move(graph)), function_of_(function_of) {
    plan_.workflow = std::move(original);
    why_.resize(plan_.workflow.workflow.tasks.size());
  }

  core::Result<ForkPlan> make(const ForkRequest& request) {
    EVERY_TRY_ASSIGN(plan_.task, find_task(plan_.workflow, request.task));
    find_anew();
    if (request.component) EVERY_TRY(change_component(*request.component));
    EVERY_TRY(change_arguments(request.arguments));
    EVERY_TRY(follow_awaits());
    return std::move(plan_);
  }

 private:
  Instruction& run_of(std::uint32_t task) { return plan_.workflow.workflow.tasks[task].run; }
  /// Equal tasks are one: what changes in one of them changes in all.
  const std::vector<std::uint32_t>& same_as(std::uint32_t task) const {
    return graph_.nodes[graph_.node_of[task]].tasks;
  }

  void find_anew() {
    const std::vector<bool> anew = nodes_from(graph_, plan_.task);
    for (std::uint32_t task = 0; task < graph_.node_of.size(); ++task) {
      if (anew[graph_.node_of[task]]) plan_.anew.push_back(task);
    }
  }

  // Of the tasks that are done anew, those that have the component of the first: a function that was mended is meant wherever it is called.
  core::Status change_component(const ipld::Cid& component) {
    EVERY_TRY_ASSIGN(const ipld::Cid was, run_of(plan_.task).component());
    if (was == component) return {};
    for (const std::uint32_t task : plan_.anew) {
      const auto has = run_of(task).component();
      if (!has || *has != was) continue;
      run_of(task).rsc = "ipfs://" + component.render();
      why_[task].push_back("component " + was.render() + " → " + component.render());
      auto function = function_of_(run_of(task));
      if (!function) return core::fail(std::move(function).error().in("the new component"));
      plan_.workflow.functions[task] = std::move(*function);
    }
    return {};
  }

  core::Status change_arguments(const ipld::Map& arguments) {
    if (arguments.empty()) return {};
    EVERY_TRY_ASSIGN(const auto function, function_of_(run_of(plan_.task)));
    EVERY_TRY_ASSIGN(const ipld::List* given, run_of(plan_.task).args());
    ipld::List args = *given;
    std::vector<std::string> why;
    for (const ipld::MapEntry& entry : arguments) {
      EVERY_TRY_ASSIGN(const std::size_t index, find_argument(*function, entry.key));
      EVERY_TRY_ASSIGN(ipld::Value value, fit(entry.value, function->params[index]));
      // Options that were left out at the end.
      if (args.size() <= index) args.resize(index + 1);
      if (args[index] == value) continue;
      why.push_back("argument " + function->params[index].name + ": " + shown(args[index]) + " → " +
                    shown(value));
      args[index] = std::move(value);
    }
    for (const std::uint32_t task : same_as(plan_.task)) {
      set_args(task, args);
      why_[task].insert(why_[task].end(), why.begin(), why.end());
    }
    return {};
  }

  void set_args(std::uint32_t task, ipld::List args) {
    ipld::Map input = *run_of(task).input.if_map();
    input.set("args", ipld::Value(std::move(args)));
    run_of(task).input = ipld::Value(std::move(input));
  }

  // Who awaits a task names its instruction, which is another one now.
  core::Status follow_awaits() {
    std::map<ipld::Cid, ipld::Cid> now;
    for (const std::uint32_t node : graph_.order) {
      const ipld::Cid& was = graph_.nodes[node].instruction;
      for (const std::uint32_t task : graph_.nodes[node].tasks) {
        EVERY_TRY_ASSIGN(const ipld::List* args, run_of(task).args());
        bool moved = false;
        EVERY_TRY_ASSIGN(
            ipld::Value followed,
            invocation::replace_awaits(ipld::Value(*args),
                                       [&](const Await& await) -> core::Result<ipld::Value> {
                                         const auto found = now.find(await.instruction);
                                         if (found == now.end()) return await.render();
                                         moved = true;
                                         return Await{await.branch, found->second}.render();
                                       }));
        if (moved) {
          set_args(task, std::move(*followed.if_list()));
          why_[task].push_back("awaits a task that is another one now");
        }
        EVERY_TRY_ASSIGN(const ipld::Cid instruction, run_of(task).cid());
        if (instruction == was) continue;
        now.insert_or_assign(was, instruction);
        plan_.changes.push_back(
            {task, plan_.workflow.task_names[task], was, instruction, std::move(why_[task])});
      }
    }
    std::ranges::sort(plan_.changes, {}, &TaskChange::task);
    return {};
  }

  const workflow::Graph graph_;
  const FunctionOf& function_of_;
  ForkPlan plan_;
  std::vector<std::vector<std::string>> why_;  // by task
};

}  // namespace

core::Result<ForkPlan> plan_fork(workflow::NamedWorkflow original, const ForkRequest& request,
                                 const FunctionOf& function_of) {
  original.task_names.resize(original.workflow.tasks.size());
  original.functions.resize(original.workflow.tasks.size());
  EVERY_TRY_ASSIGN(workflow::Graph graph,
                   workflow::Graph::build(original.workflow, original.task_names));
  return Planner(std::move(original), std::move(graph), function_of).make(request);
}

}  // namespace every::runtime
