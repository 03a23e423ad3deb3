#include "guest_output.h"

#include <algorithm>
#include <utility>

#include "every/core/text.h"

namespace every::wasm {
namespace {

constexpr std::size_t kLongestLine = 64 * 1024;
constexpr std::size_t kLongestCategory = 256;
/// Of a task's lines together: few lines may be long, and many hostile tasks write at once.
constexpr std::size_t kMostBytes = std::size_t{4} << 20;
/// How much of the end of stderr is kept to read its last words from.
constexpr std::size_t kWords = 8000;

core::LogLevel level_of(std::uint32_t level) {
  // critical is an error, as in the original
  return static_cast<core::LogLevel>(
      std::min<std::uint32_t>(level, static_cast<std::uint32_t>(core::LogLevel::kError)));
}

}  // namespace

GuestOutput::GuestOutput(std::string function, std::uint64_t line_limit, OnLine on_line)
    : function_(std::move(function)),
      left_(line_limit),
      limit_(line_limit),
      on_line_(std::move(on_line)) {}

void GuestOutput::write(GuestSource source, std::uint32_t level, std::string_view category,
                        std::string_view text) {
  switch (source) {
    case GuestSource::kLogging:
      // What is cut off anyway is not looked through: it may be as large as the guest's memory.
      if (cut_) return;
      line(level_of(level),
           core::shorten(core::to_valid_utf8(category.substr(0, kLongestCategory + 4)),
                         kLongestCategory),
           text);
      break;
    case GuestSource::kPrint:
      lines(GuestSource::kStdout, text);
      break;
    case GuestSource::kStdout:
      stream(stdout_, source, text);
      break;
    case GuestSource::kStderr:
      stream(stderr_, source, text);
      break;
  }
}

void GuestOutput::finish() {
  if (!stdout_.empty()) stream_line(GuestSource::kStdout, std::exchange(stdout_, {}));
  if (!stderr_.empty()) stream_line(GuestSource::kStderr, std::exchange(stderr_, {}));
}

LastWords GuestOutput::last_words() const {
  return read_last_words(words_ + stderr_);
}

// A print stands for itself: what a stream had begun is not its beginning.
void GuestOutput::lines(GuestSource source, std::string_view text) {
  std::string pending;
  stream(pending, source, text);
  if (!pending.empty() || text.empty()) stream_line(source, pending);
}

void GuestOutput::stream(std::string& pending, GuestSource source, std::string_view text) {
  while (!text.empty()) {
    const auto room = kLongestLine - pending.size();
    const auto piece = text.substr(0, std::min(text.find('\n'), room));
    pending.append(piece);
    text.remove_prefix(piece.size());
    const bool ended = !text.empty() && text.front() == '\n';
    if (ended) text.remove_prefix(1);
    if (ended || pending.size() == kLongestLine) stream_line(source, std::exchange(pending, {}));
  }
}

void GuestOutput::stream_line(GuestSource source, std::string_view line_text) {
  const bool is_error = source == GuestSource::kStderr;
  if (line_text.ends_with('\r')) line_text.remove_suffix(1);
  if (is_error) {
    words_.append(line_text).append("\n");
    if (words_.size() > 2 * kWords) words_.erase(0, words_.size() - kWords);
    if (line_text.empty()) return;
  }
  line(is_error ? core::LogLevel::kWarn : core::LogLevel::kInfo,
       "guest:" + function_ + (is_error ? ":stderr" : ":stdout"), line_text);
}

void GuestOutput::line(core::LogLevel level, std::string category, std::string_view text) {
  if (cut_) return;
  const std::size_t size = category.size() + std::min(text.size(), kLongestLine);
  if (left_ > 0 && bytes_ + size <= kMostBytes) {
    --left_;
    bytes_ += size;
    on_line_({level, std::move(category),
              core::shorten(core::to_valid_utf8(text.substr(0, kLongestLine + 1)), kLongestLine)});
    return;
  }
  cut_ = true;
  const std::string most = left_ == 0 ? std::to_string(limit_) + " log lines"
                                      : std::to_string(kMostBytes >> 20) + " MiB of log lines";
  on_line_({core::LogLevel::kWarn, "guest:" + function_,
            "more than " + most + "; the rest is left out"});
}

}  // namespace every::wasm
