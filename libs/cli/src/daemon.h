#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "every/core/error.h"
#include "every/core/file.h"

namespace every::cli {

/// This process as a daemon: a session of its own, in a folder with `homestar.pid` (locked as long as it lives) and `homestar.log.YYYY-MM-DD` (its
/// output, one file a day, UTC), as the original leaves them.
class Daemon {
 public:
  /// Forks. Returns the daemon in the new process; in the one that was called, once the daemon is ready: null. Call it before any thread is started.
  ///
  /// errors (in the process that was called): kConflict a daemon of this folder lives already (its pid is named); kNotFound the folder;
  ///         kPermissionDenied, kIo; whatever the daemon failed with before it was ready
  [[nodiscard]] static core::Result<std::unique_ptr<Daemon>> start(
      const std::filesystem::path& folder);
  /// Removes the pid file. A daemon that never was ready is told as one that ended.
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  /// Lets the process that was called go, with success or with an error.
  void ready();
  void failed(const core::Error& error);

 private:
  class DailyLog;
  Daemon(std::filesystem::path pid_file, core::UniqueFd lock, core::UniqueFd caller);
  std::filesystem::path pid_file_;
  core::UniqueFd lock_;
  core::UniqueFd
      caller_;  ///< a pipe: what comes out of it is the error; nothing but its end: it died
  std::unique_ptr<DailyLog> log_;
};

}  // namespace every::cli
