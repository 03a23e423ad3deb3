#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "worker/frame.h"
#include <sys/types.h>

#include "every/core/error.h"

namespace every::wasm::worker {

/// A child process; killed and waited for by the destructor if that has not been done. thread: one at a time.
class Process {
 public:
  Process() = default;
  explicit Process(pid_t pid) : pid_(pid) {}
  Process(Process&& other) noexcept : pid_(std::exchange(other.pid_, 0)) {}
  Process& operator=(Process&& other) noexcept;
  ~Process() { end(); }

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool alive() const { return pid_ > 0; }
  void kill() const;
  /// How it ended, once it has: `signal 9`, `exit code 1`. Nothing is left of it then.
  [[nodiscard]] std::optional<std::string> try_reap();
  /// Kills and waits.
  std::string end();

 private:
  pid_t pid_ = 0;
};

struct SpawnedWorker {
  Process process;
  Channel channel;
};

/// Starts a worker process: socket at kWorkerSocket, nothing on standard input and output, standard error ours, no other descriptor,
/// default signals. The thread that calls must outlive the process, which dies with it.
///
/// errors: kNotFound, kPermissionDenied, kIo the command cannot be started
[[nodiscard]] core::Result<SpawnedWorker> spawn_worker(const std::vector<std::string>& command);

}  // namespace every::wasm::worker
