#include "every/core/log_filter.h"

#include <algorithm>
#include <array>
#include <utility>

namespace every::core {
namespace {

/// First words of the subjects and categories there are: docs/formats/log.md.
constexpr std::array<std::string_view, 15> kTargets{
    "workflow", "worker", "fetch",   "fetch_rsc", "fetch_rscs", "store",  "gateway", "wasm",
    "cache",    "engine", "network", "rpc",       "blocks",     "accept", "log"};
/// What the whole program is called, here and at the original's.
constexpr std::array<std::string_view, 6> kProgram{
    "every", "homestar", "homestar_runtime", "homestar-runtime", "homestar_workflow", "every_cli"};

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool is_in(const auto& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

std::string_view first_word(std::string_view target) {
  return target.substr(0, target.find_first_of(".:"));
}

/// Whether `name` is `target` or goes on after it with a new word.
bool covers(std::string_view target, std::string_view name) {
  return name.starts_with(target) &&
         (name.size() == target.size() || name[target.size()] == '.' || name[target.size()] == ':');
}

bool is_guests(std::string_view target) {
  return covers(kGuestSubject, target) || first_word(target) == "guest";
}

std::string apply(std::string_view directive, LogFilter& filter) {
  const std::string whole(directive);
  const std::size_t equals = directive.find('=');
  std::string_view target = trim(directive.substr(0, equals));
  LogLevel level = LogLevel::kTrace;
  if (equals == std::string_view::npos) {
    if (const auto alone = parse_level(target)) {
      filter.threshold = *alone;
      if (*alone == LogLevel::kOff) filter.guests = LogLevel::kOff;
      return {};
    }
  } else if (const auto given = parse_level(trim(directive.substr(equals + 1)))) {
    level = *given;
  } else if (directive.find('[') == std::string_view::npos) {
    return "`" + whole + "`: the level is one of trace, debug, info, warn, error, off";
  }
  if (target.find_first_of("[{") != std::string_view::npos)
    return "`" + whole + "`: there are no spans to filter by, only subjects and categories";
  // A Rust path: its last name may be one of ours, its first the program.
  if (const std::size_t colons = target.rfind("::"); colons != std::string_view::npos)
    target = target.substr(colons + 2);
  if (is_in(kProgram, target)) {
    filter.threshold = level;
    return {};
  }
  if (!is_guests(target) && !is_in(kTargets, first_word(target)))
    return "`" + whole + "`: nothing here is called " + std::string(target);
  filter.rules.push_back({std::string(target), level});
  return {};
}

}  // namespace

bool LogFilter::shows(const LogRecord& record) const {
  LogLevel level = record.subject == kGuestSubject ? guests : threshold;
  std::size_t longest = 0;
  for (const Rule& rule : rules) {
    if (rule.target.size() < longest) continue;
    if (!covers(rule.target, record.subject) && !covers(rule.target, record.category)) continue;
    longest = rule.target.size();
    level = rule.level;
  }
  return record.level >= level && level != LogLevel::kOff;
}

LogLevel LogFilter::least() const {
  LogLevel least = threshold;
  for (const Rule& rule : rules) {
    if (!is_guests(rule.target)) least = std::min(least, rule.level);
  }
  return least;
}

LogLevel LogFilter::least_of_guests() const {
  LogLevel least = guests;
  // Any word may be a guest's category: it chooses it.
  for (const Rule& rule : rules) least = std::min(least, rule.level);
  return least;
}

std::vector<std::string> apply_log_directives(std::string_view text, LogFilter& filter) {
  std::vector<std::string> ignored;
  if (const std::size_t slash = text.find('/'); slash != std::string_view::npos) {
    ignored.push_back("`" + std::string(text.substr(slash)) +
                      "`: lines are not filtered by what they say");
    text = text.substr(0, slash);
  }
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view directive = trim(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
    if (directive.empty()) continue;
    if (std::string problem = apply(directive, filter); !problem.empty())
      ignored.push_back(std::move(problem));
  }
  return ignored;
}

namespace {

class FilterSink final : public LogSink {
 public:
  FilterSink(LogFilter filter, LogSink& next) : filter_(std::move(filter)), next_(next) {}
  void write(const LogRecord& record) override {
    if (filter_.shows(record)) next_.write(record);
  }

 private:
  const LogFilter filter_;
  LogSink& next_;
};

}  // namespace

std::unique_ptr<LogSink> make_filter_sink(LogFilter filter, LogSink& next) {
  return std::make_unique<FilterSink>(std::move(filter), next);
}

}  // namespace every::core
