// What a task cannot cost less than, as it is built: each piece by itself, with nothing around it.

#include <semaphore>
#include <string>
#include <vector>

#include "bench_node.h"
#include "bench_receipt.h"
#include "worker/frame.h"
#include <sys/wait.h>
#include <unistd.h>

namespace every::bench {
namespace {

constexpr std::size_t kInFlight = 64;

/// The five blocks of a task of two numbers: instruction, invocation, task, workflow, receipt.
Seconds hashing_time() {
  constexpr std::size_t kSizes[] = {150, 230, 300, 420, 220};
  const core::Bytes block(420, 7);
  constexpr int kTasks = 20'000;
  std::size_t kept = 0;
  const Seconds all = time([&] {
    for (int i = 0; i < kTasks; ++i) {
      for (const std::size_t size : kSizes)
        kept += ipld::Cid::of_dag_cbor(core::BytesView(block).first(size)).encode().back();
    }
  });
  return kept > 0 ? all / kTasks : all;
}

/// Runs of one task that logs a line, as a node records them.
std::vector<store::Batch> make_batches(std::size_t count) {
  std::vector<store::Batch> batches;
  const core::Bytes workflow(420, 7);
  for (std::size_t i = 0; i < count; ++i) {
    char id[32];
    std::snprintf(id, sizeof id, "06h1rhs785%016zu", i);
    store::Batch batch;
    batch.receipts.push_back(make_receipt(i));
    batch.receipts.back().run = id;
    const store::ReceiptRecord& receipt = batch.receipts.back();
    batch.runs.push_back({.id = id,
                          .name = "add",
                          .workflow = ipld::Cid::of_dag_cbor(core::as_bytes(id)),
                          .workflow_block = workflow,
                          .extra = core::Bytes(60, 7),
                          .task_count = 1,
                          .error_code = {},
                          .error_message = {}});
    batch.tasks.push_back({.run = id,
                           .instruction = receipt.instruction,
                           .receipt = receipt.cid,
                           .error_code = {},
                           .error_message = {}});
    batch.logs.push_back({.run = id, .category = "guest:rust:add", .message = "3.1 + 5.2 = 8.3"});
    batch.ends.push_back({.run = id, .error_code = {}, .error_message = {}});
    batches.push_back(std::move(batch));
  }
  return batches;
}

/// Processor time of the store alone.
Seconds storing_time(const Settings& settings, store::Durability durability) {
  std::counting_semaphore room(kInFlight);  // outlives the store, whose writer gives it back
  const auto store =
      must(store::open_store({.file = settings.folder + "/floor.db", .durability = durability}));
  auto batches = make_batches(30'000);
  const Seconds before = processor_time(Whose::kOwn);
  for (store::Batch& batch : batches) {
    room.acquire();
    store->commit(std::move(batch), [&](core::Status status) {
      if (!status) give_up(status.error());
      room.release();
    });
  }
  for (std::size_t i = 0; i < kInFlight; ++i) room.acquire();
  return (processor_time(Whose::kOwn) - before) / static_cast<double>(batches.size());
}

using wasm::worker::Channel;
using wasm::worker::Frame;
using wasm::worker::FrameType;
using wasm::worker::Packet;
using wasm::worker::Payload;

void send_all(const Channel& channel, const std::vector<Frame>& frames) {
  Packet packet;
  for (const Frame& frame : frames)
    if (append(packet, frame) == wasm::worker::Fits::kNo) std::abort();
  must(channel.send(packet, Channel::Wait::kYes));
}

/// Processor time, on both sides, of a task's three messages.
Seconds messaging_time() {
  constexpr std::size_t kTasks = 60'000;
  auto ends = must(Channel::make_pair());
  const core::Bytes start(220, 7);
  const core::Bytes line(60, 7);
  const core::Bytes done(120, 7);
  const Seconds before = processor_time(Whose::kOwn);
  const Seconds children_before = processor_time(Whose::kChildren);
  const pid_t child = ::fork();
  if (child == 0) {
    ends.first.reset();
    Channel channel(std::move(ends.second));
    for (;;) {
      std::vector<Frame> frames;
      if (must(channel.receive(frames, Channel::Wait::kYes)) == Channel::State::kClosed) ::_exit(0);
      std::vector<Frame> answers;
      for (const Frame& frame : frames) {
        answers.push_back({FrameType::kLog, frame.id, Payload(line)});
        answers.push_back({FrameType::kDone, frame.id, Payload(done)});
      }
      send_all(channel, answers);
    }
  }
  ends.second.reset();
  Channel channel(std::move(ends.first));
  std::size_t sent = 0;
  std::size_t arrived = 0;
  // As many on the way as a worker has of 64 among two.
  std::size_t room = kInFlight / 2;
  while (arrived < kTasks) {
    std::vector<Frame> frames;
    for (; room > 0 && sent < kTasks; --room)
      frames.push_back({FrameType::kStart, sent++, Payload(start)});
    if (!frames.empty()) send_all(channel, frames);
    frames.clear();
    must(channel.receive(frames, Channel::Wait::kYes));
    room = frames.size() / 2;
    arrived += room;
  }
  channel.close();
  ::waitpid(child, nullptr, 0);
  return (processor_time(Whose::kOwn) - before + processor_time(Whose::kChildren) -
          children_before) /
         kTasks;
}

}  // namespace

void bench_floor(const Settings& settings, Table& table) {
  const double rate =
      loop_rate_of_processes(settings.functions + "/math.wasm", 1, settings.seconds);
  const Seconds loop(1 / rate);
  const Seconds hashing = hashing_time();
  const Seconds messages = messaging_time();
  const Seconds durable = storing_time(settings, store::Durability::kDurable);
  const Seconds memory = storing_time(settings, store::Durability::kMemory);
  table.note("a task's pieces by themselves, processor time",
             "call " + show(loop) + ", five hashes " + show(hashing) + ", messages " +
                 show(messages) + ", store " + show(durable) + " durable, " + show(memory) +
                 " in memory");
  const auto told = [&](const char* what, Seconds storing) {
    table.note(what, number((loop + hashing + messages + storing) / loop) + " x loop");
  };
  told("  so no durable task costs less than", durable);
  told("  nor one in memory than", memory);
}

}  // namespace every::bench
