#include "daemon.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <stop_token>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "every/core/clock.h"

namespace every::cli {
namespace {

namespace fs = std::filesystem;
using core::ErrorCode;

constexpr std::string_view kReady = "ready";

std::string read_all(int fd) {
  std::string text;
  std::array<char, 4096> chunk{};
  for (;;) {
    const ssize_t got = ::read(fd, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(chunk.data(), static_cast<std::size_t>(got));
  }
}

/// The pid file, locked for as long as somebody holds what is returned.
core::Result<core::UniqueFd> lock_pid_file(const fs::path& file) {
  core::UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640));
  if (!fd.valid()) return std::unexpected(core::system_error("cannot write", file, errno));
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
  std::string pid = read_all(fd.get());
  if (const auto end = pid.find_first_not_of("0123456789"); end != std::string::npos)
    pid.resize(end);
  return core::fail(ErrorCode::kConflict,
                    "a node runs as a daemon already" +
                        (pid.empty() ? std::string() : " (pid " + pid + ")") + ", says " +
                        file.string() +
                        "; stop that one, or choose another folder with --daemon_dir");
}

/// `2026-01-31` of now, UTC.
std::string today() {
  return core::render_timestamp(core::SystemClock().wall()).substr(0, 10);
}

fs::path log_file(const fs::path& folder) {
  return folder / ("homestar.log." + today());
}

core::Status log_to(const fs::path& file) {
  const core::UniqueFd fd(
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640));
  if (!fd.valid()) return std::unexpected(core::system_error("cannot write", file, errno));
  ::dup2(fd.get(), STDOUT_FILENO);
  ::dup2(fd.get(), STDERR_FILENO);
  return {};
}

/// What the process that was called tells of how the daemon came up.
core::Result<std::unique_ptr<Daemon>> wait_for_daemon(int pipe, pid_t daemon, const fs::path& log) {
  const std::string said = read_all(pipe);
  if (said == kReady) return nullptr;
  int status = 0;
  while (::waitpid(daemon, &status, 0) < 0 && errno == EINTR) {
  }
  const std::size_t cut = said.find('\n');
  const auto* row = core::find_error_code(said.substr(0, cut));
  if (row != nullptr && cut != std::string::npos)
    return core::fail(row->code, said.substr(cut + 1));
  return core::fail(ErrorCode::kInternal,
                    "the daemon ended while it started; what it said is in " + log.string());
}

}  // namespace

/// Turns to the next day's file when the day does.
class Daemon::DailyLog {
 public:
  explicit DailyLog(fs::path folder)
      : folder_(std::move(folder)),
        day_(today()),
        thread_([this](const std::stop_token& stop) { watch(stop); }) {}

 private:
  void watch(const std::stop_token& stop) {
    constexpr std::chrono::seconds kLook{30};
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, stop, kLook, [&stop] { return stop.stop_requested(); })) {
      const std::string day = today();
      // The old file goes on where a new one cannot be made.
      if (day != day_ && log_to(log_file(folder_))) day_ = day;
    }
  }
  fs::path folder_;
  std::string day_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

Daemon::Daemon(fs::path pid_file, core::UniqueFd lock, core::UniqueFd caller)
    : pid_file_(std::move(pid_file)), lock_(std::move(lock)), caller_(std::move(caller)) {}

Daemon::~Daemon() {
  std::error_code ignored;
  fs::remove(pid_file_, ignored);
}

core::Result<std::unique_ptr<Daemon>> Daemon::start(const fs::path& folder) {
  std::error_code problem;
  const fs::path place = fs::canonical(folder, problem);
  if (problem)
    return std::unexpected(
        core::system_error("--daemon_dir cannot be used:", folder, problem.value()));
  const fs::path pid_file = place / "homestar.pid";
  EVERY_TRY_ASSIGN(core::UniqueFd lock, lock_pid_file(pid_file));
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0)
    return std::unexpected(core::system_error("cannot make a pipe for", place, errno));
  core::UniqueFd reading(pipe[0]);
  core::UniqueFd writing(pipe[1]);
  const pid_t child = ::fork();
  if (child < 0) return std::unexpected(core::system_error("cannot fork in", place, errno));
  if (child > 0) {
    writing.reset();
    return wait_for_daemon(reading.get(), child, log_file(place));
  }

  std::unique_ptr<Daemon> daemon(new Daemon(pid_file, std::move(lock), std::move(writing)));
  const auto prepare = [&]() -> core::Status {
    ::setsid();
    if (::chdir(place.c_str()) != 0)
      return std::unexpected(core::system_error("cannot go to", place, errno));
    EVERY_TRY(log_to(log_file(place)));
    const core::UniqueFd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (nothing.valid()) ::dup2(nothing.get(), STDIN_FILENO);
    const std::string pid = std::to_string(::getpid());
    if (::ftruncate(daemon->lock_.get(), 0) != 0)
      return std::unexpected(core::system_error("cannot write", pid_file, errno));
    return core::write_all(daemon->lock_.get(), core::as_bytes(pid), pid_file);
  };
  if (const auto status = prepare(); !status) {
    daemon->failed(status.error());
    daemon.reset();
    ::_exit(core::info(status.error().code).exit_code);
  }
  daemon->log_ = std::make_unique<DailyLog>(place);
  return daemon;
}

void Daemon::ready() {
  if (!caller_.valid()) return;
  (void)core::write_all(caller_.get(), core::as_bytes(kReady), "the process that was called");
  caller_.reset();
}

void Daemon::failed(const core::Error& error) {
  if (!caller_.valid()) return;
  const std::string text = std::string(core::info(error.code).name) + "\n" + error.message;
  (void)core::write_all(caller_.get(), core::as_bytes(text), "the process that was called");
  caller_.reset();
}

}  // namespace every::cli
