#include "worker/process.h"

#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "every/core/file.h"
#include "every/wasm/worker_pool.h"

namespace every::wasm::worker {

namespace {

std::string describe(int status) {
  if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
  if (WIFEXITED(status)) return "exit code " + std::to_string(WEXITSTATUS(status));
  return "status " + std::to_string(status);
}

/// What posix_spawn needs, freed at the end.
struct SpawnPlan {
  SpawnPlan() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
};

}  // namespace

Process& Process::operator=(Process&& other) noexcept {
  if (this != &other) {
    end();
    pid_ = std::exchange(other.pid_, 0);
  }
  return *this;
}

void Process::kill() const {
  if (pid_ > 0) ::kill(pid_, SIGKILL);
}

std::optional<std::string> Process::try_reap() {
  if (pid_ <= 0) return "already gone";
  int status = 0;
  const auto got = waitpid(pid_, &status, WNOHANG);
  if (got == 0 || (got < 0 && errno == EINTR)) return std::nullopt;
  pid_ = 0;
  // Somebody else in this process may collect children; then only that it is gone is known.
  return got < 0 ? "unknown cause" : describe(status);
}

std::string Process::end() {
  if (pid_ <= 0) return "already gone";
  kill();
  int status = 0;
  pid_t got = 0;
  do {
    got = waitpid(pid_, &status, 0);
  } while (got < 0 && errno == EINTR);
  pid_ = 0;
  return got < 0 ? "unknown cause" : describe(status);
}

core::Result<SpawnedWorker> spawn_worker(const std::vector<std::string>& command) {
  EVERY_TRY_ASSIGN(auto ends, Channel::make_pair());
  SpawnPlan plan;
  sigset_t signals;
  sigfillset(&signals);
  posix_spawnattr_setsigdefault(&plan.attributes, &signals);
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&plan.attributes, &signals);
  posix_spawnattr_setflags(&plan.attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  posix_spawn_file_actions_addopen(&plan.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&plan.actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&plan.actions, ends.second.get(), kWorkerSocket);
  posix_spawn_file_actions_addclosefrom_np(&plan.actions, kWorkerSocket + 1);
  std::vector<char*> arguments;
  for (const auto& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  pid_t pid = 0;
  // No environment: nothing of it is meant for guests or for the engine.
  char* const environment[] = {nullptr};
  const int failed = posix_spawn(&pid, command.front().c_str(), &plan.actions, &plan.attributes,
                                 arguments.data(), environment);
  if (failed != 0)
    return core::fail(core::system_error("cannot start a worker process", command.front(), failed));
  return SpawnedWorker{Process(pid), Channel(std::move(ends.first))};
}

}  // namespace every::wasm::worker
