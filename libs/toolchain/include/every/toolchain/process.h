#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
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

/// Where a tool's own words about a failure are: `cargo says why above`; for one that said nothing or was ended from outside, how it ended and
/// what to try.
[[nodiscard]] std::string who_says_why(const ProcessOutcome& outcome, std::string_view who);

/// Runs a program to its end. It has a process group of its own, which is ended when the token is cancelled.
///
/// errors: kNotFound no such program; kPermissionDenied it cannot be run; kCancelled; kIo
/// cost: blocks. thread: any
[[nodiscard]] core::Result<ProcessOutcome> run_process(const ProcessSpec& spec,
                                                       const core::CancelToken& cancel);

/// A program that stays, is told lines and answers with lines. It has a process group of its own, which is ended when this goes.
/// thread: one at a time
class StandingProcess {
 public:
  /// in: spec   without input and on_output; what it says on standard error is not kept
  /// errors: as run_process
  [[nodiscard]] static core::Result<std::unique_ptr<StandingProcess>> start(
      const ProcessSpec& spec);
  ~StandingProcess();
  StandingProcess(const StandingProcess&) = delete;
  StandingProcess& operator=(const StandingProcess&) = delete;

  /// errors: kUnavailable it has ended
  [[nodiscard]] core::Status tell(std::string_view text);
  /// The next line, without its break. errors: kUnavailable it has ended; kTimeout; kCancelled
  [[nodiscard]] core::Result<std::string> hear(std::chrono::steady_clock::time_point until,
                                               const core::CancelToken& cancel);

 private:
  struct Impl;
  explicit StandingProcess(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace every::toolchain
