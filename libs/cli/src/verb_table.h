#pragma once

#include <span>
#include <string_view>

#include "verb.h"

namespace every::cli {

/// All verbs, in the order the help lists them; the first one is meant when none is named.
[[nodiscard]] std::span<const VerbInfo* const> verb_table();
/// The verb with this name, nullptr when there is none.
[[nodiscard]] const VerbInfo* find_verb(std::string_view name);

}  // namespace every::cli
