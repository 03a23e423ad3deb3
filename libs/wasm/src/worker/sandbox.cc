#include "worker/sandbox.h"

#include <csignal>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace every::wasm::worker {

namespace {

void limit(int resource, rlim_t value) {
  const rlimit both{value, value};
  setrlimit(static_cast<__rlimit_resource_t>(resource), &both);
}

void leave_with_the_parent() {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // A parent that died before that: its end of the socket is closed, which ends this process at the first read.
  // The terminal's signals go to the whole group; the node decides when its workers end.
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGTERM, SIG_IGN);
  std::signal(SIGHUP, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
}

void set_limits(const WorkerSettings& settings) {
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_NOFILE, 256);
  if (settings.data_bytes > 0) limit(RLIMIT_DATA, settings.data_bytes);
}

}  // namespace

void enter_sandbox(const WorkerSettings& settings) {
  leave_with_the_parent();
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  set_limits(settings);
}

}  // namespace every::wasm::worker
