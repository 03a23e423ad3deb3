#include "every/gateway/traces.h"

#include <condition_variable>

#include "support.h"
#include <gtest/gtest.h>

namespace every::gateway {
namespace {

constexpr auto kPatience = std::chrono::seconds(60);

/// Takes what it is sent, or refuses it, or does not answer.
class Collector final : public RequestHandler {
 public:
  void handle(Request request, Respond respond) override {
    auto state = state_.lock();
    state->bodies.push_back(std::move(request.body));
    changed_.notify_all();
    if (state->silent) {
      state->held.push_back(std::move(respond));
      return;
    }
    int status = 200;
    if (!state->statuses.empty()) {
      status = state->statuses.front();
      state->statuses.erase(state->statuses.begin());
    }
    respond({status, {}, "{}"});
  }
  void answer(std::vector<int> statuses) { state_.lock()->statuses = std::move(statuses); }
  void be_silent() { state_.lock()->silent = true; }
  void let_go() {
    for (Respond& respond : std::exchange(state_.lock()->held, {})) respond({200, {}, "{}"});
  }
  bool wait_for(std::size_t requests) {
    auto state = state_.lock();
    return state.wait_until(changed_, std::chrono::steady_clock::now() + kPatience,
                            [&](const State& value) { return value.bodies.size() >= requests; });
  }
  std::string body(std::size_t index) { return state_.lock()->bodies.at(index); }

 private:
  struct State {
    std::vector<std::string> bodies;
    std::vector<Respond> held;
    std::vector<int> statuses;
    bool silent = false;
  };
  core::Guarded<State> state_;
  std::condition_variable changed_;
};

struct TraceExporterTest : ::testing::Test {
  NullSink sink;
  core::SystemClock clock;
  core::Logger logger{sink, clock, core::LogLevel::kTrace, core::LogLevel::kTrace};
  core::Metrics metrics;
  Collector collector;
  std::unique_ptr<Server> server;

  TraceExporterTest() {
    ServerOptions options;
    options.port = 0;
    server = std::move(*Server::open(options, collector, logger));
    server->start();
  }
  ~TraceExporterTest() override { collector.let_go(); }

  std::unique_ptr<TraceExporter> open(TraceOptions options = {}) {
    options.endpoint = "http://127.0.0.1:" + std::to_string(server->port()) + "/v1/traces";
    options.delay = std::chrono::milliseconds(0);
    return std::move(*TraceExporter::open(std::move(options), logger, metrics));
  }
  static void tell(const runtime::RunObserver& observer, const std::string& run,
                   std::string_view parent = {}) {
    runtime::TaskAnswer task{.instruction =
                                 ipld::Cid::of_dag_cbor(core::as_bytes(std::string_view("i")))};
    task.state = runtime::TaskState::kOk;
    observer({.kind = runtime::RunEvent::Kind::kTask,
              .task = &task,
              .run = nullptr,
              .run_id = run,
              .trace_parent = parent});
  }
  std::uint64_t spans(const char* outcome) {
    return metrics.counter("every_trace_spans_total", "", {{"outcome", outcome}}).value();
  }
};

TEST_F(TraceExporterTest, SendsWhatItIsTold) {
  const auto traces = open();
  tell(traces->observer(), "run-one");
  ASSERT_TRUE(collector.wait_for(1));
  EXPECT_NE(collector.body(0).find("run-one"), std::string::npos);
  traces->stop(kPatience);
  EXPECT_EQ(spans("sent"), 1u);
}

TEST_F(TraceExporterTest, AStopSendsWhatWaits) {
  TraceOptions options;
  options.batch = 2;
  const auto traces = open(options);
  const auto observer = traces->observer();
  for (int i = 0; i < 5; ++i) tell(observer, "run-" + std::to_string(i));
  traces->stop(kPatience);
  EXPECT_EQ(spans("sent"), 5u);
  tell(observer, "late");
  EXPECT_EQ(spans("dropped"), 0u);
}

TEST_F(TraceExporterTest, WhatIsRefusedForNowIsSentAgain) {
  collector.answer({503});
  const auto traces = open();
  tell(traces->observer(), "again");
  ASSERT_TRUE(collector.wait_for(2));
  traces->stop(kPatience);
  EXPECT_EQ(collector.body(0), collector.body(1));
  EXPECT_EQ(spans("sent"), 1u);
}

TEST_F(TraceExporterTest, WhatIsRefusedForGoodIsDropped) {
  collector.answer({400});
  const auto traces = open();
  tell(traces->observer(), "odd");
  ASSERT_TRUE(collector.wait_for(1));
  traces->stop(kPatience);
  EXPECT_EQ(spans("dropped"), 1u);
  EXPECT_EQ(spans("sent"), 0u);
}

TEST_F(TraceExporterTest, NoMoreWaitThanMay) {
  collector.be_silent();
  TraceOptions options;
  options.most_waiting = 3;
  options.batch = 1;
  const auto traces = open(options);
  const auto observer = traces->observer();
  tell(observer, "under way");
  ASSERT_TRUE(collector.wait_for(1));
  for (int i = 0; i < 10; ++i) tell(observer, "waits");
  EXPECT_EQ(spans("dropped"), 7u);
}

TEST_F(TraceExporterTest, AStopDoesNotWaitForOneWhoNeverAnswers) {
  collector.be_silent();
  auto traces = open();
  tell(traces->observer(), "under way");
  ASSERT_TRUE(collector.wait_for(1));
  traces->stop(std::chrono::milliseconds(1));
  traces.reset();
  EXPECT_EQ(spans("sent"), 0u);
}

TEST_F(TraceExporterTest, WhatIsNotSampledIsNotSent) {
  const auto traces = open();
  const auto observer = traces->observer();
  tell(observer, "unsampled", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00");
  tell(observer, "sampled", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  traces->stop(kPatience);
  EXPECT_EQ(spans("sent"), 1u);
}

TEST_F(TraceExporterTest, AnEndpointThatIsNoneIsRefused) {
  for (const char* endpoint : {"", "localhost:4317", "ftp://a", "http://", "http://a b/v1"}) {
    TraceOptions options;
    options.endpoint = endpoint;
    const auto traces = TraceExporter::open(options, logger, metrics);
    ASSERT_FALSE(traces) << endpoint;
    EXPECT_EQ(traces.error().code, core::ErrorCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace every::gateway
