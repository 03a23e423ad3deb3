#pragma once

#include <string>
#include <string_view>

namespace every::wasm {

/// What a guest said on its error stream before it ended itself.
struct LastWords {
  /// One line for a person: `message (file:line:column)` of a Rust panic, `ZeroDivisionError: division by zero (file:line)`, an uncaught JavaScript
  /// exception, what abort or assert printed; of anything else the last line. Empty when it said nothing.
  std::string sentence;
  /// The guest language's own stack, innermost call last or first as that language has it; empty where there is none.
  std::string stack;
};

/// in: text   the end of the stream, any bytes
/// cost: linear. thread: any
[[nodiscard]] LastWords read_last_words(std::string_view text);

}  // namespace every::wasm
