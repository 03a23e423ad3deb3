#pragma once

#include <string>

#include "options.h"
#include "verb.h"

namespace every::cli {

/// `every --help`: the verbs, examples, exit codes.
[[nodiscard]] std::string help_text();
/// `every VERB --help`: usage, words, options under their headings, examples.
[[nodiscard]] std::string help_text(const VerbInfo& verb, const Options& options);

}  // namespace every::cli
