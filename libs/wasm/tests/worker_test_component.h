#pragma once

#include <string_view>

namespace every::wasm::testing {

/// Bytes of the component whose function `command` does to its process what it is told.
inline constexpr std::string_view kCommands = "every: a component of commands";
/// Bytes on which the compiler never ends, and on which it crashes.
inline constexpr std::string_view kCompilesForever = "every: compiles forever";
inline constexpr std::string_view kKillsTheCompiler = "every: kills the compiler";

}  // namespace every::wasm::testing
