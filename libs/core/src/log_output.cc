#include "every/core/log_output.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <condition_variable>
#include <deque>
#include <thread>
#include <tuple>
#include <utility>

#include <poll.h>
#include <unistd.h>

#include "every/core/guarded.h"

namespace every::core {
namespace {

/// How often an output that takes nothing is asked whether the sink ends meanwhile.
constexpr int kPollMs = 50;
/// Written in one go: a pipe that says it is writable takes so much without waiting.
constexpr std::size_t kPiece = PIPE_BUF;

class OutputSink final : public LogSink {
 public:
  OutputSink(int fd, LogOutputOptions options)
      : fd_(fd), options_(options), thread_([this] { run(); }) {}

  ~OutputSink() override {
    {
      auto queue = queue_.lock();
      queue->ending = true;
      queue->end_at = std::chrono::steady_clock::now() + options_.end_within;
    }
    wake_.notify_one();
    thread_.join();
  }
  OutputSink(const OutputSink&) = delete;
  OutputSink& operator=(const OutputSink&) = delete;

  void write(const LogRecord& record) override {
    if (gone_.load(std::memory_order_relaxed)) return;
    std::string line = render(record);
    line += '\n';
    auto queue = queue_.lock();
    if (queue->bytes + line.size() > options_.most_bytes) {
      ++queue->missed;
      return;
    }
    const bool was_empty = queue->lines.empty() && queue->missed == 0;
    if (queue->missed > 0) push(*queue, missed_line(std::exchange(queue->missed, 0), record.time));
    push(*queue, std::move(line));
    if (was_empty) wake_.notify_one();
  }

 private:
  struct Queue {
    std::deque<std::string> lines;
    std::size_t bytes = 0;
    std::uint64_t missed = 0;  ///< since the last line in the queue
    bool ending = false;
    std::chrono::steady_clock::time_point end_at;
  };

  static void push(Queue& queue, std::string line) {
    queue.bytes += line.size();
    queue.lines.push_back(std::move(line));
  }

  [[nodiscard]] std::string render(const LogRecord& record) const {
    switch (options_.format) {
      case LogFormat::kJson:
        return render_json(record);
      case LogFormat::kPretty:
        return render_pretty(record, options_.colour);
      case LogFormat::kLogfmt:
        break;
    }
    return render_logfmt(record, options_.colour);
  }

  [[nodiscard]] std::string missed_line(std::uint64_t count, WallNanos time) const {
    return render({time,
                   LogLevel::kWarn,
                   std::to_string(count) + " log lines were left out: whoever reads them is too "
                                           "slow",
                   "log.output",
                   "log",
                   {{"missed", std::to_string(count)}}}) +
           "\n";
  }

  void run() {
    std::string text;
    for (;;) {
      {
        auto queue = queue_.lock();
        queue.wait(wake_, [](const Queue& q) { return q.ending || !q.lines.empty(); });
        if (queue->lines.empty()) {
          // The last ones may have been missed with nothing after them to say so.
          if (queue->missed == 0 || gone_ || said_) return;
          said_ = true;  // once: a disk that is full stays full
          push(*queue, missed_line(std::exchange(queue->missed, 0), SystemClock().wall()));
        }
        while (!queue->lines.empty() && text.size() < kPiece) {
          if (!text.empty() && text.size() + queue->lines.front().size() > kPiece) break;
          text += queue->lines.front();
          queue->bytes -= queue->lines.front().size();
          queue->lines.pop_front();
        }
      }
      const Put done = put(text);
      if (done != Put::kWritten) {
        auto queue = queue_.lock();
        queue->missed += static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
        if (done == Put::kGone) {
          gone_ = true;
          *queue = Queue{.lines = {}, .ending = queue->ending, .end_at = queue->end_at};
        }
      }
      text.clear();
    }
  }

  enum class Put : std::uint8_t {
    kWritten,
    kLost,  ///< this time: a full disk
    kGone,  ///< nobody will ever read it, or the sink ends and nobody does in time
  };
  Put put(std::string_view text) {
    // What an earlier failure cut short is no beginning of this line.
    if (std::exchange(cut_, false)) std::ignore = ::write(fd_, "\n", 1);
    while (!text.empty()) {
      pollfd ready{fd_, POLLOUT, 0};
      const int polled = ::poll(&ready, 1, kPollMs);
      if (polled == 0 || (polled < 0 && errno == EINTR)) {
        auto queue = queue_.lock();
        if (queue->ending && std::chrono::steady_clock::now() >= queue->end_at) return Put::kGone;
        continue;
      }
      if (polled < 0 || (ready.revents & POLLOUT) == 0) return Put::kGone;
      const ssize_t put = ::write(fd_, text.data(), std::min(text.size(), kPiece));
      if (put < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (put < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EIO)) return Put::kLost;
      if (put < 0) return Put::kGone;
      text.remove_prefix(static_cast<std::size_t>(put));
      cut_ = !text.empty();  // until the rest is out
    }
    return Put::kWritten;
  }

  const int fd_;
  const LogOutputOptions options_;
  Guarded<Queue> queue_;
  std::condition_variable wake_;
  std::atomic<bool> gone_ = false;
  bool said_ = false;   // the thread's: the last line about missed ones is on its way
  bool cut_ = false;    // the thread's: a line stands without its end
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace

std::unique_ptr<LogSink> make_output_sink(int fd, LogOutputOptions options) {
  return std::make_unique<OutputSink>(fd, options);
}

std::unique_ptr<LogSink> make_stdout_sink(LogFormat format, LogColour colour) {
  LogOutputOptions options;
  options.format = format;
  options.colour = colour;
  return make_output_sink(STDOUT_FILENO, options);
}

}  // namespace every::core
