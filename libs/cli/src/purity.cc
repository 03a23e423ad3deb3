#include "purity.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace every::cli {
namespace {

// The first prefix that fits is taken.
constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kAnswers{{
    {"wasi:logging/", "log lines; nothing comes back"},
    {"homestar:host/", "log lines, and the virtual clock"},
    {"wasi:clocks/timezone", "a call ends the task"},
    {"wasi:clocks/", "a virtual clock that starts at 0 in every run"},
    {"wasi:random/", "numbers made from the task's own identifier"},
    {"wasi:cli/environment", "no variables, no arguments"},
    {"wasi:cli/stdin", "nothing to read"},
    {"wasi:cli/stdout", "log lines"},
    {"wasi:cli/stderr", "log lines"},
    {"wasi:cli/", "no terminal; an exit ends the task as failed"},
    {"wasi:filesystem/", "no files: every call fails"},
    {"wasi:sockets/", "no network: every call fails"},
    {"wasi:http/", "a call ends the task"},
    {"wasi:io/", "streams and waiting, both virtual"},
}};

}  // namespace

std::string_view answer_of_import(std::string_view import) {
  for (const auto& [prefix, answer] : kAnswers) {
    if (import.starts_with(prefix)) return answer;
  }
  return "not defined here";
}

std::string purity_statement(std::span<const std::string> imports) {
  const auto logs = [](const std::string& import) { return import.starts_with("wasi:logging/"); };
  if (imports.empty())
    return "pure: it imports nothing, so a result depends on the arguments alone";
  if (std::ranges::all_of(imports, logs))
    return "pure: it imports nothing but logging, so a result depends on the arguments alone";
  return "pure here: what it imports is virtual or closed, so a result depends on the arguments "
         "alone";
}

}  // namespace every::cli
