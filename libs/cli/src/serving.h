#pragma once

#include <thread>

#include "port_owner.h"
#include <signal.h>

#include "every/core/error.h"

namespace every::cli {

/// The signals that end a server. Blocked before any thread starts, so that only wait() takes them.
class StopSignals {
 public:
  StopSignals();
  /// Waits for one. A second one ends the process as if nobody had asked to be told.
  void wait() const;

 private:
  sigset_t set_{};
};

/// Ends the process at once on a signal while it starts: compiling takes long, and nothing has been promised yet.
class EndWhileStarting {
 public:
  EndWhileStarting();

 private:
  std::jthread thread_;
};

/// Ends this process as a stop signal does, from any thread.
void stop_this_process();

/// An error about a port that is taken, with whom by, where that can be told.
template <typename T>
core::Result<T> name_port_owner(core::Result<T> opened) {
  if (!opened) add_port_owner(opened.error());
  return opened;
}

}  // namespace every::cli
