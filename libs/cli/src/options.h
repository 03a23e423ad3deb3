#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "every/core/error.h"

namespace every::cli {

/// What a shell offers for a value.
enum class Completion : std::uint8_t { kNone, kFiles, kDirectories };

/// One thing a verb takes: `--port N`, `--fresh`, or a word by its place (`WORKFLOW`).
struct Option {
  std::string name;   ///< `--port`, or the name of a positional word in capitals
  std::string value;  ///< how its value is called in the help (`N`); empty: a flag
  std::string help;
  std::vector<std::string> choices;  ///< the only values, when there are any
  Completion completion = Completion::kNone;
  bool required = false;  ///< a positional word that must be there
  bool many = false;      ///< a positional word that may come any number of times
  /// Called for each time it is given; a flag gets an empty text. errors: kInvalidArgument, a sentence without the option's name
  std::function<core::Status(const std::string& text)> take;

  /// These chain: `options.value("--home", …).completes(Completion::kDirectories)`.
  Option& completes(Completion kind) {
    completion = kind;
    return *this;
  }
  [[nodiscard]] bool is_positional() const { return !name.starts_with('-'); }
};

/// What a verb takes, in the order its help shows it. Each call names one thing and where it goes; targets outlive the parsing.
class Options {
 public:
  /// The options that follow are listed under this title.
  void heading(std::string title) { headings_.emplace_back(items_.size(), std::move(title)); }

  /// `--fresh`: sets the target to `on`.
  template <typename T>
  Option& flag(std::string name, T& target, T on, std::string help) {
    return add({.name = std::move(name),
                .help = std::move(help),
                .take = [&target, on](const std::string&) -> core::Status {
                  target = on;
                  return {};
                }});
  }
  Option& value(std::string name, std::string metavar, std::optional<std::string>& target,
                std::string help);
  /// May be given again; each adds to the list.
  Option& values(std::string name, std::string metavar, std::vector<std::string>& target,
                 std::string help);
  /// A value that `take` reads, as Option::take.
  Option& read(std::string name, std::string metavar,
               std::function<core::Status(const std::string&)> take, std::string help) {
    return add({.name = std::move(name),
                .value = std::move(metavar),
                .help = std::move(help),
                .take = std::move(take)});
  }
  /// A whole number between two bounds, both included.
  template <typename T>
  Option& number(std::string name, std::string metavar, T& target, std::uint64_t least,
                 std::uint64_t most, std::string help) {
    return add({.name = std::move(name),
                .value = std::move(metavar),
                .help = std::move(help),
                .take = [&target, least, most](const std::string& text) -> core::Status {
                  EVERY_TRY_ASSIGN(const std::uint64_t number, parse_number(text, least, most));
                  target = static_cast<std::remove_cvref_t<decltype(number_of(target))>>(number);
                  return {};
                }});
  }
  /// One of a few words.
  template <typename T, typename Target>
  Option& choice(std::string name, std::string metavar, Target& target,
                 std::vector<std::pair<std::string, T>> words, std::string help) {
    std::vector<std::string> names;
    for (const auto& [word, meaning] : words) names.push_back(word);
    return add(
        {.name = std::move(name),
         .value = std::move(metavar),
         .help = std::move(help),
         .choices = std::move(names),
         .take = [&target, words = std::move(words)](const std::string& text) -> core::Status {
           for (const auto& [word, meaning] : words) {
             if (word == text) target = meaning;
           }
           return {};
         }});
  }
  /// A word by its place. `required` unless it is made optional.
  Option& word(std::string name, std::string& target, std::string help);
  Option& optional_word(std::string name, std::optional<std::string>& target, std::string help);
  /// All words that are left, none included.
  Option& words(std::string name, std::vector<std::string>& target, std::string help);

  [[nodiscard]] const std::vector<Option>& items() const { return items_; }
  /// Index of the first option below each title, and the title.
  [[nodiscard]] const std::vector<std::pair<std::size_t, std::string>>& headings() const {
    return headings_;
  }

  /// Gives every word to what it belongs to. `--name=value` and `--name value` are the same, `--` ends the options, negative numbers are words.
  /// errors: kInvalidArgument naming the word and what to write, an unknown option with the nearest there is
  [[nodiscard]] core::Status parse(const std::vector<std::string>& words) const;

 private:
  template <typename T>
  static T number_of(const T&);
  template <typename T>
  static T number_of(const std::optional<T>&);
  static core::Result<std::uint64_t> parse_number(const std::string& text, std::uint64_t least,
                                                  std::uint64_t most);
  [[nodiscard]] core::Result<const Option*> find(const std::string& name) const;
  Option& add(Option option) { return items_.emplace_back(std::move(option)); }

  std::vector<Option> items_;
  std::vector<std::pair<std::size_t, std::string>> headings_;
};

}  // namespace every::cli
