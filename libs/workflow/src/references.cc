#include "references.h"

#include <algorithm>

#include "every/core/text.h"

namespace every::workflow::detail {
namespace {

using core::ErrorCode;

constexpr std::string_view kNeeds = "needs";

const ipld::Value* member(const ipld::Value& value, std::string_view key) {
  const ipld::Map* map = value.if_map();
  return map != nullptr ? map->find(key) : nullptr;
}

const ipld::Value* run_member(const ipld::Value& task, std::string_view key) {
  const ipld::Value* run = member(task, "run");
  return run != nullptr ? member(*run, key) : nullptr;
}

std::unexpected<core::Error> no_value(const Placeholder& placeholder, const std::string& hint) {
  return core::fail(
      ErrorCode::kNotFound,
      "Could not find value for key \"" + std::string(placeholder.key) + "\" in context" + hint);
}

struct Ending {
  std::string_view text;
  invocation::Branch branch;
};
constexpr Ending kEndings[] = {{".output", invocation::Branch::kOk},
                               {".error", invocation::Branch::kError},
                               {".result", invocation::Branch::kAny}};

}  // namespace

TaskNames::TaskNames(const ipld::List& tasks) : tasks_(tasks) {
  names_.reserve(tasks.size());
  for (const ipld::Value& task : tasks) {
    const ipld::Value* name = run_member(task, "name");
    const bool named = name != nullptr && name->if_string() != nullptr;
    if (named) by_name_[*name->if_string()].push_back(static_cast<std::uint32_t>(names_.size()));
    names_.push_back(named ? *name->if_string() : std::string());
  }
}

bool TaskNames::same_work(const std::vector<std::uint32_t>& tasks) const {
  const ipld::Value* first = run_member(tasks_[tasks.front()], "input");
  return std::all_of(tasks.begin() + 1, tasks.end(), [&](std::uint32_t task) {
    const ipld::Value* other = run_member(tasks_[task], "input");
    return first != nullptr && other != nullptr && *first == *other;
  });
}

core::Result<std::uint32_t> TaskNames::find(std::string_view name, std::uint32_t from) const {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return core::fail(ErrorCode::kNotFound, "");
  const std::vector<std::uint32_t>& all = found->second;
  if (all.size() == 1) return all.front();
  const auto bound = std::lower_bound(all.begin(), all.end(), from);
  std::vector<std::uint32_t> candidates(all.begin(), bound);  // the earlier ones
  const bool earlier = !candidates.empty();
  if (!earlier)
    std::copy_if(all.begin(), all.end(), std::back_inserter(candidates),
                 [&](std::uint32_t task) { return task != from; });
  if (candidates.size() == 1 || same_work(candidates))
    return earlier ? candidates.back() : candidates.front();
  std::vector<std::string> places;
  for (const std::uint32_t task : candidates)
    places.push_back("tasks[" + std::to_string(task) + "]");
  return core::fail(ErrorCode::kConflict, "the name `" + std::string(name) + "` could mean " +
                                              core::join_words(places) +
                                              "; give these tasks names of their own");
}

/// in: path   what follows `needs.`
core::Result<Reference> TaskNames::find_need(std::string_view path, std::uint32_t from) const {
  for (const Ending& ending : kEndings) {
    if (!path.ends_with(ending.text)) continue;
    auto task = find(path.substr(0, path.size() - ending.text.size()), from);
    if (task) return Reference{Reference::Form::kAwait, ending.branch, *task};
    if (task.error().code != ErrorCode::kNotFound) return core::fail(std::move(task).error());
  }
  EVERY_TRY_ASSIGN(const std::uint32_t task, find(path, from));
  return Reference{Reference::Form::kTask, invocation::Branch::kOk, task};
}

core::Result<std::variant<Reference, ipld::Value>> TaskNames::resolve(
    const Placeholder& placeholder, std::uint32_t from) const {
  if (placeholder.key == "cid" && placeholder.param) {
    auto cid = ipld::Cid::parse(*placeholder.param);
    if (!cid)
      return core::fail(ErrorCode::kMalformed, "`" + std::string(*placeholder.param) +
                                                   "` is not a CID: " + cid.error().message);
    return ipld::Value(std::move(*cid));
  }
  if (placeholder.key == kNeeds)
    return Reference{Reference::Form::kAll, invocation::Branch::kOk, from};
  std::string hint;
  if (placeholder.key.starts_with("needs.")) {
    const std::string_view path = placeholder.key.substr(kNeeds.size() + 1);
    auto need = find_need(path, from);
    if (need) return *need;
    if (need.error().code != ErrorCode::kNotFound) return core::fail(std::move(need).error());
    const std::string_view near = core::nearest(path.substr(0, path.rfind('.')), names_);
    if (!near.empty()) hint = "; did you mean `needs." + std::string(near) + ".output`?";
  }
  if (placeholder.param) return ipld::Value(*placeholder.param);
  return no_value(placeholder, hint);
}

}  // namespace every::workflow::detail
