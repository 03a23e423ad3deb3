#include "shell_scripts.h"

#include <functional>
#include <map>
#include <set>
#include <vector>

#include "verb_table.h"

namespace every::cli {
namespace {

/// A verb with what it takes; the verb is kept, since its options write into it.
struct Entry {
  const VerbInfo* info = nullptr;
  std::unique_ptr<Verb> verb;
  Options options;
};

std::vector<Entry> entries() {
  std::vector<Entry> list;
  for (const VerbInfo* info : verb_table()) {
    Entry entry{info, info->make(), {}};
    entry.verb->define(entry.options);
    list.push_back(std::move(entry));
  }
  return list;
}

/// First words of the verbs, and below each the second ones.
std::map<std::string, std::vector<std::string>> words() {
  std::map<std::string, std::vector<std::string>> tree;
  for (const VerbInfo* info : verb_table()) {
    const std::string name(info->name);
    const auto blank = name.find(' ');
    auto& below = tree[name.substr(0, blank)];
    if (blank != std::string::npos) below.push_back(name.substr(blank + 1));
  }
  return tree;
}

std::string join(const std::vector<std::string>& list) {
  std::string text;
  for (const std::string& word : list) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string first_words() {
  std::vector<std::string> list;
  for (const auto& [word, below] : words()) list.push_back(word);
  return join(list);
}

/// In single quotes, for every one of the three shells.
std::string quote(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

/// Help without what `_arguments` of zsh would act on.
std::string zsh_help(const std::string& help) {
  std::string out;
  for (const char c : help) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string bash_values(const Option& option) {
  if (!option.choices.empty())
    return "COMPREPLY=($(compgen -W " + quote(join(option.choices)) + " -- \"$current\"))";
  if (option.completion == Completion::kFiles)
    return "compopt -o filenames; COMPREPLY=($(compgen -f -- \"$current\"))";
  if (option.completion == Completion::kDirectories)
    return "compopt -o filenames; COMPREPLY=($(compgen -d -- \"$current\"))";
  return "COMPREPLY=()";
}

}  // namespace

std::string bash_completions() {
  std::string verbs;
  for (const Entry& entry : entries()) {
    std::vector<std::string> names{"--help"};
    std::string values;
    std::string files;
    for (const Option& option : entry.options.items()) {
      if (option.is_positional()) {
        if (option.completion != Completion::kNone || !option.choices.empty())
          files = bash_values(option);
        continue;
      }
      names.push_back(option.name);
      if (!option.value.empty())
        values += "        " + option.name + ") " + bash_values(option) + "; return ;;\n";
    }
    std::string below;
    for (const auto& [word, list] : words()) {
      if (word == entry.info->name) below = join(list);
    }
    verbs += "    " + quote(entry.info->name) + ")\n";
    if (!values.empty()) verbs += "      case $previous in\n" + values + "      esac\n";
    verbs += "      options=" + quote(join(names)) + "\n";
    if (!below.empty()) verbs += "      words=" + quote(below) + "\n";
    if (!files.empty()) verbs += "      places=" + quote(files) + "\n";
    verbs += "      ;;\n";
  }
  std::string groups;
  for (const auto& [word, list] : words()) {
    if (!list.empty() && find_verb(word) == nullptr)
      groups += "    " + word + ") words=" + quote(join(list)) + " ;;\n";
  }
  std::string two_words;
  for (const auto& [word, list] : words()) {
    for (const std::string& second : list)
      two_words += (two_words.empty() ? "" : "|") + quote(word + " " + second);
  }
  if (two_words.empty()) two_words = "''";
  return "# Completions of every for bash. Load them with: source <(every completions bash)\n"
         "_every() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
         "  local verb=${COMP_WORDS[1]} options= words= places=\n"
         "  COMPREPLY=()\n"
         "  if [[ $previous == '=' ]]; then previous=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
         "  if [[ $current == '=' ]]; then current= ; fi\n"
         "  if ((COMP_CWORD == 1)); then\n"
         "    if [[ $current == -* ]]; then verb=dev; else\n"
         "      compopt -o filenames\n"
         "      COMPREPLY=($(compgen -W " +
         quote(first_words() + " help") +
         " -- \"$current\") $(compgen -f -- \"$current\"))\n"
         "      return\n"
         "    fi\n"
         "  fi\n"
         "  if ((COMP_CWORD > 2)); then\n"
         "    case \"$verb ${COMP_WORDS[2]}\" in " +
         two_words +
         ") verb=\"$verb ${COMP_WORDS[2]}\" ;; esac\n"
         "  fi\n"
         "  case $verb in\n"
         "    help) words=" +
         quote(first_words()) + " ;;\n" + groups +
         "    -*|*.*|*/*) verb=dev ;;\n"
         "  esac\n"
         "  case $verb in\n" +
         verbs +
         "  esac\n"
         "  if [[ $current == -* ]]; then\n"
         "    COMPREPLY=($(compgen -W \"$options\" -- \"$current\"))\n"
         "  elif [[ -n $places ]]; then\n"
         "    eval \"$places\"\n"
         "  fi\n"
         "  if ((COMP_CWORD == 2)) && [[ -n $words && $current != -* ]]; then\n"
         "    COMPREPLY+=($(compgen -W \"$words\" -- \"$current\"))\n"
         "  fi\n"
         "}\n"
         "complete -F _every every\n";
}

std::string zsh_completions() {
  std::string list;
  std::string cases;
  for (const Entry& entry : entries()) {
    const std::string name(entry.info->name);
    if (name.find(' ') == std::string::npos)
      list += "    " + quote(name + ":" + zsh_help(std::string(entry.info->summary))) + "\n";
    std::string specs = "      '--help[What it takes]'";
    for (const Option& option : entry.options.items()) {
      std::string action;
      if (!option.choices.empty()) {
        action = "(" + join(option.choices) + ")";
      } else if (option.completion == Completion::kFiles) {
        action = "_files";
      } else if (option.completion == Completion::kDirectories) {
        action = "_files -/";
      }
      std::string spec;
      if (option.is_positional()) {
        spec = (option.many ? std::string("*:") : std::string(":")) + option.name + ":" + action;
      } else {
        spec = "*" + option.name + "[" + zsh_help(option.help) + "]";
        if (!option.value.empty()) spec += ":" + option.value + ":" + action;
      }
      specs += " \\\n      " + quote(spec);
    }
    cases += "    " + quote(name) + ")\n      _arguments \\\n" + specs + "\n      ;;\n";
  }
  for (const auto& [word, below] : words()) {
    if (!below.empty() && find_verb(word) == nullptr)
      cases += "    " + word + ") compadd " + join(below) + " ;;\n";
  }
  std::string seconds;
  for (const auto& [word, below] : words()) {
    if (below.empty()) continue;
    seconds += "    " + word + ") if (( CURRENT == 3 )); then compadd " + join(below) +
               "; fi; case $words[3] in " +
               [&below = below] {
                 std::string text;
                 for (const std::string& second : below) text += (text.empty() ? "" : "|") + second;
                 return text;
               }() +
               ") (( CURRENT > 3 )) && { verb=\"$verb $words[3]\"; skip=2 } ;; esac ;;\n";
  }
  return "#compdef every\n"
         "# Completions of every for zsh. Save them as _every in a folder of $fpath, or: source "
         "<(every "
         "completions zsh)\n"
         "_every() {\n"
         "  local -a verbs\n"
         "  verbs=(\n" +
         list +
         "  )\n"
         "  local verb=$words[2] skip=1\n"
         "  if (( CURRENT == 2 )); then\n"
         "    _describe command verbs\n"
         "    _files\n"
         "    return\n"
         "  fi\n"
         "  case $verb in\n" +
         seconds +
         "    -*|*.*|*/*) verb=dev; skip=0 ;;\n"
         "  esac\n"
         "  words=(every ${words[@]:$((skip + 1))})\n"
         "  (( CURRENT -= skip ))\n"
         "  case $verb in\n" +
         cases +
         "  esac\n"
         "}\n"
         "if [ \"${funcstack[1]}\" = _every ]; then _every \"$@\"; else compdef _every every; fi\n";
}

std::string fish_completions() {
  std::string text =
      "# Completions of every for fish. Save them as ~/.config/fish/completions/every.fish\n"
      "complete -c every -l help -s h -d 'What a command takes'\n"
      "complete -c every -n __fish_use_subcommand -l version -s v -d 'The version'\n";
  for (const Entry& entry : entries()) {
    const std::string name(entry.info->name);
    const auto blank = name.find(' ');
    const std::string first = name.substr(0, blank);
    std::string when = "__fish_seen_subcommand_from " + first;
    if (blank == std::string::npos) {
      text += "complete -c every -n __fish_use_subcommand -a " + name + " -d " +
              quote(entry.info->summary) + "\n";
    } else {
      const std::string second = name.substr(blank + 1);
      if (find_verb(first) == nullptr)
        text += "complete -c every -n __fish_use_subcommand -a " + first + "\n";
      text += "complete -c every -n " +
              quote(when + "; and not __fish_seen_subcommand_from " + join(words()[first])) +
              " -a " + second + " -d " + quote(entry.info->summary) + "\n";
      when += "; and __fish_seen_subcommand_from " + second;
    }
    for (const Option& option : entry.options.items()) {
      if (option.is_positional()) continue;
      std::string line = "complete -c every -n " + quote(when) + " -l " + option.name.substr(2) +
                         " -d " + quote(option.help);
      if (!option.choices.empty()) {
        line += " -x -a " + quote(join(option.choices));
      } else if (option.completion != Completion::kNone) {
        line += option.completion == Completion::kDirectories
                    ? " -x -a '(__fish_complete_directories)'"
                    : " -r -F";
      } else if (!option.value.empty()) {
        line += " -x";
      }
      text += line + "\n";
    }
  }
  return text;
}

}  // namespace every::cli
