#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "every/core/error.h"
#include "every/core/log.h"

namespace every::cli {

/// Whether a stream shows colours: a terminal, and nobody said NO_COLOR.
[[nodiscard]] core::LogColour colour_of(std::FILE* stream);

/// What a person is told while a command runs. Goes to standard error: standard output is for answers and logs.
class Console {
 public:
  Console(std::FILE* stream, core::LogColour colour) : stream_(stream), colour_(colour) {}
  /// `✔ …`; `address` (may be empty) follows, coloured.
  void done(std::string_view text, std::string_view address = {}) const;
  /// `- …`
  void busy(std::string_view text) const;
  /// `! …`
  void warn(std::string_view text) const;
  /// `✘ …`
  void failed(std::string_view text) const;
  void line(std::string_view text) const;
  /// `➜ Local:    <address>`
  void arrow(std::string_view label, std::string_view address) const;
  /// `error: …`; with the last lines a guest wrote, where the error has them.
  void error(const core::Error& error) const;

 private:
  void below(std::string_view first, std::string_view text, std::string_view indent) const;
  [[nodiscard]] std::string paint(std::string_view text, std::string_view code) const;
  std::FILE* stream_;
  core::LogColour colour_;
};

/// The exit code of an error. thread: any
[[nodiscard]] int exit_code(const core::Error& error);

}  // namespace every::cli
