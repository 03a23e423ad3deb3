#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace every::workflow::detail {

/// What sorting by dependency gives: an order, or a circle that makes one impossible.
struct Sorted {
  std::vector<std::uint32_t>
      order;  ///< each after all it needs; of those that could come next, the lowest index first
  std::vector<std::uint32_t>
      cycle;  ///< not empty: each needs the next, and the last the first; begins with its lowest index
};

/// in: needs   for each node the nodes it needs; duplicates and itself allowed
/// cost: O((nodes + edges) log nodes)
Sorted sort_by_need(const std::vector<std::vector<std::uint32_t>>& needs);

/// `a → b → a`, with the names the nodes have.
std::string render_cycle(const std::vector<std::uint32_t>& cycle,
                         const std::vector<std::string>& names);

}  // namespace every::workflow::detail
