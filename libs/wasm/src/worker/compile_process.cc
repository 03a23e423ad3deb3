#include "worker/compile_process.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <string>
#include <utility>

#include "worker/messages.h"
#include "worker/process.h"
#include <poll.h>

namespace every::wasm::worker {

using core::ErrorCode;
using SteadyClock = std::chrono::steady_clock;

namespace {

enum class Waited { kReady, kTimeout };

Waited wait_readable(int fd, SteadyClock::time_point until) {
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - SteadyClock::now()).count();
    if (left <= 0) return Waited::kTimeout;
    pollfd waiting{fd, POLLIN, 0};
    if (poll(&waiting, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000))) > 0)
      return Waited::kReady;
  }
}

/// How a process ends that used up its processor time.
const std::string kOutOfCpu = "signal " + std::to_string(SIGXCPU);

std::chrono::seconds cpu_limit(const WorkerPoolOptions& options, std::uint64_t bytes) {
  const auto mebibytes = static_cast<std::int64_t>((bytes >> 20) + 1);
  return std::chrono::ceil<std::chrono::seconds>(options.compile_cpu +
                                                 options.compile_cpu / 10 * 3 * mebibytes);
}

std::string seconds(std::chrono::nanoseconds duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(duration).count()) + " s";
}

}  // namespace

core::Result<std::shared_ptr<const ComponentInfo>> prepare_in_own_process(
    const WorkerPoolOptions& options, const ipld::Cid& cid, const Payload& load,
    const core::CancelToken& cancel) {
  const auto what = "cannot compile component " + cid.render() + ": ";
  EVERY_TRY_ASSIGN(auto worker, spawn_worker(options.command));
  // A cancellation closes the line; the process is killed and waited for when this function is left.
  const auto registration = cancel.on_cancel([&] { worker.channel.shut_down(); });
  Welcome welcome;
  const auto cpu = cpu_limit(options, load.view().size());
  welcome.settings = {WorkerRole::kCompile,
                      options.threads,
                      options.max_threads,
                      options.code_cache,
                      options.compile_bytes,
                      0,
                      static_cast<std::uint64_t>(cpu.count())};
  Packet packet;
  (void)append(packet, {FrameType::kWelcome, 0, Payload(encode(welcome))});
  Packet request;
  (void)append(request, {FrameType::kLoad, 1, load});
  auto sent = worker.channel.send(packet, Channel::Wait::kYes);
  if (sent) sent = worker.channel.send(request, Channel::Wait::kYes);

  const auto until = SteadyClock::now() + options.compile_time;
  bool greeted = false;
  while (sent) {
    if (wait_readable(worker.channel.fd(), until) == Waited::kTimeout) {
      return core::fail(ErrorCode::kTimeout,
                        what + "it took longer than the limit of " + seconds(options.compile_time));
    }
    std::vector<Frame> frames;
    EVERY_TRY_ASSIGN(const auto state, worker.channel.receive(frames, Channel::Wait::kNo));
    if (state == Channel::State::kClosed) break;
    for (const auto& frame : frames) {
      if (frame.type == FrameType::kHello) {
        EVERY_TRY(decode_hello(frame.payload.view()));
        greeted = true;
      } else if (frame.type == FrameType::kLoaded && frame.id == 1) {
        EVERY_TRY_ASSIGN(auto loaded, decode_loaded(frame.payload.view()));
        if (loaded && (*loaded)->cid != cid)
          return core::fail(ErrorCode::kInternal, what + "the compiler answered about another one");
        return loaded;
      }
    }
  }
  if (cancel.cancelled()) return core::fail(ErrorCode::kCancelled, what + "the node is stopping");
  // Give it the time to end by itself, so that its own reason is the one named.
  std::optional<std::string> end;
  for (int tries = 0; tries < 200 && !(end = worker.process.try_reap()); ++tries)
    poll(nullptr, 0, 5);
  if (!end) end = worker.process.end();
  if (!greeted) {
    return core::fail(
        ErrorCode::kUnavailable,
        what + "the worker process " + options.command.front() + " did not begin (" + *end + ")");
  }
  if (*end == kOutOfCpu) {
    return core::fail(ErrorCode::kTimeout,
                      what + "it took more processor time than the limit of " + seconds(cpu) +
                          " for a component of its size; on a slow machine the setting "
                          "every.limits.compile_time gives it more");
  }
  return core::fail(ErrorCode::kResourceExhausted,
                    what + "the compiling process was lost (" + *end +
                        "); it may have needed more than its limit of " +
                        std::to_string(options.compile_bytes >> 20) + " MiB");
}

}  // namespace every::wasm::worker
