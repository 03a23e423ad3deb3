#pragma once

#include <string>

namespace every::cli {

// Scripts that complete the verbs of the table, their options and values. Each is the whole text of a file for that shell.
[[nodiscard]] std::string bash_completions();
[[nodiscard]] std::string zsh_completions();
[[nodiscard]] std::string fish_completions();

}  // namespace every::cli
