#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "every/core/error.h"
#include "every/invocation/invocation.h"
#include "every/ipld/cid.h"

namespace every::workflow {

/// One await of a node: what it needs and where the awaited work is.
struct Edge {
  invocation::Await await;
  /// Index of the node in this graph, or kOutside for an instruction that is not part of the workflow.
  std::uint32_t node = kOutside;
  static constexpr std::uint32_t kOutside = UINT32_MAX;
};

/// One distinct instruction. Equal tasks of a workflow share a node: it runs once and answers each.
struct Node {
  ipld::Cid instruction;   ///< memo key
  std::uint32_t task = 0;  ///< the first task (index into Workflow::tasks) with this instruction
  std::vector<std::uint32_t> tasks;  ///< all of them, ascending
  std::vector<Edge> needs;           ///< distinct (branch, instruction), in order of appearance
  std::vector<std::uint32_t> feeds;  ///< nodes that await this one, ascending, each once
  std::optional<ipld::Cid> component =
      {};  ///< what it runs; none where Instruction::component says why not
};

/// The dependency graph of a workflow. Immutable.
struct Graph {
  std::vector<Node> nodes;  ///< in order of first appearance
  std::vector<std::uint32_t>
      order;  ///< all nodes, each after all it needs (ties by first appearance)
  std::vector<std::uint32_t> node_of;  ///< task index → node

  /// Builds it. `task_names` (may be empty) are used in messages only.
  ///
  /// errors: kConflict awaits that form a cycle, naming the tasks on it in order (only possible where CIDs are not hashes of their content:
  ///         kept as a guard); kInvalidArgument a task whose instruction cannot be hashed, naming it; an empty workflow
  /// cost: linear in tasks and awaits. thread: any
  [[nodiscard]] static core::Result<Graph> build(const invocation::Workflow& workflow,
                                                 const std::vector<std::string>& task_names);
};

}  // namespace every::workflow
