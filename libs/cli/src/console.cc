#include "console.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include <unistd.h>

#include "every/core/printable.h"

namespace every::cli {
namespace {

constexpr std::string_view kGreen = "\x1b[32m";
constexpr std::string_view kYellow = "\x1b[33m";
constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kDim = "\x1b[2m";
constexpr std::string_view kCyan = "\x1b[36m";
constexpr std::string_view kReset = "\x1b[0m";

}  // namespace

core::LogColour colour_of(std::FILE* stream) {
  const char* no_colour = std::getenv("NO_COLOR");
  const bool wanted =
      ::isatty(::fileno(stream)) == 1 && (no_colour == nullptr || *no_colour == '\0');
  return wanted ? core::LogColour::kAlways : core::LogColour::kNever;
}

std::string Console::paint(std::string_view text, std::string_view code) const {
  if (colour_ == core::LogColour::kNever) return std::string(text);
  return std::string(code) + std::string(text) + std::string(kReset);
}

void Console::line(std::string_view text) const {
  const std::string whole = std::string(text) + "\n";
  std::fwrite(whole.data(), 1, whole.size(), stream_);
  std::fflush(stream_);
}

void Console::done(std::string_view text, std::string_view address) const {
  line(paint("✔", kGreen) + " " + std::string(text) +
       (address.empty() ? std::string() : " " + paint(address, kCyan)));
}
void Console::busy(std::string_view text) const {
  line("- " + std::string(text));
}
void Console::warn(std::string_view text) const {
  line(paint("!", kYellow) + " " + std::string(text));
}
void Console::failed(std::string_view text) const {
  line(paint("✘", kRed) + " " + std::string(text));
}
void Console::arrow(std::string_view label, std::string_view address) const {
  line(paint("➜", kGreen) + " " + std::string(label) + ":    " + paint(address, kCyan));
}

void Console::error(const core::Error& error) const {
  below(paint("error:", kRed) + " ", error.message, "  ");
  if (const std::string_view task = error.find("task"); !task.empty()) {
    line("  task " + core::printable_line(task) + ", function " +
         core::printable_line(error.find("func")) + ", " + std::string(error.find("cid")));
  }
  // The guest language's own stack says more than the frames of its runtime.
  const std::string_view stack = error.find("stack");
  const std::pair<std::string_view, std::string_view> parts[] = {
      {"  its last lines:", error.find("log")},
      {"  where it was:", stack.empty() ? error.find("backtrace") : stack}};
  for (const auto& [title, text] : parts) {
    if (text.empty()) continue;
    line(paint(title, kDim));
    below("    ", text, "    ");
  }
}

// What failed may quote a guest or a file: nothing that a terminal acts on gets there.
void Console::below(std::string_view first, std::string_view text, std::string_view indent) const {
  std::string_view before = first;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    line(std::string(before) + core::printable_line(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
    before = indent;
  }
}

int exit_code(const core::Error& error) {
  return core::info(error.code).exit_code;
}

}  // namespace every::cli
