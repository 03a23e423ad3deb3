#include "homestar_face.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <set>
#include <span>

#include "homestar_help.h"
#include "verbs/homestar_run.h"
#include "verbs/info.h"
#include "verbs/init.h"
#include "verbs/node.h"
#include "verbs/ping.h"
#include "verbs/start.h"
#include "verbs/stop.h"

#include "every/core/printable.h"
#include "every/core/text.h"

namespace every::cli {
namespace {

constexpr int kWrongUse = 2;
constexpr std::string_view kUnexpected = "unexpected argument found";
constexpr std::string_view kNoSuchValue = "one of the values isn't valid for an argument";
constexpr std::string_view kUnwantedValue = "unexpected value for an argument found";
constexpr std::string_view kBadValue = "invalid value for one of the arguments";
constexpr std::string_view kMissing = "one or more required arguments were not provided";
constexpr std::string_view kClash =
    "an argument cannot be used with one or more of the other specified arguments";

/// An option of the original, and what it is called in ours.
struct Flag {
  std::string_view name;
  char letter = 0;  ///< 0: none
  enum class Value : std::uint8_t { kNone, kNeeded, kOptional } value = Value::kNone;
  std::string_view ours = {};      ///< empty: the same
  std::string_view if_bare = {};   ///< kOptional: the value where none is given
  std::string_view excludes = {};  ///< another one that may not be there, too
};
using enum Flag::Value;

constexpr std::array kInitFlags{
    Flag{"--output", 'o', kNeeded, {}, {}, "--dry-run"},
    Flag{"--dry-run"},
    Flag{"--quiet", 'q'},
    Flag{"--force", 'f'},
    Flag{"--no-input"},
    Flag{"--key-type", 0, kNeeded},
    Flag{"--key-file", 0, kOptional, {}, kDefaultKeyFile, "--key-seed"},
    Flag{"--key-seed", 0, kOptional, {}, kRandomSeed},
};
constexpr std::array kStartFlags{
    Flag{"--db", 0, kNeeded},
    Flag{"--config", 'c', kNeeded},
    Flag{"--daemonize", 'd'},
    Flag{"--daemon_dir", 0, kNeeded, "--daemon-dir"},
    // Ours, which messages about ports that are taken name.
    Flag{"--rpc-port", 0, kNeeded},
    Flag{"--runtime-port", 0, kNeeded},
    Flag{"--metrics-port", 0, kNeeded},
};
constexpr std::array kRpcFlags{
    Flag{"--host", 0, kNeeded},
    Flag{"--port", 'p', kNeeded},
    Flag{"--timeout", 0, kNeeded},
};
constexpr std::array kRunFlags{
    Flag{"--host", 0, kNeeded},
    Flag{"--port", 'p', kNeeded},
    Flag{"--timeout", 0, kNeeded},
    Flag{"--name", 'n', kNeeded},
};

template <typename T>
std::unique_ptr<Verb> make() {
  auto verb = std::make_unique<T>();
  if constexpr (requires { verb->face; }) verb->face = Face::kHomestar;
  if constexpr (requires { verb->rpc; }) verb->rpc = RpcChoices::of_homestar();
  return verb;
}

struct HomestarCommand {
  std::string_view name;
  std::span<const Flag> flags;
  std::unique_ptr<Verb> (*make)();
};
constexpr std::array<HomestarCommand, 7> kCommands{{
    {"init", kInitFlags, make<InitVerb>},
    {"start", kStartFlags, make<StartVerb>},
    {"stop", kRpcFlags, make<StopVerb>},
    {"ping", kRpcFlags, make<PingVerb>},
    {"run", kRunFlags, make<HomestarRunVerb>},
    {"node", kRpcFlags, make<NodeVerb>},
    {"info", {}, make<InfoVerb>},
}};

const HomestarCommand* find_command(std::string_view name) {
  const auto* found = std::ranges::find(kCommands, name, &HomestarCommand::name);
  return found == kCommands.end() ? nullptr : found;
}

Message wrong_use(std::string_view original, const std::string& what, std::string_view command) {
  return {"error: " + std::string(original) + "\n  " + core::printable_line(what) +
              "; see homestar " + (command.empty() ? "" : std::string(command) + " ") + "--help",
          kWrongUse};
}

Message help_of(std::string_view command, HelpLength length) {
  return {homestar_help(command, length), 0};
}

/// Takes the words of one command apart, in their order, as the original does: what is wrong first is told.
class Reader {
 public:
  Reader(const HomestarCommand& command, std::span<const std::string> words)
      : command_(command), words_(words) {}

  /// The words as our options take them, or what to say instead.
  std::variant<Message, std::vector<std::string>> read() {
    for (; at_ < words_.size(); ++at_) {
      const std::string& word = words_[at_];
      if (word == "-h" || word == "--help")
        return help_of(command_.name, word == "-h" ? HelpLength::kShort : HelpLength::kLong);
      std::optional<Message> problem;
      if (word == "--") {
        positional_.insert(positional_.end(), words_.begin() + static_cast<std::ptrdiff_t>(at_) + 1,
                           words_.end());
        break;
      }
      if (word.starts_with("--")) {
        problem = read_long(word);
      } else if (word.size() > 1 && word.starts_with('-')) {
        problem = read_letters(word);
      } else {
        positional_.push_back(word);
        problem = surplus();
      }
      if (problem) return std::move(*problem);
    }
    return finish();
  }

 private:
  using Problem = std::optional<Message>;

  /// Words by their place.
  [[nodiscard]] std::size_t wanted() const { return command_.name == "run" ? 1 : 0; }
  [[nodiscard]] Problem surplus() const {
    if (positional_.size() <= wanted()) return std::nullopt;
    return say(kUnexpected, "'" + positional_[wanted()] + "' is one word too many");
  }

  Problem read_long(const std::string& word) {
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    if (name == "--help") return say(kUnwantedValue, "--help takes no value");
    const auto flag = std::ranges::find(command_.flags, name, &Flag::name);
    if (flag == command_.flags.end()) return unknown(name);
    if (equals == std::string::npos) return take(*flag, std::nullopt);
    return take(*flag, word.substr(equals + 1));
  }

  /// `-qf`, `-p 3030`, `-p3030`, `-p=3030`.
  Problem read_letters(const std::string& word) {
    for (std::size_t i = 1; i < word.size(); ++i) {
      if (word[i] == 'h') return help_of(command_.name, HelpLength::kShort);
      const auto flag = std::ranges::find(command_.flags, word[i], &Flag::letter);
      if (flag == command_.flags.end()) return unknown(std::string("-") + word[i]);
      if (flag->value == kNone) {
        if (auto problem = take(*flag, std::nullopt)) return problem;
        continue;
      }
      if (i + 1 == word.size()) return take(*flag, std::nullopt);
      return take(*flag, word.substr(word[i + 1] == '=' ? i + 2 : i + 1));
    }
    return std::nullopt;
  }

  Problem take(const Flag& flag, std::optional<std::string> value) {
    const std::string name(flag.name);
    if (!given_.insert(flag.name).second) return say(kClash, name + " is given twice");
    if (flag.value == kNone && value) return say(kUnwantedValue, name + " takes no value");
    if (flag.value != kNone && !value && at_ + 1 < words_.size() &&
        !words_[at_ + 1].starts_with('-'))
      value = words_[++at_];
    if (flag.value == kNeeded && !value) return without_value(name);
    if (flag.value == kOptional && !value) value = std::string(flag.if_bare);
    std::string ours(flag.ours.empty() ? flag.name : flag.ours);
    out_.push_back(value ? std::move(ours) + "=" + *value : std::move(ours));
    return std::nullopt;
  }

  /// The original takes what follows an option for an option, too, where it begins as one.
  [[nodiscard]] Problem without_value(const std::string& name) const {
    const bool number = at_ + 1 < words_.size() && words_[at_ + 1].size() > 1 &&
                        std::isdigit(static_cast<unsigned char>(words_[at_ + 1][1])) != 0;
    return say(number ? kUnexpected : kNoSuchValue, name + " needs a value");
  }

  std::variant<Message, std::vector<std::string>> finish() {
    for (const Flag& flag : command_.flags) {
      if (given_.contains(flag.name) && given_.contains(flag.excludes))
        return say(kClash, std::string(flag.name) + " and " + std::string(flag.excludes) +
                               " exclude one another");
    }
    if (auto problem = surplus()) return std::move(*problem);
    if (positional_.size() < wanted()) return say(kMissing, "which workflow FILE should run?");
    if (!positional_.empty()) out_.insert(out_.end(), {"--", positional_.front()});
    return std::move(out_);
  }

  [[nodiscard]] Message unknown(const std::string& name) const {
    std::vector<std::string> names{"--help"};
    for (const Flag& flag : command_.flags) names.emplace_back(flag.name);
    std::string what = "there is no option " + name;
    if (const auto near = core::nearest(name, names); !near.empty())
      what += "; did you mean " + std::string(near) + "?";
    return say(kUnexpected, what);
  }
  [[nodiscard]] Message say(std::string_view original, const std::string& what) const {
    return wrong_use(original, what, command_.name);
  }

  const HomestarCommand& command_;
  std::span<const std::string> words_;
  std::size_t at_ = 0;
  std::set<std::string_view> given_;
  std::vector<std::string> positional_;
  std::vector<std::string> out_;
};

Message unknown_command(const std::string& word) {
  std::vector<std::string> names{"help"};
  for (const HomestarCommand& command : kCommands) names.emplace_back(command.name);
  std::string what = "there is no command '" + word + "'";
  if (const auto near = core::nearest(word, names); !near.empty())
    what += "; did you mean homestar " + std::string(near) + "?";
  return wrong_use("unrecognized subcommand", what, {});
}

Command read_command(const HomestarCommand& command, std::span<const std::string> words) {
  auto read = Reader(command, words).read();
  if (auto* message = std::get_if<Message>(&read)) return std::move(*message);
  Invocation invocation{nullptr, command.make()};
  Options options;
  invocation.verb->define(options);
  const auto status = options.parse(std::get<std::vector<std::string>>(read));
  if (status) return invocation;
  // A word of a few is another mistake to the original than a number that is none.
  const bool choice = status.error().message.starts_with("--key-type");
  return wrong_use(choice ? kNoSuchValue : kBadValue, status.error().message, command.name);
}

// The original wraps what it reports to 80 columns, of which its frame takes six.
constexpr std::size_t kReportWidth = 74;

/// Whether a line may end after a character: a blank, a hyphen in a word, the slash of a path.
bool may_break(char before, char here, char next) {
  const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  if (here == ' ') return next != ' ';
  if (here == '-') return is_word(before) && is_word(next);
  return here == '/' && std::isalpha(static_cast<unsigned char>(next)) != 0;
}

std::vector<std::string> wrap(std::string_view text) {
  std::vector<std::string> lines(1);
  std::string piece;
  const auto put = [&lines, &piece] {
    const std::size_t bare = piece.find_last_not_of(' ') + 1;
    if (!lines.back().empty() && lines.back().size() + bare > kReportWidth) lines.emplace_back();
    lines.back() += piece;
    piece.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    piece += text[i];
    const char before = i > 0 ? text[i - 1] : ' ';
    if (i + 1 < text.size() && may_break(before, text[i], text[i + 1])) put();
  }
  put();
  for (std::string& line : lines) line.erase(line.find_last_not_of(' ') + 1);
  return lines;
}

}  // namespace

Command parse_homestar(const std::vector<std::string>& words) {
  if (words.empty()) return Message{homestar_help({}, HelpLength::kLong), kWrongUse};
  const std::string& first = words.front();
  if (first == "-h" || first == "--help") return help_of({}, HelpLength::kLong);
  if (first == "-V" || first == "--version") return Message{"homestar " EVERY_HOMESTAR_VERSION, 0};
  if (first == "help") {
    if (words.size() == 1) return help_of({}, HelpLength::kLong);
    // None of the commands has commands of its own.
    if (words.size() > 2) return unknown_command(words[2]);
    Message help = help_of(words[1], HelpLength::kLong);
    if (help.text.empty()) return unknown_command(words[1]);
    return help;
  }
  if (first.starts_with('-')) return wrong_use(kUnexpected, "there is no option " + first, {});
  const HomestarCommand* command = find_command(first);
  if (command == nullptr) return unknown_command(first);
  return read_command(*command, std::span(words).subspan(1));
}

std::string render_homestar_error(const core::Error& error) {
  std::string text = "Error: ";
  std::string_view before = "  × ";
  std::string_view rest = error.message;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    for (const std::string& line : wrap(core::printable_line(rest.substr(0, end)))) {
      text += std::string(before) + line + "\n";
      before = "  │ ";
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  before = "  ╰─▶ ";
  if (const std::string_view cause = error.find("cause"); !cause.empty()) {
    for (const std::string& line : wrap(core::printable_line(cause))) {
      text += std::string(before) + line + "\n";
      before = "      ";
    }
  }
  return text + "\n";
}

}  // namespace every::cli
