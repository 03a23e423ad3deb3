#include "every/workflow/graph.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "topology.h"

namespace every::workflow {
namespace {

std::string name_of(std::uint32_t task, const std::vector<std::string>& names) {
  return task < names.size() && !names[task].empty()
             ? "`" + names[task] + "` (tasks[" + std::to_string(task) + "])"
             : "tasks[" + std::to_string(task) + "]";
}

struct AwaitHash {
  std::size_t operator()(const invocation::Await& await) const {
    return std::hash<ipld::Cid>()(await.instruction) * 3 + static_cast<std::size_t>(await.branch);
  }
};

/// The distinct awaits of a task's arguments, in order of appearance. Only arguments are filled in, so only they count.
std::vector<invocation::Await> distinct_awaits(const invocation::Instruction& run) {
  const auto args = run.args();
  if (!args) return {};
  std::vector<invocation::Await> out;
  std::unordered_set<invocation::Await, AwaitHash> seen;
  for (const ipld::Value& arg : **args) {
    for (invocation::Await& await : invocation::find_awaits(arg)) {
      if (seen.insert(await).second) out.push_back(std::move(await));
    }
  }
  return out;
}

/// What each node runs. Neighbours mostly run the same, and to read a CID costs more than to compare the text.
void name_components(const invocation::Workflow& workflow, std::vector<Node>& nodes) {
  const Node* before = nullptr;
  for (Node& node : nodes) {
    const invocation::Instruction& run = workflow.tasks[node.task].run;
    if (before != nullptr && workflow.tasks[before->task].run.rsc == run.rsc) {
      node.component = before->component;
    } else if (auto component = run.component()) {
      node.component = std::move(*component);
    }
    before = &node;
  }
}

void sort_once_each(std::vector<std::uint32_t>& indices) {
  std::sort(indices.begin(), indices.end());
  indices.erase(std::unique(indices.begin(), indices.end()), indices.end());
}

}  // namespace

core::Result<Graph> Graph::build(const invocation::Workflow& workflow,
                                 const std::vector<std::string>& task_names) {
  if (workflow.tasks.empty()) {
    return core::fail(core::ErrorCode::kInvalidArgument,
                      "the workflow has no tasks; give it at least one in `tasks`");
  }
  Graph graph;
  std::unordered_map<ipld::Cid, std::uint32_t> node_of_instruction;
  graph.node_of.reserve(workflow.tasks.size());
  for (std::uint32_t task = 0; task < workflow.tasks.size(); ++task) {
    auto cid = workflow.tasks[task].run.cid();
    if (!cid)
      return core::fail(core::Error{core::ErrorCode::kInvalidArgument, cid.error().message, {}}.in(
          "task " + name_of(task, task_names) + " cannot be hashed"));
    const auto [at, added] =
        node_of_instruction.try_emplace(*cid, static_cast<std::uint32_t>(graph.nodes.size()));
    if (added) graph.nodes.push_back({std::move(*cid), task, {}, {}, {}});
    graph.nodes[at->second].tasks.push_back(task);
    graph.node_of.push_back(at->second);
  }

  name_components(workflow, graph.nodes);
  std::vector<std::vector<std::uint32_t>> needs(graph.nodes.size());
  for (std::uint32_t node = 0; node < graph.nodes.size(); ++node) {
    for (invocation::Await& await : distinct_awaits(workflow.tasks[graph.nodes[node].task].run)) {
      const auto inside = node_of_instruction.find(await.instruction);
      const std::uint32_t source =
          inside != node_of_instruction.end() ? inside->second : Edge::kOutside;
      graph.nodes[node].needs.push_back({std::move(await), source});
      if (source != Edge::kOutside) needs[node].push_back(source);
    }
    sort_once_each(needs[node]);
    for (const std::uint32_t source : needs[node]) graph.nodes[source].feeds.push_back(node);
  }

  detail::Sorted sorted = detail::sort_by_need(needs);
  if (!sorted.cycle.empty()) {
    std::vector<std::string> names;
    for (const Node& node : graph.nodes) names.push_back(name_of(node.task, task_names));
    return core::fail(core::ErrorCode::kConflict, "tasks await one another in a circle: " +
                                                      detail::render_cycle(sorted.cycle, names));
  }
  graph.order = std::move(sorted.order);
  return graph;
}

}  // namespace every::workflow
