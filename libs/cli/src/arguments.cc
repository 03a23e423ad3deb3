#include "arguments.h"

#include <algorithm>
#include <filesystem>

#include "help.h"
#include "verb_table.h"

#include "every/core/text.h"

namespace every::cli {
namespace {

using Words = std::vector<std::string>;

Message wrong_use(std::string_view verb, const std::string& what) {
  return {
      "error: " + what + "\nSee: every " + (verb.empty() ? "" : std::string(verb) + " ") + "--help",
      core::info(core::ErrorCode::kInvalidArgument).exit_code};
}

/// Whether a first word can only be a file for `dev`, as in `every hello.wasm`.
bool is_file(const std::string& word) {
  std::error_code problem;
  return word.find_first_of("/.") != std::string::npos || std::filesystem::exists(word, problem);
}

bool asks_for(const Words& words, std::string_view option, std::string_view letter) {
  for (const std::string& word : words) {
    if (word == "--") return false;
    if (word == option || word == letter) return true;
  }
  return false;
}

/// Takes the verb off the front: two words, one word, or the first verb of the table. nullptr when the first word is none.
const VerbInfo* take_verb(Words& words) {
  if (words.empty() || words.front().starts_with('-')) return verb_table().front();
  if (words.size() > 1) {
    if (const VerbInfo* verb = find_verb(words[0] + " " + words[1])) {
      words.erase(words.begin(), words.begin() + 2);
      return verb;
    }
  }
  if (const VerbInfo* verb = find_verb(words.front())) {
    words.erase(words.begin());
    return verb;
  }
  return is_file(words.front()) ? verb_table().front() : nullptr;
}

Message unknown_verb(const Words& words) {
  const std::string& first = words.front();
  Words names;
  Words below;
  for (const VerbInfo* verb : verb_table()) {
    const std::string name(verb->name);
    names.push_back(name.substr(0, name.find(' ')));
    if (name.starts_with(first + " ")) below.push_back("every " + name);
  }
  if (!below.empty())
    return wrong_use({},
                     "every " + first + " needs to know what to do: " + core::join_words(below));
  std::string message = "there is no command '" + first + "'";
  if (const auto near = core::nearest(first, names); !near.empty()) {
    message += "; did you mean every " + std::string(near) + "?";
  } else {
    message += ", and no such file";
  }
  return wrong_use({}, message);
}

}  // namespace

Command parse_arguments(std::vector<std::string> words) {
  if (!words.empty() && words.front() == "cli") words.erase(words.begin());
  const bool help_is_first = !words.empty() && words.front() == "help";
  if (help_is_first) words.erase(words.begin());
  const bool no_verb = words.empty() || words.front().starts_with('-');
  if (no_verb && (help_is_first || asks_for(words, "--help", "-h"))) return Message{help_text(), 0};
  if (asks_for(words, "--version", "-v")) return Message{"every, " EVERY_VERSION, 0};

  const VerbInfo* info = take_verb(words);
  if (info == nullptr) return unknown_verb(words);
  Invocation invocation{info, info->make()};
  Options options;
  invocation.verb->define(options);
  if (help_is_first || asks_for(words, "--help", "-h"))
    return Message{help_text(*info, options), 0};
  if (const auto status = options.parse(words); !status)
    return wrong_use(info->name, status.error().message);
  return invocation;
}

}  // namespace every::cli
