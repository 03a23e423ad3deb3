// Large workflows: time a task must not grow with their number, and what the node holds for one.

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "bench_node.h"
#include "silence.h"

#include "every/blocks/blocks.h"
#include "every/blocks/publisher.h"
#include "every/core/thread_pool.h"
#include "every/runtime/workflow_plan.h"
#include "every/wasm/testing/fake_executor.h"

namespace every::bench {
namespace {

constexpr std::size_t kFew = 1000;
constexpr std::size_t kMany = 10000;
/// Ten times the work in ten times the time, with a little for caches that are too small.
constexpr double kLinear = 1.5;

/// So many tasks that need nothing of one another.
workflow::NamedWorkflow wide(const BenchNode& bench, std::size_t tasks, double first) {
  workflow::NamedWorkflow out;
  for (std::size_t i = 0; i < tasks; ++i) {
    auto one = bench.call("add", {ipld::Value(first + static_cast<double>(i)), ipld::Value(0.5)});
    out.workflow.tasks.push_back(std::move(one.workflow.workflow.tasks.front()));
    out.task_names.push_back("t" + std::to_string(i));
    out.functions.push_back(nullptr);
  }
  return out;
}

void at_most_linear(Table& table, const std::string& what, Seconds few, Seconds many) {
  const Seconds each_of_few = few / static_cast<double>(kFew);
  const Seconds each_of_many = many / static_cast<double>(kMany);
  table.at_most(what + ", a task of 10,000 against one of 1,000", each_of_many / each_of_few,
                kLinear, " x", show(each_of_many) + " and " + show(each_of_few));
}

/// A node whose guests never begin: all tasks of a run are under way at once.
std::size_t memory_of_waiting_run(const BenchNode& bench) {
  Silence silence;
  auto executor = std::make_unique<wasm::testing::FakeExecutor>(wasm::testing::FakeMode::kManual);
  auto* guests = executor.get();
  runtime::NodeParts parts;
  parts.executor = std::move(executor);
  parts.store = must(store::open_store({.file = {}, .durability = store::Durability::kMemory}));
  parts.blocks = blocks::make_memory_blocks();
  parts.logger = &silence.logger;
  parts.clock = &silence.clock;
  parts.normalize_url = [](std::string_view url) -> core::Result<std::string> {
    return std::string(url);
  };
  const auto node = must(runtime::Node::open({}, std::move(parts)));
  must(node->load("standard", "standard.wasm", wasm::testing::FakeExecutor::standard_bytes()));
  runtime::RunRequest request;
  request.workflow = wide(bench, kMany, 0);
  for (invocation::Task& task : request.workflow.workflow.tasks)
    task.run.rsc = "ipfs://" + wasm::testing::FakeExecutor::standard_component().render();
  const std::size_t values = must(request.workflow.workflow.encode()).size();
  const std::size_t before = allocated_bytes();
  const auto handle = must(node->submit(std::move(request), nullptr));
  // One task that waits behind all of them has come when they have.
  while (guests->counts().started < guests->concurrency()) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::seconds(2));
  const std::size_t held = allocated_bytes() - before;
  handle->cancel();
  node->stop();
  return (held - std::min(held, values)) / kMany;
}

}  // namespace

void bench_graphs(const Settings& settings, Table& table) {
  BenchNode bench(settings, "graphs", core::usable_cores(), store::Durability::kDurable,
                  settings.functions + "/math.wasm");
  double next = 5e7;
  const auto plan_time = [&](std::size_t tasks) {
    const auto workflow = wide(bench, tasks, 0);
    return median_time(5, [&] { must(runtime::plan_workflow(workflow)); });
  };
  at_most_linear(table, "plan", plan_time(kFew), plan_time(kMany));
  const auto run_time = [&](auto&& make, std::size_t tasks, int times) {
    std::vector<Seconds> taken;
    for (int i = 0; i < times; ++i) {
      next += static_cast<double>(kMany);
      runtime::RunRequest request;
      request.workflow = make(tasks);
      taken.push_back(time([&] { bench.run(std::move(request)); }));
    }
    return spread(std::move(taken)).median;
  };
  const auto make_wide = [&](std::size_t tasks) { return wide(bench, tasks, next); };
  const auto make_chain = [&](std::size_t tasks) {
    return chain(bench.call("add", {ipld::Value(next), ipld::Value(0.5)}), tasks);
  };
  at_most_linear(table, "run side by side", run_time(make_wide, kFew, 5),
                 run_time(make_wide, kMany, 2));
  at_most_linear(table, "run as a chain", run_time(make_chain, kFew, 5),
                 run_time(make_chain, kMany, 2));
  table.at_most("memory of a task under way, of 10,000",
                static_cast<double>(memory_of_waiting_run(bench)) / 1024, 2, " KiB",
                "all of them ready at once, beyond what the workflow's block is long");
}

}  // namespace every::bench
