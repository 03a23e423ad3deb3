#include "every/toolchain/process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "every/core/file.h"

extern char** environ;

namespace every::toolchain {
namespace {

namespace fs = std::filesystem;
using core::ErrorCode;
using core::UniqueFd;

bool is_executable(const fs::path& path) {
  std::error_code failed;
  return fs::is_regular_file(path, failed) && ::access(path.c_str(), X_OK) == 0;
}

/// The child's standard input: a socket, because writing to it raises no signal when nobody reads.
struct Input {
  UniqueFd ours;
  UniqueFd theirs;
};

enum class Streams { kInput, kNoInput };

core::Result<Input> make_input(Streams streams) {
  if (streams == Streams::kNoInput) {
    UniqueFd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!nothing.valid()) return core::fail(core::system_error("open", "/dev/null", errno));
    return Input{{}, std::move(nothing)};
  }
  std::array<int, 2> fds{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) != 0)
    return core::fail(core::system_error("make", "a socket", errno));
  ::fcntl(fds[0], F_SETFL, O_NONBLOCK);
  return Input{UniqueFd(fds[0]), UniqueFd(fds[1])};
}

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

core::Result<Pipe> make_pipe() {
  std::array<int, 2> fds{};
  if (::pipe2(fds.data(), O_CLOEXEC) != 0)
    return core::fail(core::system_error("make", "a pipe", errno));
  return Pipe{UniqueFd(fds[0]), UniqueFd(fds[1])};
}

/// What posix_spawn needs, given back in one place.
class SpawnSettings {
 public:
  SpawnSettings() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigemptyset(&none);
    sigset_t all;
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  void give(int fd, int as) { posix_spawn_file_actions_adddup2(&actions_, fd, as); }
  void run_in(const fs::path& folder) {
    posix_spawn_file_actions_addchdir_np(&actions_, folder.c_str());
  }
  int spawn(pid_t& pid, const fs::path& program, std::vector<std::string> arguments,
            const Environment& environment) const {
    std::vector<std::string> variables;
    for (const auto& [name, value] : environment) {
      std::string variable = name;
      variable += '=';
      variable += value;
      variables.push_back(std::move(variable));
    }
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    std::vector<char*> envp;
    for (auto& variable : variables) envp.push_back(variable.data());
    envp.push_back(nullptr);
    return ::posix_spawn(&pid, program.c_str(), &actions_, &attributes_, argv.data(), envp.data());
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

/// One of the child's two outputs: kept whole, and told line by line.
struct Stream {
  UniqueFd fd;
  std::string all;
  std::size_t told = 0;

  void tell(const ProcessSpec& spec, bool at_end) {
    const auto end = at_end ? all.size() : all.rfind('\n') + 1;  // npos + 1 is 0
    if (!spec.on_output || end <= told) return;
    spec.on_output(std::string_view(all).substr(told, end - told));
    told = end;
  }
  /// Reads what is there; closes at the end.
  void pull(const ProcessSpec& spec) {
    std::array<char, 65536> buffer;
    const auto got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (got <= 0) {
      fd.reset();
    } else {
      all.append(buffer.data(), static_cast<std::size_t>(got));
    }
    tell(spec, got <= 0);
  }
};

/// Writes as much of the input as fits; closes when all is written or nobody reads.
void push(UniqueFd& fd, std::string_view& input) {
  const auto done = ::send(fd.get(), input.data(), input.size(), MSG_NOSIGNAL);
  if (done < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (done > 0) input.remove_prefix(static_cast<std::size_t>(done));
  if (done <= 0 || input.empty()) fd.reset();
}

/// Ends a process and all it started, if it is still there, when this goes.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ <= 0) return;
    end();
    wait();
  }
  void end() const { ::kill(-pid_, SIGKILL); }
  int wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }

 private:
  pid_t pid_;
};

/// Moves bytes until the child has closed its outputs, or the token is cancelled.
core::Status exchange(const ProcessSpec& spec, Stream& output, Stream& errors, UniqueFd& input,
                      const core::CancelToken& cancel) {
  UniqueFd cancelled(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  const auto registration =
      cancel.on_cancel([fd = cancelled.get()] { (void)::eventfd_write(fd, 1); });
  std::string_view left = spec.input;
  while (output.fd.valid() || errors.fd.valid()) {
    std::array<pollfd, 4> polled{{{output.fd.get(), POLLIN, 0},
                                  {errors.fd.get(), POLLIN, 0},
                                  {cancelled.get(), POLLIN, 0},
                                  {input.get(), POLLOUT, 0}}};
    if (::poll(polled.data(), polled.size(), -1) < 0) {
      if (errno == EINTR) continue;
      return core::fail(core::system_error("read from", spec.arguments.front(), errno));
    }
    if (polled[2].revents != 0) {
      return core::fail(ErrorCode::kCancelled, spec.arguments.front() + " was stopped");
    }
    if (polled[0].revents != 0) output.pull(spec);
    if (polled[1].revents != 0) errors.pull(spec);
    if (polled[3].revents != 0) push(input, left);
  }
  return {};
}

}  // namespace

Environment system_environment() {
  Environment environment;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    const auto at = text.find('=');
    if (at == std::string_view::npos) continue;
    environment.emplace(text.substr(0, at), text.substr(at + 1));
  }
  return environment;
}

std::optional<std::filesystem::path> find_program(const Environment& environment,
                                                  std::string_view name) {
  if (name.find('/') != std::string_view::npos) {
    if (is_executable(name)) return fs::path(name);
    return std::nullopt;
  }
  const auto path = environment.find("PATH");
  if (path == environment.end()) return std::nullopt;
  std::string_view left = path->second;
  while (!left.empty()) {
    const auto end = std::min(left.find(':'), left.size());
    const auto candidate = fs::path(left.substr(0, end)) / name;
    if (end > 0 && is_executable(candidate)) return candidate;
    left.remove_prefix(std::min(end + 1, left.size()));
  }
  return std::nullopt;
}

namespace {

/// A child with its three streams.
struct Started {
  pid_t pid = -1;
  UniqueFd input;
  UniqueFd output;
  UniqueFd errors;
};

core::Result<Started> start(const ProcessSpec& spec, Streams streams) {
  const auto program = find_program(spec.environment, spec.arguments.front());
  if (!program) {
    return core::fail(ErrorCode::kNotFound, spec.arguments.front() + " was not found");
  }
  std::error_code missing;
  if (!spec.folder.empty() && !fs::is_directory(spec.folder, missing))
    return core::fail(ErrorCode::kNotFound, spec.folder.string() + " is no folder to run in");
  EVERY_TRY_ASSIGN(auto output, make_pipe());
  EVERY_TRY_ASSIGN(auto errors, make_pipe());
  EVERY_TRY_ASSIGN(auto input, make_input(streams));
  SpawnSettings settings;
  settings.give(input.theirs.get(), STDIN_FILENO);
  settings.give(output.write.get(), STDOUT_FILENO);
  settings.give(errors.write.get(), STDERR_FILENO);
  if (!spec.folder.empty()) settings.run_in(spec.folder);
  Started started;
  const int failed =
      settings.spawn(started.pid, fs::absolute(*program), spec.arguments, spec.environment);
  if (failed != 0) return core::fail(core::system_error("run", *program, failed));
  started.input = std::move(input.ours);
  started.output = std::move(output.read);
  started.errors = std::move(errors.read);
  return started;
}

}  // namespace

core::Result<ProcessOutcome> run_process(const ProcessSpec& spec, const core::CancelToken& cancel) {
  if (cancel.cancelled())
    return core::fail(ErrorCode::kCancelled, spec.arguments.front() + " was not started");
  EVERY_TRY_ASSIGN(auto started,
                   start(spec, spec.input.empty() ? Streams::kNoInput : Streams::kInput));
  Child child(started.pid);
  Stream out{std::move(started.output), {}};
  Stream err{std::move(started.errors), {}};
  EVERY_TRY(exchange(spec, out, err, started.input, cancel));
  return ProcessOutcome{child.wait(), std::move(out.all), std::move(err.all)};
}

std::string who_says_why(const ProcessOutcome& outcome, std::string_view who) {
  const std::string name(who);
  const bool is_silent =
      (outcome.output + outcome.errors).find_first_not_of(" \n") == std::string::npos;
  if (outcome.exit_code > 128) {
    const int signal = outcome.exit_code - 128;
    const char* const words = ::strsignal(signal);
    return name + " was ended by signal " + std::to_string(signal) + " (" +
           (words != nullptr ? words : "unknown") + ")" +
           (signal == SIGKILL
                ? "; the system may have been out of memory: close other programs and build again"
                : "; build again, and if it stays so, install the tool anew: every doctor names "
                  "it");
  }
  if (!is_silent) return name + " says why above";
  return name + " ended with exit code " + std::to_string(outcome.exit_code) +
         " and said nothing; run it by hand, or install it anew: every doctor names it";
}

struct StandingProcess::Impl {
  Impl(Started begun, std::string called)
      : started(std::move(begun)), child(started.pid), name(std::move(called)) {}

  Started started;
  Child child;
  std::string name;
  std::string heard;

  [[nodiscard]] core::Error ended() const {
    return {ErrorCode::kUnavailable, name + " has ended", {}};
  }
};

StandingProcess::StandingProcess(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
StandingProcess::~StandingProcess() = default;

core::Result<std::unique_ptr<StandingProcess>> StandingProcess::start(const ProcessSpec& spec) {
  EVERY_TRY_ASSIGN(auto started, toolchain::start(spec, Streams::kInput));
  // Nobody reads it, and a full pipe would stop the program.
  started.errors.reset();
  return std::unique_ptr<StandingProcess>(
      new StandingProcess(std::make_unique<Impl>(std::move(started), spec.arguments.front())));
}

core::Status StandingProcess::tell(std::string_view text) {
  const auto sent = ::send(impl_->started.input.get(), text.data(), text.size(), MSG_NOSIGNAL);
  if (sent != static_cast<ssize_t>(text.size())) return core::fail(impl_->ended());
  return {};
}

core::Result<std::string> StandingProcess::hear(std::chrono::steady_clock::time_point until,
                                                const core::CancelToken& cancel) {
  UniqueFd cancelled(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  const auto registration =
      cancel.on_cancel([fd = cancelled.get()] { (void)::eventfd_write(fd, 1); });
  while (true) {
    if (const auto end = impl_->heard.find('\n'); end != std::string::npos) {
      std::string line = impl_->heard.substr(0, end);
      impl_->heard.erase(0, end + 1);
      return line;
    }
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now())
            .count();
    if (left <= 0) return core::fail(ErrorCode::kTimeout, impl_->name + " did not answer in time");
    std::array<pollfd, 2> polled{
        {{impl_->started.output.get(), POLLIN, 0}, {cancelled.get(), POLLIN, 0}}};
    if (::poll(polled.data(), polled.size(),
               static_cast<int>(std::min<std::int64_t>(left, 60'000))) < 0)
      continue;
    if (polled[1].revents != 0)
      return core::fail(ErrorCode::kCancelled, impl_->name + " was stopped");
    if (polled[0].revents == 0) continue;
    std::array<char, 4096> buffer;
    const auto got = ::read(impl_->started.output.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return core::fail(impl_->ended());
    impl_->heard.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace every::toolchain
