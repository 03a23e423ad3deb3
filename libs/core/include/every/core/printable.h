#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace every::core {

/// What a terminal may show of a text as one line: valid UTF-8, tabs as blanks, and whatever a terminal or a reader of lines would act on
/// (control characters of both kinds, line separators, turns of the direction of writing) as `\u001b`. thread: any.
[[nodiscard]] std::string printable_line(std::string_view text);

/// Length of such an acting character at the start of valid UTF-8, or 0.
[[nodiscard]] std::size_t acting_length(std::string_view text);
/// `\u001b` for one.
void append_code_point(std::string& out, std::string_view character);

}  // namespace every::core
