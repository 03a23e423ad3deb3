// What a task costs: bare loop, fresh, replayed, chained.

#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "bench_node.h"
#include "engine.h"
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "every/blocks/blocks.h"
#include "every/blocks/publisher.h"
#include "every/core/file.h"
#include "every/core/thread_pool.h"
#include "every/ipld/dag_cbor.h"
#include "every/wasm/in_process_executor.h"
#include "every/wasm/url.h"
#include "every/wasm/worker_pool.h"

namespace every::bench {
namespace {

/// The flat form of add(3.1, 5.2): two f64.
core::Bytes add_arguments() {
  const double values[2] = {3.1, 5.2};
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(values);
  return {bytes, bytes + sizeof values};
}

/// Store, instantiate, call, drop, over and over in this process. out: calls a second
double loop_rate(const std::string& component, double seconds) {
  const auto engine = must(wasm::Engine::make(wasm::Engine::Kind::kPooling, 16, nullptr));
  const auto code = must(engine->compile(must(wasm::componentize(read_or_exit(component)))));
  std::uint32_t add = 0;
  while (code->functions()[add].function->name != "add") ++add;
  const core::Bytes arguments = add_arguments();
  wasm::CallOptions options;
  options.memory_bytes = std::uint64_t{1} << 30;
  options.result_bytes = 1 << 20;
  options.on_output = [](wasm::GuestSource, std::uint32_t, std::string_view, std::string_view) {};
  const auto call = [&] {
    if (auto outcome = code->call(add, arguments, options); !outcome.value)
      give_up(outcome.value.error());
  };
  for (int i = 0; i < 100; ++i) call();
  const auto end = std::chrono::steady_clock::now() + Seconds(seconds);
  std::size_t calls = 0;
  const auto start = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() < end) {
    for (int i = 0; i < 16; ++i) call();
    calls += 16;
  }
  return static_cast<double>(calls) / Seconds(std::chrono::steady_clock::now() - start).count();
}

Seconds fsync_time(const std::string& folder) {
  const std::string path = folder + "/fsync";
  const int fd = ::open(path.c_str(), O_CREAT | O_WRONLY, 0600);
  const std::string page(4096, 'x');
  const Seconds result = median_time(50, [&] {
    static_cast<void>(!::pwrite(fd, page.data(), page.size(), 0));
    ::fdatasync(fd);
  });
  ::close(fd);
  return result;
}

}  // namespace

double loop_rate_of_processes(const std::string& component, std::size_t processes, double seconds) {
  std::vector<int> pipes;
  for (std::size_t i = 0; i < processes; ++i) {
    int ends[2];
    if (::pipe(ends) != 0) std::exit(1);
    if (::fork() == 0) {
      const double rate = loop_rate(component, seconds);
      static_cast<void>(!::write(ends[1], &rate, sizeof rate));
      ::_exit(0);
    }
    ::close(ends[1]);
    pipes.push_back(ends[0]);
  }
  double sum = 0;
  for (const int end : pipes) {
    double rate = 0;
    if (::read(end, &rate, sizeof rate) == sizeof rate) sum += rate;
    ::close(end);
    ::wait(nullptr);
  }
  return sum;
}

workflow::NamedWorkflow chain(const runtime::RunRequest& first, std::size_t length) {
  workflow::NamedWorkflow out = first.workflow;
  for (std::size_t i = 1; i < length; ++i) {
    invocation::Task task = out.workflow.tasks.back();
    const ipld::Cid before = must(task.run.cid());
    (*task.run.input.if_map()->find("args")->if_list())[0] =
        invocation::Await{invocation::Branch::kOk, before}.render();
    out.workflow.tasks.push_back(std::move(task));
    out.task_names.push_back("t" + std::to_string(i));
    out.functions.push_back(out.functions.back());
  }
  return out;
}

std::unique_ptr<wasm::Executor> make_pool(const Settings& settings, std::size_t workers,
                                          const std::string& cache) {
  wasm::WorkerPoolOptions options;
  options.command = {settings.self, "__worker"};
  options.workers = workers;
  options.code_cache = cache;
  return must(wasm::make_worker_pool(std::move(options)));
}

BenchNode::BenchNode(const Settings& settings, const std::string& name, std::size_t workers,
                     store::Durability durability, const std::string& component)
    : component_(ipld::Cid::of(ipld::Codec::kRaw, ipld::HashCode::kIdentity, {})) {
  const std::string home = settings.folder + "/" + name;
  must(core::Result<int>(core::ensure_private_directory(home) ? 0 : 1));
  const std::string cache = settings.folder + "/cache";
  must(core::Result<int>(core::ensure_private_directory(cache) ? 0 : 1));
  runtime::NodeParts parts;
  if (workers > 0) {
    parts.executor = make_pool(settings, workers, cache);
  } else {
    parts.executor = must(wasm::InProcessExecutor::make(
        {.threads = core::usable_cores(), .code_cache = cache, .on_notice = nullptr}));
  }
  parts.store = must(store::open_store({.file = home + "/every.db", .durability = durability}));
  parts.blocks = blocks::make_memory_blocks();
  parts.logger = &silence_.logger;
  parts.clock = &silence_.clock;
  parts.normalize_url = wasm::normalize_url;
  node_ = must(runtime::Node::open({}, std::move(parts)));
  component_ = must(node_->load("bench", component, read_or_exit(component)))->cid;
}

BenchNode::~BenchNode() {
  node_->stop();
}

runtime::RunRequest BenchNode::call(const std::string& func, ipld::List args) const {
  invocation::Task task;
  task.run.rsc = "ipfs://" + component_.render();
  task.run.op = "wasm/run";
  task.run.input =
      ipld::Value(ipld::Map{{"args", ipld::Value(std::move(args))}, {"func", ipld::Value(func)}});
  task.meta = ipld::Value(
      ipld::Map{{"memory", ipld::Value(std::int64_t{4294967296})}, {"time", ipld::Value(100000)}});
  runtime::RunRequest request;
  request.workflow.workflow.tasks.push_back(std::move(task));
  request.workflow.task_names.push_back(func);
  request.workflow.functions.push_back(nullptr);
  return request;
}

std::shared_ptr<const runtime::RunAnswer> BenchNode::run(runtime::RunRequest request) {
  auto answer = must(must(node_->submit(std::move(request), nullptr))->wait({}));
  if (answer->state != runtime::RunState::kCompleted) give_up(*answer->error);
  return answer;
}

double BenchNode::rate(std::size_t in_flight, double seconds, double& next) {
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t flying = 0;
  std::size_t done = 0;
  const auto start = std::chrono::steady_clock::now();
  const auto end = start + Seconds(seconds);
  while (std::chrono::steady_clock::now() < end) {
    {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return flying < in_flight; });
      ++flying;
    }
    next += 1;
    must(node_->submit(call("add", {ipld::Value(next), ipld::Value(0.5)}),
                       [&](const runtime::RunEvent& event) {
                         if (event.kind != runtime::RunEvent::Kind::kEnd) return;
                         if (event.run->state != runtime::RunState::kCompleted)
                           give_up(*event.run->error);
                         const std::lock_guard lock(mutex);
                         --flying;
                         ++done;
                         changed.notify_one();
                       }));
  }
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return flying == 0; });
  return static_cast<double>(done) / Seconds(std::chrono::steady_clock::now() - start).count();
}

void bench_rates(const Settings& settings, Table& table) {
  const std::string math = settings.functions + "/math.wasm";
  const std::size_t cores = core::usable_cores();
  const double loop = loop_rate_of_processes(math, cores, settings.seconds);
  const double loop_alone = loop_rate_of_processes(math, 1, settings.seconds);
  table.note("bare loop (store, instantiate, call, drop)",
             show_rate(loop_alone, "tasks") + " in one process, " + show_rate(loop, "tasks") +
                 " in " + std::to_string(cores));

  double next = 1e6;
  struct Measured {
    double rate = 0;
    std::string processor_time;
  };
  const auto measure = [&](std::size_t workers, store::Durability durability) {
    const double first = next;
    const Seconds workers_before = processor_time(Whose::kChildren);
    double rate = 0;
    Seconds parent{};
    {
      BenchNode bench(settings, "rate", workers, durability, math);
      bench.rate(64, 0.2, next);
      const Seconds before = processor_time(Whose::kOwn);
      const double begin = next;
      rate = bench.rate(64, settings.seconds, next);
      parent = (processor_time(Whose::kOwn) - before) / (next - begin);
    }
    // With the worker's start in it, which is little among thousands of tasks.
    const Seconds children = (processor_time(Whose::kChildren) - workers_before) / (next - first);
    return Measured{rate, show(parent) + " in the node" +
                              (workers > 0 ? ", " + show(children) + " in its worker" : "") +
                              " (bare loop " + show(Seconds(1 / loop_alone)) + ")"};
  };
  constexpr const char* kProcessorTime = "  processor time a task";
  const auto against_loop = [&](const char* what, store::Durability durability, double bound) {
    const Measured measured = measure(cores, durability);
    table.at_most(what, loop / measured.rate, bound, " x loop",
                  show_rate(measured.rate, "tasks") + ", 64 in flight");
    table.note(kProcessorTime, measured.processor_time);
    return measured.rate;
  };
  const auto without_workers = [&](const char* what, store::Durability durability) {
    const Measured measured = measure(0, durability);
    table.note(
        what, number(loop / measured.rate) + " x loop (" + show_rate(measured.rate, "tasks") + ")");
    table.note(kProcessorTime, measured.processor_time);
  };
  const double durable = against_loop("fresh small task, durable", store::Durability::kDurable, 3);
  against_loop("fresh small task, memory", store::Durability::kMemory, 1.5);
  without_workers("  durable, in the node's process", store::Durability::kDurable);
  without_workers("  memory, in the node's process", store::Durability::kMemory);
  {
    BenchNode bench(settings, "one", 1, store::Durability::kDurable, math);
    bench.rate(64, 0.2, next);
    const double one = bench.rate(64, settings.seconds, next);
    table.at_least("2 workers against 1", durable / one, 1.8, " x",
                   show_rate(one, "tasks") + " with one");
  }
}

void bench_tasks(const Settings& settings, Table& table) {
  const std::string math = settings.functions + "/math.wasm";
  const std::size_t cores = core::usable_cores();
  const double loop_alone = loop_rate_of_processes(math, 1, settings.seconds);
  const Seconds sync = fsync_time(settings.folder);
  table.note("one fdatasync here", show(sync));

  double next = 1e7;
  BenchNode bench(settings, "latency", cores, store::Durability::kDurable, math);
  const Seconds fresh = median_time(200, [&] {
    next += 1;
    bench.run(bench.call("add", {ipld::Value(next), ipld::Value(0.5)}));
  });
  table.at_most("one fresh small task, beyond loop + fsync",
                (fresh.count() - sync.count() - 1 / loop_alone) * 1e6, 100, " us",
                show(fresh) + " in all");
  const auto known = bench.call("add", {ipld::Value(next), ipld::Value(0.5)});
  const Seconds replay = median_time(2000, [&] { bench.run(known); });
  table.at_most("replay of a known task", replay.count() * 1e6, 10, " us", "");

  const auto thousand = [&] {
    next += 1;
    runtime::RunRequest request = bench.call("add", {ipld::Value(next), ipld::Value(0.5)});
    request.workflow = chain(request, 1000);
    return request;
  };
  const Seconds fresh_chain = median_time(5, [&] { bench.run(thousand()); });
  table.at_most("1,000-task chain, fresh", fresh_chain.count() * 1e3, 100, " ms", "");
  const auto known_chain = thousand();
  bench.run(known_chain);
  table.at_most("1,000-task chain, replayed",
                median_time(20, [&] { bench.run(known_chain); }).count() * 1e3, 10, " ms", "");
}

void bench_bytes(const Settings& settings, Table& table) {
  BenchNode bench(settings, "bytes", core::usable_cores(), store::Durability::kDurable,
                  settings.types);
  std::uint8_t mark = 0;
  const auto echo = [&](std::size_t size) {
    core::Bytes bytes(size, ++mark);
    auto request = bench.call("echo-bytes", {ipld::Value(std::move(bytes))});
    request.reuse = runtime::Reuse::kFresh;
    bench.run(std::move(request));
  };
  table.at_most("list<u8> of 1 MiB in and out",
                median_time(20, [&] { echo(1 << 20); }).count() * 1e3, 2, " ms",
                "whole run, fresh, with its commit");
  const auto engine = must(wasm::Engine::make(wasm::Engine::Kind::kPooling, 16, nullptr));
  const auto code = must(engine->compile(must(wasm::componentize(read_or_exit(settings.types)))));
  std::uint32_t number = 0;
  while (code->functions()[number].function->name != "echo-bytes") ++number;
  core::Bytes flat(4 + (1 << 20), 7);
  flat[0] = 0, flat[1] = 0, flat[2] = 0x10, flat[3] = 0;
  wasm::CallOptions options;
  options.memory_bytes = std::uint64_t{1} << 30;
  options.result_bytes = 64 << 20;
  options.on_output = [](wasm::GuestSource, std::uint32_t, std::string_view, std::string_view) {};
  table.at_most("list<u8> of 1 MiB, the call alone",
                median_time(
                    50,
                    [&] {
                      if (auto outcome = code->call(number, flat, options); !outcome.value)
                        give_up(outcome.value.error());
                    }).count() *
                    1e3,
                2, " ms", "");
  table.note("list<u8> of 60 MiB in and out", show(time([&] { echo(60 << 20); })));
}

}  // namespace every::bench
