// Workflows: read, planned, replayed, run, asked for over HTTP; above a fake executor that runs tasks on the caller's thread and a store in memory.

#include <memory>
#include <string>

#include "must.h"
#include "silence.h"
#include "workloads.h"

#include "every/blocks/blocks.h"
#include "every/blocks/publisher.h"
#include "every/gateway/service.h"
#include "every/ipld/dag_json.h"
#include "every/runtime/node.h"
#include "every/store/store.h"
#include "every/wasm/testing/fake_executor.h"
#include "every/workflow/graph.h"
#include "every/workflow/short_form.h"

namespace every::bench {
namespace {

/// So many that they are planned on the caller's thread.
constexpr std::size_t kTasks = 50;

class Bench {
 public:
  Bench() {
    runtime::NodeParts parts;
    auto executor = std::make_unique<wasm::testing::FakeExecutor>(wasm::testing::FakeMode::kManual);
    executor_ = executor.get();
    parts.executor = std::move(executor);
    parts.store = must(store::open_store({.file = {}, .durability = store::Durability::kMemory}));
    store_ = parts.store.get();
    parts.blocks = blocks::make_memory_blocks();
    parts.logger = &silence_.logger;
    parts.clock = &silence_.clock;
    parts.normalize_url = [](std::string_view url) -> core::Result<std::string> {
      return std::string(url);
    };
    node_ = must(runtime::Node::open({}, std::move(parts)));
    must(node_->load("standard", "standard.wasm", wasm::testing::FakeExecutor::standard_bytes()));
    // Until the store has read what it knows, everything is looked up there, on another thread.
    const auto unknown = ipld::Cid::of_dag_cbor(core::as_bytes("nothing"));
    while (store_->may_know(unknown) != store::Store::Recorded::kNo) run(task(-1));
  }
  ~Bench() { node_->stop(); }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  [[nodiscard]] runtime::Node& node() { return *node_; }
  [[nodiscard]] const core::Logger& logger() const { return silence_.logger; }

  [[nodiscard]] workflow::NamedWorkflow parse(const std::string& json) const {
    const auto document = must(ipld::dag_json::decode(json));
    auto workflow = workflow::parse_short_form(document, *node_->functions(), {});
    if (!workflow) give_up(workflow.error().summary);
    return std::move(*workflow);
  }
  void run(const std::string& json) { run(parse(json)); }
  /// One step at a time, the store's included: what it commits together and which thread goes on from there is the same each time.
  void run(workflow::NamedWorkflow workflow) {
    runtime::RunRequest request;
    request.workflow = std::move(workflow);
    const auto handle = must(node_->submit(std::move(request), nullptr));
    do settle();
    while (executor_->run_one());
    if (must(handle->wait({}))->state != runtime::RunState::kCompleted) give_up("a run failed");
  }
  /// Until the store has nothing left to do.
  void settle() { must(store_->commit_and_wait({})); }

  [[nodiscard]] static std::string task(int seed) {
    return R"({"tasks":[{"run":{"name":"t0","input":{"func":"add","args":[)" +
           std::to_string(seed) + R"(,0.5]}}}]})";
  }
  /// A chain: every task takes what the one before gives.
  [[nodiscard]] static std::string chain(int seed, std::size_t tasks) {
    std::string json = task(seed);
    json.resize(json.size() - 2);
    for (std::size_t i = 1; i < tasks; ++i) {
      json += R"(,{"run":{"name":"t)" + std::to_string(i) +
              R"(","input":{"func":"add","args":["{{needs.t)" + std::to_string(i - 1) +
              R"(.output}}",0.5]}}})";
    }
    return json + "]}";
  }

 private:
  Silence silence_;
  wasm::testing::FakeExecutor* executor_ = nullptr;
  store::Store* store_ = nullptr;
  std::unique_ptr<runtime::Node> node_;
};

}  // namespace

std::function<void()> parse_workflow() {
  const auto bench = std::make_shared<Bench>();
  return [bench, json = Bench::chain(1, 100)] { std::ignore = bench->parse(json); };
}

std::function<void()> plan_workflow() {
  const auto workflow = Bench().parse(Bench::chain(1, 100));
  return [workflow] {
    std::ignore = must(workflow::Graph::build(workflow.workflow, workflow.task_names));
    std::ignore = must(workflow.workflow.cid());
  };
}

std::function<void()> replay_task() {
  const auto bench = std::make_shared<Bench>();
  bench->run(Bench::task(1));
  return [bench, workflow = bench->parse(Bench::task(1))] {
    for (int i = 0; i < 100; ++i) bench->run(workflow);
  };
}

std::function<void()> replay_workflow() {
  const auto bench = std::make_shared<Bench>();
  bench->run(Bench::chain(1, kTasks));
  return [bench, workflow = bench->parse(Bench::chain(1, kTasks))] {
    for (int i = 0; i < 30; ++i) bench->run(workflow);
  };
}

std::function<void()> run_workflow() {
  const auto bench = std::make_shared<Bench>();
  // The first call of what is given is not counted, and nothing is run twice.
  const auto seed = std::make_shared<int>(1000);
  return [bench, seed] {
    for (int i = 0; i < 10; ++i) bench->run(bench->parse(Bench::chain(++*seed, kTasks)));
  };
}

std::function<void()> answer_request() {
  const auto bench = std::make_shared<Bench>();
  bench->run(Bench::task(1));
  const auto service = std::make_shared<gateway::Service>(gateway::ServiceOptions{.threads = 1},
                                                          bench->node(), bench->logger());
  gateway::Request request;
  request.method = gateway::Method::kPost;
  request.target = "/run";
  request.headers = {{"Host", "localhost"}, {"Content-Type", "application/json"}};
  request.body = Bench::task(1);
  request.peer = gateway::Peer::kNetwork;
  return [bench, service, request] {
    for (int i = 0; i < 100; ++i) {
      if (service->handle_and_wait(request).status != 200) give_up("a request failed");
      bench->settle();
    }
  };
}

}  // namespace every::bench
