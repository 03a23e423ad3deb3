#include <algorithm>
#include <charconv>

#include "fuzz.h"

#include "every/ipld/dag_json.h"
#include "every/settings/settings.h"

using namespace every;
using fuzz::require;

namespace {

constexpr std::string_view kFile = "homestar.toml";

/// Whether a message begins with `homestar.toml:LINE:`, and the text has such a line.
bool names_a_line(std::string_view message, std::string_view text) {
  if (!message.starts_with(kFile) || message.size() <= kFile.size() || message[kFile.size()] != ':')
    return false;
  message.remove_prefix(kFile.size() + 1);
  std::size_t line = 0;
  const auto [end, failed] = std::from_chars(message.data(), message.data() + message.size(), line);
  return failed == std::errc() && end != message.data() + message.size() && *end == ':' &&
         line >= 1 && line <= 1 + static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

using Rows = std::vector<std::pair<std::string, std::string>>;
Rows rows_of(const settings::Parsed& parsed) {
  Rows rows;
  for (const settings::Shown& row : settings::show(parsed.settings, parsed.origins)) {
    require(ipld::dag_json::decode(row.value).has_value(), "what is shown is JSON");
    rows.emplace_back(row.path, row.value);
  }
  return rows;
}

void try_file(std::string_view text) {
  const auto parsed = settings::parse(text, kFile);
  if (!parsed) {
    require(names_a_line(parsed.error().message, text), "a refusal names the line");
    return;
  }
  for (const std::string& warning : parsed->warnings)
    require(names_a_line(warning, text), "a warning names the line");
  const auto again = settings::parse(text, kFile, parsed->settings);
  require(again && rows_of(*again) == rows_of(*parsed), "read over itself it says the same");
}

/// One variable a line.
void try_environment(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> variables;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const std::size_t equals = std::min(line.find('='), line.size());
    variables.emplace_back(line.substr(0, equals), line.substr(std::min(line.size(), equals + 1)));
  }
  const auto parsed = settings::parse_environment(variables);
  if (!parsed) {
    require(parsed.error().message.starts_with("environment variable HOMESTAR__"),
            "a refusal names the variable");
    return;
  }
  const auto again = settings::parse_environment(variables, parsed->settings);
  require(again && rows_of(*again) == rows_of(*parsed), "read over itself it says the same");
}

}  // namespace

/// Any text as a settings file, or (after `E`) as the environment.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  core::BytesView input(data, size);
  if (fuzz::take_byte(input) == 'E') {
    try_environment(core::as_text(input));
  } else {
    try_file(core::as_text(input));
  }
  return 0;
}
