#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "every/core/cancel.h"
#include "every/core/error.h"

namespace every::toolchain {

/// The variables a child process gets; a copy of this process's, or what a test wants.
using Environment = std::map<std::string, std::string>;
[[nodiscard]] Environment system_environment();

/// The first executable file of that name in the folders of `PATH`; none where there is none. A name with `/` is looked at as it stands.
[[nodiscard]] std::optional<std::filesystem::path> find_program(const Environment& environment,
                                                                std::string_view name);

struct ProcessSpec {
  std::vector<std::string> arguments;  ///< the program first: a path, or a name looked for in PATH
  std::filesystem::path folder;        ///< where it runs; empty: here
  Environment environment;             ///< all of it
  std::string input;                   ///< what it reads on standard input
  /// Told of output as it comes, whole lines where there are any; called on the thread of run_process. May be empty.
  std::function<void(std::string_view)> on_output;
};

struct ProcessOutcome {
  int exit_code = 0;   ///< 128 + signal number for one that a signal ended
  std::string output;  ///< standard output
  std::string errors;  ///< standard error
  [[nodiscard]] bool ok() const { return exit_code == 0; }
};

/// Runs a program to its end. It has a process group of its own, which is ended when the token is cancelled.
///
/// errors: kNotFound no such program; kPermissionDenied it cannot be run; kCancelled; kIo
/// cost: blocks. thread: any
[[nodiscard]] core::Result<ProcessOutcome> run_process(const ProcessSpec& spec,
                                                       const core::CancelToken& cancel);

}  // namespace every::toolchain
