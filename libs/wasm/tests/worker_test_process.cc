// A worker process whose guests are C++: what the tests of the pool start.
//
// arguments: <threads> [<mode>]; modes are ways of not being a proper worker, and `probe <what>`
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>

#include "worker/sandbox.h"
#include "worker_test_component.h"
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <unistd.h>

#include "every/wasm/testing/fake_executor.h"
#include "every/wasm/worker_pool.h"

namespace every::wasm::testing {
namespace {

[[noreturn]] void hang() {
  for (;;) pause();
}

void log_pid(const FakeCall& call) {
  call.log({core::LogLevel::kInfo, "pid", std::to_string(getpid())});
}

core::Result<ipld::Value> command(const FakeCall& call) {
  const auto& what = *call.args()[0].if_string();
  log_pid(call);
  if (what == "hang") hang();
  if (what == "abort") std::abort();
  if (what == "segv") std::raise(SIGSEGV);
  if (what == "exit") _exit(3);
  if (what == "slow") return core::fail(wait_for_cancel(call));
  if (what == "flood") {
    for (int i = 0; i < 100'000; ++i) call.log({core::LogLevel::kInfo, "flood", "line"});
  }
  return ipld::Value(getpid());
}

std::vector<FakeFunction> commands() {
  std::vector<FakeFunction> functions;
  functions.push_back(make_function_with_call("command",
                                              {{"what", wit::make_primitive(wit::Kind::kString)}},
                                              wit::make_primitive(wit::Kind::kS32), command));
  return functions;
}

class TestExecutor final : public Executor {
 public:
  explicit TestExecutor(std::size_t threads) : fake_(FakeMode::kThreaded, threads) {
    (void)fake_.add_component(core::as_bytes(kCommands), commands());
  }
  core::Result<std::shared_ptr<const ComponentInfo>> prepare(const ipld::Cid& cid,
                                                             core::BytesView bytes) override {
    if (core::as_text(bytes) == kCompilesForever) hang();
    if (core::as_text(bytes) == kKillsTheCompiler) std::abort();
    return fake_.prepare(cid, bytes);
  }
  std::shared_ptr<const ComponentInfo> find_prepared(const ipld::Cid& cid) const override {
    return fake_.find_prepared(cid);
  }
  TaskId start(TaskSpec spec, OnLog on_log, OnDone on_done) override {
    return fake_.start(std::move(spec), std::move(on_log), std::move(on_done));
  }
  void cancel(TaskId id) override { fake_.cancel(id); }
  void stop() override { fake_.stop(); }
  std::size_t concurrency() const override { return fake_.concurrency(); }

 private:
  FakeExecutor fake_;
};

/// Tries one thing inside the sandbox of a worker that runs guests.
int probe(const std::string& what) {
  worker::enter_sandbox({});
  const auto answer = [](bool allowed) { return allowed ? kAllowed : kDenied; };
  if (what == "filter") return answer(prctl(PR_GET_SECCOMP) == 2);
  if (what == "socket") return answer(socket(AF_INET, SOCK_STREAM, 0) >= 0);
  if (what == "exec") {
    execl("/bin/true", "true", nullptr);
    return kDenied;
  }
  if (what == "fork") {
    const pid_t child = fork();
    if (child == 0) _exit(0);
    return answer(child > 0);
  }
  if (what == "signal") return answer(kill(getppid(), 0) == 0);
  if (what == "write") return answer(open("/tmp", O_TMPFILE | O_WRONLY, 0600) >= 0);
  if (what == "unlink") return answer(unlink("/nonexistent/file") == 0 || errno == ENOENT);
  if (what == "ptrace") return answer(ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0);
  if (what == "read") return answer(open("/etc/passwd", O_RDONLY) >= 0);
  if (what == "thread") {
    std::thread([] {}).join();
    return kAllowed;
  }
  if (what == "abort") std::abort();
  return 1;
}

void send_text(std::string_view text) {
  (void)::send(kWorkerSocket, text.data(), text.size(), MSG_NOSIGNAL);
}

}  // namespace
}  // namespace every::wasm::testing

int main(int argc, char** argv) {
  using namespace every::wasm;
  const std::size_t threads = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1;
  const std::string mode = argc > 2 ? argv[2] : "";
  if (mode == "exits") return 7;
  if (mode == "silent") testing::hang();
  if (mode == "probe" && argc > 3) return testing::probe(argv[3]);
  if (mode == "garbage") {
    testing::send_text("this is not a packet of the protocol, it is text of some length");
    testing::hang();
  }
  return worker_main(
      kWorkerSocket, [&](const WorkerSettings&) -> every::core::Result<WorkerExecutor> {
        return WorkerExecutor{std::make_unique<testing::TestExecutor>(threads), nullptr};
      });
}
