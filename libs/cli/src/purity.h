#pragma once

#include <span>
#include <string>

namespace every::cli {

/// What an imported interface gives a guest here, in a few words: `the same virtual clock in every run`.
/// source: docs/formats/determinism.md
[[nodiscard]] std::string_view answer_of_import(std::string_view import);

/// One sentence: why the functions of a component with these imports depend on their arguments alone.
[[nodiscard]] std::string purity_statement(std::span<const std::string> imports);

}  // namespace every::cli
