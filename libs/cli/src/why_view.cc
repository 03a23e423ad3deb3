#include "why_view.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "answer.h"
#include "run_view.h"
#include "times.h"

#include "every/core/printable.h"
#include "every/core/text.h"

namespace every::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostListed = 30;
constexpr std::size_t kTitle = 12;  ///< room for what stands before a value

const json::object* object_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr ? value->if_object() : nullptr;
}

std::string shown(const json::object& object, std::string_view key) {
  return core::printable_line(text_at(object, key));
}

std::string line(std::string_view title, const std::string& text, std::size_t indent = 2) {
  std::string out(indent, ' ');
  out += title;
  const std::size_t room = indent + kTitle;
  if (text_width(out) < room) out += std::string(room - text_width(out), ' ');
  return out + "  " + text + "\n";
}

std::string task_name(const json::object& place) {
  const std::string name = shown(place, "name");
  return name.empty() ? std::to_string(count_at(place, "task")) : name;
}

/// `task b of run 06h… (test), accepted 2026-11-27 10:48:38 UTC`
std::string place_text(const json::object& place) {
  std::string text = "task " + task_name(place) + " of run " + shown(place, "run");
  if (const std::string name = shown(place, "run_name"); !name.empty()) text += " (" + name + ")";
  return text + ", accepted " + short_time(text_at(place, "accepted")) + " UTC";
}

std::string value_or_none(const json::object& difference, std::string_view key) {
  const std::string text = shown(difference, key);
  return text.empty() ? "(none)" : text;
}

/// `rust, built 2026-11-27 10:48:38 UTC; rustc 1.89.0, wit-bindgen 0.41`
std::string build_text(const json::object& build) {
  std::string text =
      shown(build, "language") + ", built " + short_time(text_at(build, "built")) + " UTC";
  if (const json::object* tools = object_at(build, "tools")) {
    std::string list;
    for (const auto& [name, version] : *tools) {
      if (!version.is_string()) continue;
      list += (list.empty() ? "; " : ", ") + core::printable_line(name) + " " +
              core::shorten(core::printable_line(version.as_string()), 40);
    }
    text += list;
  }
  return text;
}

std::string component_text(const json::object& difference) {
  std::string out = line("component", "before  " + value_or_none(difference, "before"), 4);
  const auto build = [&](std::string_view key) {
    const json::object* found = object_at(difference, key);
    return found != nullptr ? build_text(*found) : std::string("no record of its build here");
  };
  out += line("", "        " + build("before_build"), 4);
  out += line("", "now     " + value_or_none(difference, "after"), 4);
  out += line("", "        " + build("after_build"), 4);
  for (const std::string& change : texts_at(difference, "build_changes"))
    out += line("", "· " + core::printable_line(change), 4);
  return out;
}

std::string difference_text(const json::object& difference) {
  const std::string field = text_at(difference, "field");
  if (field == "component") return component_text(difference);
  if (field == "await") {
    return line(shown(difference, "path"), "awaits another instruction than before (see below)", 4);
  }
  const std::string path = shown(difference, "path");
  return line(path.empty() ? field : path,
              value_or_none(difference, "before") + " → " + value_or_none(difference, "after"), 4);
}

/// Steps between the task and where the change began are told in a line.
bool only_awaits(const json::object& change) {
  return std::ranges::all_of(list_at(change, "differences"), [](const json::value& difference) {
    return difference.is_object() && text_at(difference.as_object(), "field") == "await";
  });
}

std::string change_text(const json::array& changes, const json::object& change) {
  const json::object* task = object_at(change, "task");
  const json::object* earlier = object_at(change, "earlier");
  if (task == nullptr || earlier == nullptr) return {};
  std::string out = "  task " + task_name(*task);
  if (const auto* by = change.if_contains("awaited_by"); by != nullptr && by->is_number()) {
    const std::size_t at = by->to_number<std::size_t>();
    const json::object* upper = at < changes.size() ? changes[at].if_object() : nullptr;
    const json::object* upper_task = upper != nullptr ? object_at(*upper, "task") : nullptr;
    if (upper_task != nullptr) out += ", which task " + task_name(*upper_task) + " awaits,";
  }
  out += " beside task " + task_name(*earlier) + ":\n";
  for (const auto& difference : list_at(change, "differences")) {
    if (difference.is_object()) out += difference_text(difference.as_object());
  }
  if (const std::uint64_t more = count_at(change, "more"); more > 0)
    out += "    and " + std::to_string(more) + " more differences\n";
  return out;
}

std::string changes_text(const json::object& why) {
  const json::array& changes = list_at(why, "changes");
  const json::object* first = changes.empty() ? nullptr : changes.front().if_object();
  const json::object* earlier = first != nullptr ? object_at(*first, "earlier") : nullptr;
  if (earlier == nullptr) return {};
  std::string out = "\nnearest before: " + place_text(*earlier) + "\n";
  std::size_t steps = 0;
  for (const auto& value : changes) {
    const json::object* change = value.if_object();
    if (change == nullptr) continue;
    // Of a long way the first step and those where something begins.
    if (change != first && only_awaits(*change)) {
      ++steps;
      continue;
    }
    out += change_text(changes, *change);
  }
  if (steps > 0)
    out += "  between them " + std::to_string(steps) +
           (steps == 1 ? " task differs" : " tasks differ") + " only by what they await (--json)\n";
  return out;
}

std::string known_text(const json::object& known, core::WallNanos now) {
  const bool imported = text_at(known, "provenance") == "imported";
  std::string out = line("receipt", shown(known, "receipt"));
  if (const std::string created = text_at(known, "created"); !created.empty()) {
    const core::WallNanos time = parse_timestamp(created);
    out += line(imported ? "came" : "made",
                short_time(created) + " UTC, " + ago_text(std::chrono::nanoseconds(now - time)));
  }
  if (const json::object* maker = object_at(known, "made_by"))
    out += line("by", place_text(*maker));
  if (const std::string node = shown(known, "node"); !node.empty()) out += line("node", node);
  if (const std::string engine = shown(known, "engine"); !engine.empty())
    out += line("engine", engine);
  for (const std::string& key : texts_at(known, "attested_by"))
    out += line("attested", core::printable_line(key));
  return out;
}

/// The sentence without `task NAME`, which stands before it.
std::string short_sentence(const json::object& why) {
  const std::string sentence = core::printable_line(text_at(why, "sentence"));
  const std::string begin = "task " + task_name(why) + " ";
  return sentence.starts_with(begin) ? sentence.substr(begin.size()) : sentence;
}

/// The text on as many lines as it takes, each after the first indented.
std::string wrapped(const std::string& text, std::size_t indent, std::size_t width) {
  const std::size_t room = std::max<std::size_t>(width > indent ? width - indent : 0, 30);
  std::string out;
  std::size_t used = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    if (used > 0 && used + 1 + text_width(word) > room) {
      out += "\n" + std::string(indent, ' ');
      used = 0;
    }
    if (used > 0) out += ' ';
    out += word;
    used += text_width(word) + (used > 0 ? 1 : 0);
    begin = end + 1;
  }
  return out;
}

}  // namespace

std::string render_why(const json::object& why, core::WallNanos now) {
  std::string out = core::printable_line(text_at(why, "sentence")) + ".\n";
  out += changes_text(why);
  if (const json::object* known = object_at(why, "known")) out += "\n" + known_text(*known, now);
  if (const json::object* earlier = object_at(why, "earlier"))
    out += "\n" + line("the same", place_text(*earlier));
  for (const std::string& cid : texts_at(why, "missing")) out += line("missing", cid);
  out += "\n" + line("function", shown(why, "func"));
  if (const std::string component = text_at(why, "component"); !component.empty())
    out += line("component", core::printable_line(component));
  out += line("instruction", shown(why, "instruction"));
  const json::object* searched = object_at(why, "searched");
  if (searched != nullptr && count_at(*searched, "runs") > 0) {
    const auto* all = searched->if_contains("all");
    const bool is_all = all != nullptr && all->is_bool() && all->as_bool();
    const std::uint64_t runs = count_at(*searched, "runs");
    out += line("looked at", std::to_string(runs) + (runs == 1 ? " earlier run" : " earlier runs") +
                                 (is_all || text_at(why, "reason") != "first"
                                      ? ""
                                      : "; there are older ones, which were not looked at"));
  }
  return out;
}

std::string render_whys(const json::object& whys, std::size_t width) {
  std::vector<const json::object*> ran;
  std::vector<const json::object*> others;
  std::size_t name_width = 0;
  for (const auto& value : list_at(whys, "tasks")) {
    const json::object* why = value.if_object();
    if (why == nullptr) continue;
    const std::string reason = text_at(*why, "reason");
    const bool is_quiet = reason == "hit" || reason == "joined" || reason == "not-run";
    (is_quiet ? others : ran).push_back(why);
    name_width = std::max(name_width, std::min<std::size_t>(20, text_width(task_name(*why))));
  }
  std::string out;
  const auto list = [&](const std::vector<const json::object*>& tasks, const char* what) {
    for (std::size_t i = 0; i < std::min(tasks.size(), kMostListed); ++i) {
      const std::string name = core::shorten(task_name(*tasks[i]), 20);
      const std::size_t pad = name_width - std::min(name_width, text_width(name));
      out += name + std::string(pad + 2, ' ') +
             wrapped(short_sentence(*tasks[i]), name_width + 2, width) + "\n";
    }
    if (tasks.size() > kMostListed)
      out += "and " + std::to_string(tasks.size() - kMostListed) + " more that " + what + "\n";
  };
  list(ran, "ran");
  list(others, "did not run");
  return out.empty() ? "It has no tasks.\n" : out;
}

}  // namespace every::cli
