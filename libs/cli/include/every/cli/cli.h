#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace every::cli {

/// The whole program: reads the command line, does what it says, says what went wrong.
///
/// in: program     the name it was called by: under `homestar`, in whatever folder, it behaves as the original
///     arguments   without that name
/// out: the exit code; failures by the error table (core::info), wrong use 64; as `homestar` 1 and 2. thread: main, before any other thread
[[nodiscard]] int run(std::string_view program, std::vector<std::string> arguments);

}  // namespace every::cli
