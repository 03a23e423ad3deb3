// What a sandboxed process can still do: the test process probes itself and answers by its exit code.
#include <csignal>

#include "worker_test_component.h"
#include <gtest/gtest.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace every::wasm::testing {
namespace {

/// The exit code of `worker_test_process 1 probe <what>`: kAllowed or kDenied.
int probe(const char* what) {
  const pid_t child = fork();
  if (child == 0) {
    execl(EVERY_TEST_WORKER, EVERY_TEST_WORKER, "1", "probe", what, nullptr);
    _exit(127);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

class SandboxTest : public ::testing::TestWithParam<const char*> {};

TEST_P(SandboxTest, Denies) {
  if (probe("filter") != kAllowed)
    GTEST_SKIP() << "no seccomp filter here: sanitizers, or a kernel without";
  EXPECT_EQ(probe(GetParam()), kDenied);
}

INSTANTIATE_TEST_SUITE_P(Calls, SandboxTest,
                         ::testing::Values("socket", "fork", "exec", "signal", "write", "ptrace",
                                           "unlink"),
                         [](const auto& name) { return name.param; });

TEST(SandboxFilesTest, DeniesFilesBesideTheCodeCache) {
  if (probe("filter") != kAllowed)
    GTEST_SKIP() << "no sandbox here: sanitizers, or a kernel without";
  if (syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION) < 1)
    GTEST_SKIP() << "no Landlock here";
  EXPECT_EQ(probe("read"), kDenied);
}

TEST(SandboxThreadsTest, LeavesThreadsAndAbortAlone) {
  EXPECT_EQ(probe("thread"), kAllowed);
  EXPECT_EQ(probe("abort"), 128 + SIGABRT);
}

}  // namespace
}  // namespace every::wasm::testing
