#pragma once

#include <string_view>

namespace every::wasm::testing {

/// Bytes of the component whose function `command` does to its process what it is told.
inline constexpr std::string_view kCommands = "every: a component of commands";
/// Bytes on which the compiler never ends, and on which it crashes.
inline constexpr std::string_view kCompilesForever = "every: compiles forever";
inline constexpr std::string_view kKillsTheCompiler = "every: kills the compiler";

/// Exit codes of a probe of the sandbox.
inline constexpr int kAllowed = 40;
inline constexpr int kDenied = 41;

}  // namespace every::wasm::testing
