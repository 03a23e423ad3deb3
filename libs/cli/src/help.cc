#include "help.h"

#include <algorithm>
#include <map>

#include "verb_table.h"

namespace every::cli {
namespace {

constexpr std::size_t kWidth = 100;
constexpr std::string_view kExamples =
    "  every dev --fn math.wasm                   serve the functions of math.wasm on port 3000\n"
    "  curl localhost:3000/run --json @add.json   run a workflow there\n"
    "  every run add.json --fn math.wasm          run one without a server\n"
    "  every call add 3.1 5.2 --fn math.wasm      call one function\n"
    "  every runs                                 what ran, newest first\n";

/// Two columns; the second one is wrapped.
class Columns {
 public:
  void add(std::string left, std::string right) {
    rows_.emplace_back(std::move(left), std::move(right));
  }
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  [[nodiscard]] std::string render() const {
    std::size_t left = 0;
    for (const auto& row : rows_) left = std::max(left, row.first.size());
    std::string text;
    for (const auto& [name, help] : rows_) {
      text += "  " + name + std::string(left - name.size(), ' ');
      std::size_t column = left + 2;
      std::string gap = "  ";
      for (std::size_t at = 0; at < help.size();) {
        const std::size_t end = std::min(help.find(' ', at), help.size());
        if (column + gap.size() + (end - at) > kWidth) {
          text += "\n" + std::string(left + 4, ' ');
          column = left + 4;
          gap.clear();
        }
        text += gap + help.substr(at, end - at);
        column += gap.size() + (end - at);
        gap = " ";
        at = end + 1;
      }
      text += "\n";
    }
    return text;
  }

 private:
  std::vector<std::pair<std::string, std::string>> rows_;
};

std::string left_of(const Option& option) {
  return option.value.empty() ? option.name : option.name + " " + option.value;
}

std::string usage_of(const VerbInfo& verb, const Options& options) {
  std::string usage = "Usage: every " + std::string(verb.name) + " [OPTIONS]";
  for (const Option& option : options.items()) {
    if (!option.is_positional()) continue;
    const std::string word = option.many ? option.name + "..." : option.name;
    usage += " " + (option.required ? word : "[" + word + "]");
  }
  return usage + "\n";
}

/// The codes of the error table, those with the same number on one line.
std::string exit_codes() {
  std::map<int, std::string> names;
  for (const auto& row : core::error_codes()) {
    std::string& list = names[row.exit_code];
    list += (list.empty() ? "" : ", ") + std::string(row.name);
  }
  Columns columns;
  columns.add("0", "done");
  for (const auto& [code, list] : names) columns.add(std::to_string(code), list);
  return columns.render();
}

}  // namespace

std::string help_text() {
  Columns verbs;
  for (const VerbInfo* verb : verb_table())
    verbs.add(std::string(verb->name), std::string(verb->summary));
  Columns options;
  options.add("-h, --help", "This text; every COMMAND --help tells what a command takes");
  options.add("-v, --version", "The version");
  return "Runs workflows of content-addressed WebAssembly component functions.\n\n"
         "Usage: every [COMMAND] [OPTIONS]      (without a command: every " +
         std::string(verb_table().front()->name) + ")\n\nAvailable Commands:\n" + verbs.render() +
         "\nOptions:\n" + options.render() + "\nExamples:\n" + std::string(kExamples) +
         "\nExit codes:\n" + exit_codes();
}

std::string help_text(const VerbInfo& verb, const Options& options) {
  std::string text = std::string(verb.summary) + ".\n\n" + usage_of(verb, options);
  Columns words;
  for (const Option& option : options.items()) {
    if (option.is_positional()) words.add(option.name, option.help);
  }
  if (!words.empty()) text += "\n" + words.render();

  std::string title = "Options";
  Columns columns;
  auto heading = options.headings().begin();
  const auto close = [&text, &title, &columns] {
    if (!columns.empty()) text += "\n" + title + ":\n" + columns.render();
    columns = {};
  };
  for (std::size_t i = 0; i < options.items().size(); ++i) {
    for (; heading != options.headings().end() && heading->first == i; ++heading) {
      close();
      title = heading->second;
    }
    const Option& option = options.items()[i];
    if (!option.is_positional()) columns.add(left_of(option), option.help);
  }
  close();

  Columns below;
  for (const VerbInfo* other : verb_table()) {
    if (other->name.starts_with(std::string(verb.name) + " "))
      below.add("every " + std::string(other->name), std::string(other->summary));
  }
  if (!below.empty()) text += "\nSee also:\n" + below.render();
  if (!verb.examples.empty()) text += "\nExamples:\n" + std::string(verb.examples);
  return text;
}

}  // namespace every::cli
