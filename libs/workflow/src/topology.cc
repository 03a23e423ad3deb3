#include "topology.h"

#include <algorithm>
#include <functional>
#include <queue>

namespace every::workflow::detail {
namespace {

/// A circle among the nodes that could not be ordered: each of them still waits for another such node, so following any leads into one.
std::vector<std::uint32_t> find_cycle(const std::vector<std::vector<std::uint32_t>>& needs,
                                      const std::vector<std::uint32_t>& waiting) {
  const auto stuck = [&](std::uint32_t node) { return waiting[node] > 0; };
  std::uint32_t node = 0;
  while (!stuck(node)) ++node;
  std::vector<std::uint32_t> path;
  std::vector<bool> seen(needs.size(), false);
  while (!seen[node]) {
    seen[node] = true;
    path.push_back(node);
    node = *std::find_if(needs[node].begin(), needs[node].end(), stuck);
  }
  path.erase(path.begin(), std::find(path.begin(), path.end(), node));
  std::rotate(path.begin(), std::min_element(path.begin(), path.end()), path.end());
  return path;
}

}  // namespace

Sorted sort_by_need(const std::vector<std::vector<std::uint32_t>>& needs) {
  const auto size = static_cast<std::uint32_t>(needs.size());
  std::vector<std::vector<std::uint32_t>> feeds(size);
  std::vector<std::uint32_t> waiting(size, 0);
  std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, std::greater<>> ready;
  for (std::uint32_t node = 0; node < size; ++node) {
    for (const std::uint32_t need : needs[node]) feeds[need].push_back(node);
    waiting[node] = static_cast<std::uint32_t>(needs[node].size());
    if (waiting[node] == 0) ready.push(node);
  }
  Sorted sorted;
  sorted.order.reserve(size);
  while (!ready.empty()) {
    const std::uint32_t node = ready.top();
    ready.pop();
    sorted.order.push_back(node);
    for (const std::uint32_t fed : feeds[node]) {
      if (--waiting[fed] == 0) ready.push(fed);
    }
  }
  if (sorted.order.size() < size) sorted.cycle = find_cycle(needs, waiting);
  return sorted;
}

std::string render_cycle(const std::vector<std::uint32_t>& cycle,
                         const std::vector<std::string>& names) {
  std::string out;
  for (const std::uint32_t node : cycle) out += names[node] + " → ";
  return out + names[cycle.front()];
}

}  // namespace every::workflow::detail
