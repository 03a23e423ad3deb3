#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "engine.h"
#include "last_words.h"

#include "every/wasm/executor.h"

namespace every::wasm {

/// Makes lines of what one guest writes, and remembers its last words. thread: the one that runs the guest.
///
/// Streams and prints are cut at newlines (and at 64 KiB); empty lines of stderr are left out. A message of wasi:logging is one line whatever it
/// holds, of at most 64 KiB. Text is made valid UTF-8. Past the limit, and past 4 MiB of lines, one line says so
/// and the rest is dropped.
class GuestOutput {
 public:
  using OnLine = std::function<void(LogLine)>;
  /// in: function   for the categories `guest:<function>:stdout|stderr`; on_line   outlives this
  GuestOutput(std::string function, std::uint64_t line_limit, OnLine on_line);

  void write(GuestSource source, std::uint32_t level, std::string_view category,
             std::string_view text);
  /// Emits what stands without its newline. Call once, when the guest is done.
  void finish();
  /// What the guest said last on stderr: a panic, an uncaught exception.
  [[nodiscard]] LastWords last_words() const;

 private:
  void stream(std::string& pending, GuestSource source, std::string_view text);
  void lines(GuestSource source, std::string_view text);
  void stream_line(GuestSource source, std::string_view line);
  void line(core::LogLevel level, std::string category, std::string_view text);

  std::string function_;
  std::uint64_t left_;
  std::uint64_t limit_;
  std::size_t bytes_ = 0;
  OnLine on_line_;
  std::string stdout_;
  std::string stderr_;
  std::string words_;
  bool cut_ = false;
};

}  // namespace every::wasm
