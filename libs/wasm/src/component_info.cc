#include <algorithm>
#include <utility>

#include "c_api.h"

#include "every/core/text.h"
#include "every/wasm/executor.h"

namespace every::wasm {

Seed seed_of(const ipld::Cid& instruction) {
  Seed seed{};
  const core::BytesView digest = instruction.digest();
  std::copy_n(digest.begin(), std::min(digest.size(), seed.size()), seed.begin());
  return seed;
}

core::Result<std::shared_ptr<const ComponentInfo>> Executor::prepare_known(const ipld::Cid& cid) {
  return core::fail(core::ErrorCode::kNotFound,
                    "component " + cid.render() + " is not in the cache of compiled code");
}

namespace {

using FunctionPtr = std::shared_ptr<const wit::Function>;

/// The spellings to look for, in the original's order.
core::Result<std::vector<std::string>> spellings(std::string_view name) {
  const auto bytes = core::as_bytes(name);
  EVERY_TRY_ASSIGN(const auto joined, collect([&](every_bytes_t* out, every_bytes_t* error) {
                     return every_export_candidates(bytes.data(), bytes.size(), out, error);
                   }));
  std::vector<std::string> out;
  std::string_view left = core::as_text(joined.view());
  while (true) {
    const auto end = left.find('\0');
    out.emplace_back(left.substr(0, end));
    if (end == std::string_view::npos) return out;
    left.remove_prefix(end + 1);
  }
}

/// `ns:pkg/iface@1.2.3` is meant by its full name, without its version, and by its last part.
bool names_interface(std::string_view full, std::string_view given) {
  if (full == given) return true;
  const auto unversioned = full.substr(0, full.find('@'));
  return given == unversioned || given == unversioned.substr(unversioned.rfind('/') + 1);
}

}  // namespace

core::Result<FunctionPtr> ComponentInfo::find(std::string_view func) const {
  const auto hash = func.rfind('#');
  const auto interface = hash == std::string_view::npos ? std::string_view() : func.substr(0, hash);
  const auto name = hash == std::string_view::npos ? func : func.substr(hash + 1);
  const auto is_here = [&](const FunctionPtr& function) {
    return interface.empty() ? function->interface_name.empty()
                             : names_interface(function->interface_name, interface);
  };
  const auto named = [&](std::string_view candidate) {
    return std::ranges::find_if(functions, [&](const FunctionPtr& function) {
      return function->name == candidate && is_here(function);
    });
  };
  // As given is the first spelling, and nearly always the one.
  if (const auto found = named(name); found != functions.end()) return *found;
  EVERY_TRY_ASSIGN(const auto candidates, spellings(name));
  for (const auto& candidate : candidates) {
    if (const auto found = named(candidate); found != functions.end()) return *found;
  }
  // `a-64-b` is listed as `a64B`, of which no rule makes `a-64-b` again: how each is listed is compared, if only one is listed so.
  const FunctionPtr* listed = nullptr;
  for (const auto& function : functions) {
    if (!is_here(function) || wit::to_camel(function->name) != name) continue;
    if (listed != nullptr) {
      listed = nullptr;
      break;
    }
    listed = &function;
  }
  if (listed != nullptr) return *listed;
  std::vector<std::string> known;
  for (const auto& function : functions) known.push_back(function->qualified_name());
  std::string text = "component " + cid.render() + " has no function `" + std::string(func) + "`";
  text += known.empty() ? "; it exports none" : "; it has " + core::join_words(known);
  if (const auto nearest = core::nearest(func, known); !nearest.empty())
    text += ". Did you mean `" + std::string(nearest) + "`?";
  return core::fail(core::ErrorCode::kNotFound, std::move(text));
}

}  // namespace every::wasm
