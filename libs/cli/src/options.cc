#include "options.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "every/core/text.h"

namespace every::cli {
namespace {

using core::ErrorCode;

bool is_negative_number(const std::string& text) {
  if (text.size() < 2 || text[0] != '-') return false;
  char* end = nullptr;
  std::strtod(text.c_str(), &end);
  return end != nullptr && *end == '\0';
}

/// `-` alone is standard input, `-4.4` is an argument.
bool is_option(const std::string& word) {
  return word.size() > 1 && word[0] == '-' && !is_negative_number(word);
}

core::Status take(const Option& option, const std::string& text) {
  if (!option.choices.empty() && std::ranges::find(option.choices, text) == option.choices.end()) {
    const std::string_view near = core::nearest(text, option.choices);
    std::string message =
        option.name + " must be " + core::join_words(option.choices) + ", not '" + text + "'";
    if (const auto last = message.rfind(" and "); last != std::string::npos)
      message.replace(last, 5, " or ");
    if (!near.empty()) message += "; did you mean " + std::string(near) + "?";
    return core::fail(ErrorCode::kInvalidArgument, std::move(message));
  }
  auto status = option.take(text);
  if (!status) status.error().message = option.name + " " + status.error().message;
  return status;
}

}  // namespace

Option& Options::value(std::string name, std::string metavar, std::optional<std::string>& target,
                       std::string help) {
  return add({.name = std::move(name),
              .value = std::move(metavar),
              .help = std::move(help),
              .take = [&target](const std::string& text) -> core::Status {
                target = text;
                return {};
              }});
}

Option& Options::values(std::string name, std::string metavar, std::vector<std::string>& target,
                        std::string help) {
  return add({.name = std::move(name),
              .value = std::move(metavar),
              .help = std::move(help),
              .take = [&target](const std::string& text) -> core::Status {
                target.push_back(text);
                return {};
              }});
}

Option& Options::word(std::string name, std::string& target, std::string help) {
  return add({.name = std::move(name),
              .help = std::move(help),
              .required = true,
              .take = [&target](const std::string& text) -> core::Status {
                target = text;
                return {};
              }});
}

Option& Options::optional_word(std::string name, std::optional<std::string>& target,
                               std::string help) {
  return add({.name = std::move(name),
              .help = std::move(help),
              .take = [&target](const std::string& text) -> core::Status {
                target = text;
                return {};
              }});
}

Option& Options::words(std::string name, std::vector<std::string>& target, std::string help) {
  return add({.name = std::move(name),
              .help = std::move(help),
              .many = true,
              .take = [&target](const std::string& text) -> core::Status {
                target.push_back(text);
                return {};
              }});
}

core::Result<std::uint64_t> Options::parse_number(const std::string& text, std::uint64_t least,
                                                  std::uint64_t most) {
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size() || number < least || number > most)
    return core::fail(ErrorCode::kInvalidArgument,
                      "must be a whole number from " + std::to_string(least) + " to " +
                          std::to_string(most) + ", not '" + text + "'");
  return number;
}

core::Result<const Option*> Options::find(const std::string& name) const {
  std::vector<std::string> names{"--help", "--version"};
  for (const Option& option : items_) {
    if (option.is_positional()) continue;
    if (option.name == name) return &option;
    names.push_back(option.name);
  }
  if (name == "--node")
    return core::fail(ErrorCode::kInvalidArgument,
                      "there is no option --node here: this command works on the machine where it "
                      "runs; run it on the node's, with `ssh HOST every ...` say");
  std::string message = "there is no option " + name;
  if (const auto near = core::nearest(name, names); !near.empty())
    message += "; did you mean " + std::string(near) + "?";
  return core::fail(ErrorCode::kInvalidArgument, std::move(message));
}

core::Status Options::parse(const std::vector<std::string>& words) const {
  std::vector<std::string> positional;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--") {
      positional.insert(positional.end(), words.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                        words.end());
      break;
    }
    if (!is_option(words[i])) {
      positional.push_back(words[i]);
      continue;
    }
    const std::size_t equals = words[i].find('=');
    EVERY_TRY_ASSIGN(const Option* option, find(words[i].substr(0, equals)));
    if (option->value.empty()) {
      if (equals != std::string::npos)
        return core::fail(ErrorCode::kInvalidArgument, option->name + " takes no value");
      EVERY_TRY(take(*option, {}));
    } else if (equals != std::string::npos) {
      EVERY_TRY(take(*option, words[i].substr(equals + 1)));
    } else if (i + 1 == words.size() || is_option(words[i + 1])) {
      return core::fail(ErrorCode::kInvalidArgument,
                        option->name + " needs a value: " + option->name + " " + option->value);
    } else {
      EVERY_TRY(take(*option, words[++i]));
    }
  }
  auto next = positional.begin();
  for (const Option& option : items_) {
    if (!option.is_positional()) continue;
    if (next == positional.end()) {
      if (option.required)
        return core::fail(ErrorCode::kInvalidArgument, option.name + " is missing");
      continue;
    }
    do {
      EVERY_TRY(take(option, *next++));
    } while (option.many && next != positional.end());
  }
  if (next != positional.end())
    return core::fail(ErrorCode::kInvalidArgument, "one word too many: '" + *next + "'");
  return {};
}

}  // namespace every::cli
