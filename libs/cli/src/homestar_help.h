#pragma once

#include <string>
#include <string_view>

namespace every::cli {

enum class HelpLength { kShort, kLong };

/// The help of one of the original's commands, of `help`, or of all (empty); empty when there is no such command.
[[nodiscard]] std::string homestar_help(std::string_view command, HelpLength length);

}  // namespace every::cli
