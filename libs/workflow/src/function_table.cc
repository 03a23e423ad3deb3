#include <algorithm>
#include <set>

#include "every/core/text.h"
#include "every/workflow/short_form.h"

namespace every::workflow {
namespace {

constexpr std::size_t kMostListed = 30;

std::string snake(std::string text) {
  std::replace(text.begin(), text.end(), '-', '_');
  return text;
}

/// Every spelling a function is found by, without its component's label.
std::set<std::string> spellings(const NamedFunction& function) {
  std::set<std::string> out = {function.listed_name};
  if (function.type != nullptr) {
    const wit::Function& type = *function.type;
    const std::string qualified = type.qualified_name();
    const std::string interface = qualified.substr(
        0, qualified.size() - type.name.size());  // with its `#`; empty at the root
    out.insert({qualified, interface + snake(type.name), type.listed_name(), type.full_name()});
    if (!interface.empty()) {
      // A `#` ends an address; a `.` stands in it as it is.
      const std::string dotted = interface.substr(0, interface.size() - 1) + ".";
      const std::string listed = type.listed_name();
      out.insert({dotted + type.name, dotted + snake(type.name),
                  dotted + listed.substr(listed.find('#') + 1)});
    }
  }
  return out;
}

std::string list_of(std::vector<std::string> names) {
  const std::size_t left_out = names.size() > kMostListed ? names.size() - kMostListed : 0;
  if (left_out > 0) names.resize(kMostListed);
  if (left_out > 0) names.push_back(std::to_string(left_out) + " more");
  return core::join_words(names);
}

}  // namespace

FunctionTable::FunctionTable(std::vector<NamedFunction> functions)
    : functions_(std::move(functions)) {
  for (std::size_t i = 0; i < functions_.size(); ++i) {
    for (const std::string& spelling : spellings(functions_[i])) {
      by_spelling_[spelling].push_back(i);
      if (!functions_[i].label.empty())
        by_spelling_[functions_[i].label + "::" + spelling].push_back(i);
    }
  }
}

std::vector<std::string> FunctionTable::listed_names() const {
  std::vector<std::string> names;
  std::set<std::string_view> seen;
  for (const NamedFunction& function : functions_) {
    if (seen.insert(function.listed_name).second) names.push_back(function.listed_name);
  }
  return names;
}

const NamedFunction* FunctionTable::find_in(const ipld::Cid& component,
                                            std::string_view name) const {
  const auto found = by_spelling_.find(name);
  if (found == by_spelling_.end()) return nullptr;
  for (const std::size_t i : found->second) {
    if (functions_[i].component == component) return &functions_[i];
  }
  return nullptr;
}

core::Result<const NamedFunction*> FunctionTable::find(std::string_view name) const {
  const auto found = by_spelling_.find(name);
  if (found == by_spelling_.end()) {
    const std::vector<std::string> names = listed_names();
    std::string message = "there is no function `" + core::shorten(name, 100) + "`";
    if (const std::string_view near = core::nearest(name, names); !near.empty())
      message += "; did you mean `" + std::string(near) + "`?";
    message += names.empty() ? "; no functions are loaded" : "; loaded are " + list_of(names);
    return core::fail(core::ErrorCode::kNotFound, std::move(message));
  }
  const NamedFunction* first = &functions_[found->second.front()];
  std::vector<std::string> several;
  for (const std::size_t i : found->second) {
    const NamedFunction& other = functions_[i];
    // The same component given twice is no choice to make.
    const bool same = other.component == first->component && other.type != nullptr &&
                      first->type != nullptr && other.type->full_name() == first->type->full_name();
    if (several.empty() || !same)
      several.push_back("`" + distinct_spelling(i) + "` (component " + other.component.render() +
                        ")");
  }
  if (several.size() == 1) return first;
  return core::fail(core::ErrorCode::kConflict,
                    "several components export `" + std::string(name) +
                        "`; write which one: " + list_of(std::move(several)));
}

std::string FunctionTable::spelling(const NamedFunction& function) const {
  const auto found = by_spelling_.find(function.listed_name);
  // The same component given twice is no choice to make.
  if (found != by_spelling_.end() && this->find(function.listed_name)) return function.listed_name;
  const auto index = static_cast<std::size_t>(&function - functions_.data());
  return distinct_spelling(index);
}

std::string FunctionTable::distinct_spelling(std::size_t index) const {
  const NamedFunction& function = functions_[index];
  const std::string prefix = function.label.empty() ? "" : function.label + "::";
  for (const std::string& name :
       {function.listed_name,
        function.type != nullptr ? function.type->full_name() : function.listed_name}) {
    const auto found = by_spelling_.find(prefix + name);
    if (found != by_spelling_.end() && found->second.size() == 1) return prefix + name;
  }
  return prefix + function.listed_name;
}

}  // namespace every::workflow
