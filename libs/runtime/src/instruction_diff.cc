#include "instruction_diff.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "every/core/text.h"
#include "every/ipld/dag_cbor.h"
#include "every/ipld/dag_json.h"

namespace every::runtime {
namespace {

using Field = Difference::Field;
using invocation::Await;
using invocation::Instruction;

constexpr std::size_t kMostDifferences = 16;
constexpr std::size_t kMostChanges = 12;
constexpr std::size_t kLongest = 72;
/// Above this a value is not written out to be shortened again.
constexpr std::size_t kLargest = std::size_t{64} << 10;

std::string component_text(const Instruction& instruction) {
  const auto cid = instruction.component();
  return cid ? cid->render() : instruction.rsc;
}
std::string func_text(const Instruction& instruction) {
  const auto func = instruction.func();
  return func ? *func : std::string();
}
const ipld::List& args_of(const Instruction& instruction) {
  static const ipld::List kNone;
  const auto args = instruction.args();
  return args ? **args : kNone;
}

/// Finds the values in which two arguments differ.
class ValueDiff {
 public:
  explicit ValueDiff(Differences& out) : out_(out) {}

  void compare(const std::string& path, const ipld::Value& before, const ipld::Value& after) {
    if (before == after) return;
    const auto old_await = Await::parse(before);
    const auto new_await = Await::parse(after);
    if (old_await && new_await && old_await->branch == new_await->branch) {
      return add({.field = Field::kAwait,
                  .path = path,
                  .before = old_await->instruction.render(),
                  .after = new_await->instruction.render()});
    }
    if (!old_await && !new_await && descend(path, before, after)) return;
    add({.path = path, .before = brief(before), .after = brief(after)});
  }
  void add(Difference difference) {
    if (out_.list.size() < kMostDifferences) {
      out_.list.push_back(std::move(difference));
    } else {
      ++out_.more;
    }
  }

 private:
  /// Lists of one length and maps are told by what they hold; false: they are told whole.
  bool descend(const std::string& path, const ipld::Value& before, const ipld::Value& after) {
    const auto* old_list = before.if_list();
    const auto* new_list = after.if_list();
    if (old_list != nullptr && new_list != nullptr && old_list->size() == new_list->size()) {
      for (std::size_t i = 0; i < old_list->size(); ++i)
        compare(path + "[" + std::to_string(i) + "]", (*old_list)[i], (*new_list)[i]);
      return true;
    }
    const auto* old_map = before.if_map();
    const auto* new_map = after.if_map();
    if (old_map == nullptr || new_map == nullptr) return false;
    for (const ipld::MapEntry& entry : *old_map) {
      const ipld::Value* other = new_map->find(entry.key);
      if (other != nullptr) {
        compare(path + "." + entry.key, entry.value, *other);
      } else {
        add({.path = path + "." + entry.key, .before = brief(entry.value), .after = {}});
      }
    }
    for (const ipld::MapEntry& entry : *new_map) {
      if (old_map->find(entry.key) == nullptr)
        add({.path = path + "." + entry.key, .before = {}, .after = brief(entry.value)});
    }
    return true;
  }

  Differences& out_;
};

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// `what` stands before the name. Values are told where they are for people.
enum class Tell : std::uint8_t { kValues, kNames };
void compare_pairs(const std::string& what, const Pairs& before, const Pairs& after, Tell tell,
                   std::vector<std::string>& out) {
  const std::map<std::string, std::string> old_ones(before.begin(), before.end());
  const std::map<std::string, std::string> new_ones(after.begin(), after.end());
  for (const auto& [name, value] : old_ones) {
    const auto found = new_ones.find(name);
    if (found == new_ones.end()) {
      out.push_back(what + " " + name + " is gone");
    } else if (found->second != value) {
      out.push_back(what + " " + name +
                    (tell == Tell::kNames ? " changed"
                                          : ": " + core::shorten(value, kLongest) + " → " +
                                                core::shorten(found->second, kLongest)));
    }
  }
  for (const auto& [name, value] : new_ones) {
    if (!old_ones.contains(name)) out.push_back(what + " " + name + " is new");
  }
}

}  // namespace

std::size_t distance(const Instruction& a, const Instruction& b) {
  std::size_t count = (a.rsc != b.rsc ? 1U : 0U) + (a.op != b.op ? 1U : 0U) +
                      (a.nnc != b.nnc ? 1U : 0U) + (func_text(a) != func_text(b) ? 1U : 0U);
  const ipld::List& first = args_of(a);
  const ipld::List& second = args_of(b);
  const std::size_t both = std::min(first.size(), second.size());
  count += std::max(first.size(), second.size()) - both;
  for (std::size_t i = 0; i < both; ++i) count += first[i] == second[i] ? 0U : 1U;
  return count;
}

Differences diff(const Instruction& before, const Instruction& after) {
  Differences out;
  ValueDiff values(out);
  const auto text = [&](Field field, const std::string& old_text, const std::string& new_text) {
    if (old_text != new_text)
      values.add({.field = field, .path = {}, .before = old_text, .after = new_text});
  };
  // The address is hashed as it stands: the same component under another one is another instruction.
  if (component_text(before) == component_text(after)) {
    text(Field::kComponent, before.rsc, after.rsc);
  } else {
    text(Field::kComponent, component_text(before), component_text(after));
  }
  text(Field::kOperation, before.op, after.op);
  text(Field::kFunction, func_text(before), func_text(after));
  if (before.nnc != after.nnc) {
    values.add({.field = Field::kNonce,
                .path = {},
                .before = before.nnc.empty() ? std::string() : brief(before.nnc.render()),
                .after = after.nnc.empty() ? std::string() : brief(after.nnc.render())});
  }
  const ipld::List& old_args = args_of(before);
  const ipld::List& new_args = args_of(after);
  for (std::size_t i = 0; i < std::max(old_args.size(), new_args.size()); ++i) {
    const std::string path = "args[" + std::to_string(i) + "]";
    if (i >= new_args.size()) {
      values.add({.path = path, .before = brief(old_args[i]), .after = {}});
    } else if (i >= old_args.size()) {
      values.add({.path = path, .before = {}, .after = brief(new_args[i])});
    } else {
      values.compare(path, old_args[i], new_args[i]);
    }
  }
  return out;
}

std::vector<std::string> build_changes(const BuildNote& before, const BuildNote& after) {
  std::vector<std::string> out;
  if (before.language != after.language)
    out.push_back("language: " + before.language + " → " + after.language);
  compare_pairs("file", before.files, after.files, Tell::kNames, out);
  compare_pairs("tool", before.tools, after.tools, Tell::kValues, out);
  compare_pairs("option", before.options, after.options, Tell::kValues, out);
  if (out.empty()) out.emplace_back("the same files, tools and options gave another component");
  if (out.size() > kMostChanges) {
    const std::size_t more = out.size() - kMostChanges;
    out.resize(kMostChanges);
    out.push_back("and " + std::to_string(more) + " more");
  }
  return out;
}

std::string brief(const ipld::Value& value) {
  const std::size_t size = ipld::dag_cbor::encoded_size(value);
  if (size > kLargest) {
    return "(" + std::string(ipld::kind_name(value.kind())) + " of " + std::to_string(size) +
           " bytes)";
  }
  const auto json = ipld::dag_json::encode(value);
  return json ? core::shorten(*json, kLongest) : "(no DAG-JSON)";
}

}  // namespace every::runtime
