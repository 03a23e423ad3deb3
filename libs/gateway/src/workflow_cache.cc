#include "workflow_cache.h"

#include <utility>

namespace every::gateway {
namespace {

std::string key_of(std::string_view type, std::string_view body) {
  std::string key;
  key.reserve(type.size() + 1 + body.size());
  return key.append(type).append("\n").append(body);
}

/// A task of a hundred bytes is kept as some dozens of small values, a graph and a block.
std::size_t cost_of(std::string_view key) {
  return (std::size_t{2} << 10) + 16 * key.size();
}

}  // namespace

std::shared_ptr<const ReadWorkflow> WorkflowCache::find(
    std::string_view type, std::string_view body,
    const std::shared_ptr<const workflow::FunctionTable>& functions) {
  const std::string key = key_of(type, body);
  auto entries = entries_.lock();
  const auto found = entries->index.find(key);
  if (found == entries->index.end() || found->second->workflow->functions != functions)
    return nullptr;
  entries->order.splice(entries->order.begin(), entries->order, found->second);
  return found->second->workflow;
}

void WorkflowCache::put(std::string_view type, std::string_view body,
                        std::shared_ptr<const ReadWorkflow> workflow) {
  if (body.size() > kLargestBody) return;
  std::string key = key_of(type, body);
  auto entries = entries_.lock();
  if (const auto found = entries->index.find(key); found != entries->index.end()) {
    found->second->workflow = std::move(workflow);
    return;
  }
  entries->used += cost_of(key);
  entries->order.push_front({std::move(key), std::move(workflow)});
  entries->index.emplace(entries->order.front().key, entries->order.begin());
  while (entries->used > capacity_) {
    const Entry& last = entries->order.back();
    entries->used -= cost_of(last.key);
    entries->index.erase(last.key);
    entries->order.pop_back();
  }
}

}  // namespace every::gateway
