#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "worker/frame.h"
#include "worker/messages.h"
#include "worker/sandbox.h"
#include <pthread.h>
#include <unistd.h>

#include "every/wasm/worker_pool.h"

namespace every::wasm {

namespace worker {
namespace {

using core::ErrorCode;

// Frames waiting to be sent before guests that log have to wait for the node.
constexpr std::size_t kOutboxLimit = 256;
// A guest's line waits so long for company, its task's end as a rule, and that for the ends of the tasks behind it: sending and receiving a frame costs
// as much as a small task.
constexpr std::chrono::milliseconds kMostWait{3};
constexpr std::size_t kMostAtOnce = 32;
// Without a frame that waits for so long nobody looks for any.
constexpr int kLooksInVain = 100;
// What takes longer is told at once.
constexpr std::chrono::microseconds kShortTask{500};

/// The worker's side of the protocol. Lives until the process ends.
class Served {
 public:
  Served(Channel& channel, WorkerExecutor executor)
      : channel_(channel), executor_(std::move(executor)) {
    std::thread([this] { send_in_time(); }).detach();
  }

  /// Takes a frame. thread: the one that receives; never blocks on guests or on the compiler.
  void take(Frame frame) {
    switch (frame.type) {
      case FrameType::kPing:
        return post({FrameType::kPong, frame.id, {}});
      case FrameType::kCancel:
        return cancel(frame.id);
      case FrameType::kStart: {
        std::unique_lock lock(mutex_);
        tasks_.emplace(frame.id, Running{});
        if (!preparing_) {
          lock.unlock();
          return start(frame);
        }
        return preparation_.push_back(std::move(frame));
      }
      case FrameType::kLoad: {
        const std::lock_guard lock(mutex_);
        preparation_.push_back(std::move(frame));
        if (std::exchange(preparing_, true)) return;
        // Compiling may take long; pings and cancellations are answered meanwhile.
        std::thread([this] { prepare_in_order(); }).detach();
        return;
      }
      default:
        die("the node sent a frame of type " + std::to_string(static_cast<int>(frame.type)));
    }
  }

  /// Sends a frame, with whatever other threads want to send meanwhile.
  void post(Frame frame) {
    std::unique_lock lock(mutex_);
    outbox_.push_back(std::move(frame));
    if (sending_) {
      if (outbox_.size() > kOutboxLimit)
        sent_.wait(lock, [&] { return outbox_.size() <= kOutboxLimit; });
      return;
    }
    send_all(lock);
  }

  [[noreturn]] static void die(const std::string& why) {
    std::fprintf(stderr, "every worker: %s\n", why.c_str());
    _exit(1);
  }

 private:
  void send_all(std::unique_lock<std::mutex>& lock) {
    sending_ = true;
    while (!outbox_.empty()) {
      Packet packet;
      while (!outbox_.empty() && append(packet, outbox_.front()) == Fits::kYes) outbox_.pop_front();
      lock.unlock();
      if (!channel_.send(packet, Channel::Wait::kYes)) _exit(0);
      lock.lock();
      sent_.notify_all();
    }
    sending_ = false;
  }

  /// Sends a frame with what comes next, or soon.
  void post_soon(Frame frame) {
    {
      const std::lock_guard lock(mutex_);
      if (!sending_ && outbox_.size() + 1 < kMostAtOnce) {
        outbox_.push_back(std::move(frame));
        if (std::exchange(looking_, true)) return;
        return look_.notify_one();
      }
    }
    post(std::move(frame));
  }

  // Awake while frames wait: waking it for each of them would cost what it saves.
  void send_in_time() {
    std::unique_lock lock(mutex_);
    for (int in_vain = 0;;) {
      if (in_vain == kLooksInVain) {
        looking_ = false;
        look_.wait(lock, [&] { return looking_; });
        in_vain = 0;
      }
      look_.wait_for(lock, kMostWait);
      ++in_vain;
      if (outbox_.empty()) continue;
      in_vain = 0;
      if (!sending_) send_all(lock);
    }
  }

  /// A function of a component.
  using Function = std::pair<ipld::Cid, std::string>;
  struct ByFunction {
    using is_transparent = void;
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      return std::tie(a.first, a.second) < std::tie(b.first, b.second);
    }
  };
  struct Running {
    Executor::TaskId started = 0;
    bool is_started = false;
    bool cancelled = false;
    std::optional<Function> untried = {};  // it has not ended well in this process yet
  };

  static Frame frame_of(FrameType type, std::uint64_t id, core::Bytes bytes) {
    auto payload = Payload::make(std::move(bytes));
    if (!payload) die(payload.error().message);
    return {type, id, std::move(*payload)};
  }

  void done(std::uint64_t id, TaskOutcome outcome) {
    bool may_wait = false;
    {
      const std::lock_guard lock(mutex_);
      const auto found = tasks_.find(id);
      if (found->second.untried) {
        --untried_;
        if (outcome.value) tried_.insert(std::move(*found->second.untried));
      }
      tasks_.erase(found);
      may_wait = outcome.value && outcome.stats.run_time < kShortTask && others_follow();
    }
    Frame frame = frame_of(FrameType::kDone, id, encode(outcome));
    may_wait ? post_soon(std::move(frame)) : post(std::move(frame));
  }

  // Whether an end may wait for those of the tasks behind it. Not for one that might take this process along: then the ends are lost, and
  // the node would blame a task that was long done.
  bool others_follow() const {
    return executor_.waiting && untried_ == 0 && executor_.waiting() > outbox_.size();
  }

  void cancel(std::uint64_t id) {
    Executor::TaskId started = 0;
    {
      const std::lock_guard lock(mutex_);
      const auto found = tasks_.find(id);
      if (found == tasks_.end()) return;
      found->second.cancelled = true;
      if (!found->second.is_started) return;
      started = found->second.started;
    }
    executor_.executor->cancel(started);
  }

  void start(const Frame& frame) {
    const auto id = frame.id;
    auto spec = decode_start(frame.payload.view());
    if (!spec) return done(id, {core::fail(std::move(spec).error()), {}});
    {
      std::unique_lock lock(mutex_);
      Running& task = tasks_[id];
      if (task.cancelled) {
        lock.unlock();
        return done(id, {core::fail(ErrorCode::kCancelled, "cancelled before it ran"), {}});
      }
      if (const auto failed = failed_.find(spec->component); failed != failed_.end()) {
        auto error = failed->second;
        lock.unlock();
        return done(id, {core::fail(std::move(error)), {}});
      }
      if (!tried_.contains(
              std::pair<const ipld::Cid&, std::string_view>(spec->component, spec->function))) {
        task.untried.emplace(spec->component, spec->function);
        ++untried_;
      }
    }
    const auto started = executor_.executor->start(
        std::move(*spec),
        [this, id](LogLine line) { post_soon(frame_of(FrameType::kLog, id, encode(line))); },
        [this, id](TaskOutcome outcome) { done(id, std::move(outcome)); });
    bool cancel_now = false;
    {
      const std::lock_guard lock(mutex_);
      const auto found = tasks_.find(id);
      if (found == tasks_.end()) return;
      found->second.started = started;
      found->second.is_started = true;
      cancel_now = found->second.cancelled;
    }
    if (cancel_now) executor_.executor->cancel(started);
  }

  void prepare_in_order() {
    for (;;) {
      Frame frame;
      {
        const std::lock_guard lock(mutex_);
        if (preparation_.empty()) {
          preparing_ = false;
          return;
        }
        frame = std::move(preparation_.front());
        preparation_.pop_front();
      }
      if (frame.type == FrameType::kStart) {
        start(frame);
      } else {
        load(frame);
      }
    }
  }

  void load(const Frame& frame) {
    const auto asked = decode_load(frame.payload.view());
    if (!asked) die(asked.error().message);
    core::Result<std::shared_ptr<const ComponentInfo>> loaded =
        core::fail(ErrorCode::kNotFound, "there is no code cache");
    if (asked->source == Source::kBytes) {
      loaded = executor_.executor->prepare(asked->cid, asked->bytes);
    } else if (executor_.prepare_known) {
      loaded = executor_.prepare_known(asked->cid);
    }
    {
      const std::lock_guard lock(mutex_);
      if (loaded) {
        failed_.erase(asked->cid);
      } else {
        failed_.insert_or_assign(asked->cid, loaded.error());
      }
    }
    post(frame_of(FrameType::kLoaded, frame.id, encode_loaded(loaded)));
  }

  Channel& channel_;
  WorkerExecutor executor_;
  std::mutex mutex_;
  std::condition_variable sent_;
  std::deque<Frame> outbox_;
  bool sending_ = false;
  std::condition_variable look_;
  bool looking_ = false;  // whether frames that wait are looked for
  std::unordered_map<std::uint64_t, Running> tasks_;
  std::set<Function, ByFunction> tried_;
  std::size_t untried_ = 0;        // tasks of other functions
  std::deque<Frame> preparation_;  // loads, and the starts that came behind them
  bool preparing_ = false;
  std::map<ipld::Cid, core::Error> failed_;
};

core::Result<WorkerSettings> await_welcome(Channel& channel, std::vector<Frame>& frames) {
  EVERY_TRY_ASSIGN(const auto state, channel.receive(frames, Channel::Wait::kYes));
  if (state == Channel::State::kClosed) _exit(0);
  if (frames.empty() || frames.front().type != FrameType::kWelcome) {
    return core::fail(ErrorCode::kMalformed, "the node did not begin with a welcome");
  }
  EVERY_TRY_ASSIGN(auto welcome, decode_welcome(frames.front().payload.view()));
  frames.erase(frames.begin());
  return welcome.settings;
}

/// Takes what comes from the node, packet by packet. thread: one at a time
class Receiver {
 public:
  Receiver(Channel& channel, Served& served, std::vector<Frame> frames)
      : channel_(channel), served_(served), frames_(std::move(frames)) {}

  /// Waits for a packet and takes its frames; ends the process with the connection.
  Received receive() {
    if (frames_.empty()) {
      const auto state = channel_.receive(frames_, Channel::Wait::kYes);
      if (!state) Served::die(state.error().message);
      // The node is gone or wants no more: nothing here is worth keeping, and guests may never end by themselves.
      if (*state == Channel::State::kClosed) _exit(0);
    }
    for (auto& frame : frames_) served_.take(std::move(frame));
    frames_.clear();
    return Received::kMore;
  }

 private:
  Channel& channel_;
  Served& served_;
  std::vector<Frame> frames_;  // those that came with the welcome, at first
};

core::Status serve(int fd, const WorkerExecutorFactory& make_executor) {
  Channel channel{core::UniqueFd(fd)};
  std::vector<Frame> frames;
  EVERY_TRY_ASSIGN(const auto settings, await_welcome(channel, frames));
  enter_sandbox(settings);
  EVERY_TRY_ASSIGN(auto executor, make_executor(settings));
  const auto receive_with = std::move(executor.receive_with);
  Served served(channel, std::move(executor));
  served.post({FrameType::kHello, 0, Payload(encode_hello())});
  Receiver receiver(channel, served, std::move(frames));
  if (receive_with) {
    receive_with([&receiver] { return receiver.receive(); });
    std::promise<void>().get_future().wait();  // this thread has nothing to do any more
  }
  while (receiver.receive() == Received::kMore) {
  }
  return {};
}

}  // namespace
}  // namespace worker

int worker_main(int fd, const WorkerExecutorFactory& make_executor) {
  const auto served = worker::serve(fd, make_executor);
  if (!served) std::fprintf(stderr, "every worker: %s\n", served.error().message.c_str());
  return 1;
}

}  // namespace every::wasm
