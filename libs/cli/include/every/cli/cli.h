#pragma once

#include <string>
#include <vector>

namespace every::cli {

/// The whole program: reads the command line, does what it says, says what went wrong.
///
/// in: arguments   without the program's name
/// out: the exit code; failures by the error table (core::info), wrong use 64. thread: main, before any other thread
[[nodiscard]] int run(std::vector<std::string> arguments);

}  // namespace every::cli
