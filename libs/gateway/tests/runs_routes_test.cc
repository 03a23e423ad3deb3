#include "support.h"
#include <gtest/gtest.h>

namespace every::gateway {
namespace {

struct RunsRoutesTest : ::testing::Test, ServiceFixture {
  Response submit(const std::string& body, const std::string& key = {},
                  const std::string& query = {}) {
    std::vector<Header> headers{{"Content-Type", "application/json"}};
    if (!key.empty()) headers.push_back({"Idempotency-Key", key});
    return send(Method::kPost, "/-/runs" + query, headers, body);
  }
};

TEST_F(RunsRoutesTest, AcceptsARunBeforeItIsOver) {
  node.hold();
  const Response response = submit(kAdd);
  EXPECT_EQ(response.status, 202);
  EXPECT_EQ(header(response, "location"), "/-/runs/run-1");
  EXPECT_EQ(header(response, "every-run"), "run-1");
  EXPECT_EQ(text_of(json(response), "state"), "running");
  node.release();
  EXPECT_EQ(text_of(json(get("/-/runs/run-1")), "state"), "completed");
}

TEST_F(RunsRoutesTest, RefusesAWorkflowThatDoesNotValidate) {
  EXPECT_EQ(submit(R"({"tasks":[]})").status, 400);
  EXPECT_EQ(submit("{").status, 400);
  EXPECT_EQ(node.runs(), 0u);
}

TEST_F(RunsRoutesTest, GivesTheSameRunForTheSameKeyAndBody) {
  const Response first = submit(kAdd, "order-1");
  const Response again = submit(kAdd, "order-1");
  EXPECT_EQ(again.status, 202);
  EXPECT_EQ(header(again, "location"), header(first, "location"));
  EXPECT_EQ(node.runs(), 1u);
}

TEST_F(RunsRoutesTest, RefusesTheSameKeyForAnotherBody) {
  ASSERT_EQ(submit(kAdd, "order-1").status, 202);
  const Response other = submit(kChain, "order-1");
  EXPECT_EQ(other.status, 409);
  EXPECT_EQ(text_of(json(other), "code"), "conflict");
  EXPECT_NE(text_of(json(other), "error").find("run-1"), std::string::npos);
  EXPECT_EQ(submit(kAdd, "order-1", "?fresh").status, 409);
  EXPECT_EQ(node.runs(), 1u);
}

TEST_F(RunsRoutesTest, TakesAnotherKeyForAnotherRun) {
  ASSERT_EQ(submit(kAdd, "order-1").status, 202);
  EXPECT_EQ(header(submit(kAdd, "order-2"), "location"), "/-/runs/run-2");
}

TEST_F(RunsRoutesTest, RefusesAKeyThatIsNone) {
  EXPECT_EQ(submit(kAdd, std::string(256, 'k')).status, 400);
  EXPECT_EQ(submit(kAdd, "caf\xc3\xa9").status, 400);
}

TEST_F(RunsRoutesTest, WaitsForTheEndOfARun) {
  node.hold();
  ASSERT_EQ(submit(kAdd).status, 202);
  std::thread release([this] {
    node.wait_for_watchers(1);
    node.release();
  });
  const Response response = get("/-/runs/run-1?wait=300s");
  release.join();
  EXPECT_EQ(text_of(json(response), "state"), "completed");
  EXPECT_EQ(header(response, "every-run"), "run-1");
}

TEST_F(RunsRoutesTest, StopsWaitingAfterAWhile) {
  node.hold();
  ASSERT_EQ(submit(kAdd).status, 202);
  const Response response = get("/-/runs/run-1?wait=1ms");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(text_of(json(response), "state"), "running");
  node.release();
}

TEST_F(RunsRoutesTest, RefusesAWaitThatIsNone) {
  for (const char* wait : {"", "soon", "-1s", "11m", "5h", "1s2", "99999999999s"})
    EXPECT_EQ(get(std::string("/-/runs/run-1?wait=") + wait).status, 400) << wait;
}

TEST_F(RunsRoutesTest, WhoWaitsIsAnsweredWhenTheServiceStops) {
  node.hold();
  ASSERT_EQ(submit(kAdd).status, 202);
  std::thread stop([this] {
    node.wait_for_watchers(1);
    service.stop();
  });
  EXPECT_EQ(get("/-/runs/run-1?wait=300s").status, 503);
  stop.join();
}

TEST_F(RunsRoutesTest, CancelsARun) {
  node.hold();
  ASSERT_EQ(submit(kChain).status, 202);
  const Response response = send(Method::kPost, "/-/runs/run-1/cancel");
  ASSERT_EQ(response.status, 200);
  const auto run = json(response);
  EXPECT_EQ(text_of(run, "state"), "cancelled");
  for (const auto& task : run.at("tasks").as_array())
    EXPECT_EQ(text_of(task, "state"), "cancelled");
  EXPECT_EQ(send(Method::kPost, "/-/runs/run-1/cancel").status, 200);
}

TEST_F(RunsRoutesTest, DoesNotCancelWhatIsOver) {
  ASSERT_EQ(submit(kAdd).status, 202);
  const Response response = send(Method::kPost, "/-/runs/run-1/cancel");
  EXPECT_EQ(response.status, 409);
  EXPECT_NE(text_of(json(response), "error").find("completed"), std::string::npos);
  EXPECT_EQ(send(Method::kPost, "/-/runs/nosuch/cancel").status, 404);
}

TEST_F(RunsRoutesTest, PagesThroughRuns) {
  for (int i = 0; i < 3; ++i) ASSERT_EQ(submit(kAdd).status, 202);
  const auto first = json(get("/-/runs?limit=2"));
  EXPECT_EQ(text_of(first, "next"), "run-2");
  const auto second = json(get("/-/runs?limit=2&before=run-2"));
  ASSERT_EQ(second.at("runs").as_array().size(), 1u);
  EXPECT_EQ(text_of(second.at("runs").at(0), "id"), "run-1");
  EXPECT_TRUE(second.at("next").is_null());
}

TEST_F(RunsRoutesTest, ShowsWhatGuestsWrote) {
  ASSERT_EQ(submit(kAdd).status, 202);
  node.write_line("run-1", 0, "adding");
  const auto lines = json(get("/-/runs/run-1/logs")).at("lines").as_array();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(text_of(lines[0], "message"), "adding");
  EXPECT_EQ(lines[0].at("task").as_int64(), 0);
  EXPECT_EQ(get("/-/runs/nosuch/logs").status, 404);
  EXPECT_EQ(get("/-/runs/run-1/logs?limit=0").status, 400);
}

// --- events

std::vector<std::string> names_of(const std::string& events) {
  std::vector<std::string> names;
  for (std::size_t at = 0; (at = events.find("event: ", at)) != std::string::npos;) {
    at += 7;
    names.push_back(events.substr(at, events.find('\n', at) - at));
  }
  return names;
}

TEST_F(RunsRoutesTest, TellsTheEventsOfARunThatIsOver) {
  ASSERT_EQ(submit(kChain).status, 202);
  node.write_line("run-1", 1, "halving");
  const Response response = get("/-/runs/run-1/events");
  EXPECT_EQ(header(response, "content-type"), "text/event-stream");
  EXPECT_EQ(names_of(response.body), (std::vector<std::string>{"task", "log", "task", "end"}));
  EXPECT_NE(response.body.find("id: 0-1\n"), std::string::npos) << response.body;
  EXPECT_NE(response.body.find("halving"), std::string::npos);
  EXPECT_NE(response.body.find(R"("state":"completed")"), std::string::npos);
}

TEST_F(RunsRoutesTest, TellsTheEventsOfARunUnderWay) {
  node.hold();
  ASSERT_EQ(submit(kChain).status, 202);
  std::thread release([this] {
    node.wait_for_watchers(1);
    node.write_line("run-1", 0, "live");
    node.release();
  });
  const Response response = get("/-/runs/run-1/events");
  release.join();
  EXPECT_EQ(names_of(response.body), (std::vector<std::string>{"log", "task", "task", "end"}))
      << response.body;
}

TEST_F(RunsRoutesTest, GoesOnAfterTheLastEventThatWasSeen) {
  ASSERT_EQ(submit(kChain).status, 202);
  const Response response = send(Method::kGet, "/-/runs/run-1/events", {{"Last-Event-ID", "0"}});
  EXPECT_EQ(names_of(response.body), (std::vector<std::string>{"task", "end"}));
  EXPECT_NE(response.body.find(R"("task":1,)"), std::string::npos);
  const Response whole = send(Method::kGet, "/-/runs/run-1/events", {{"Last-Event-ID", "what?"}});
  EXPECT_EQ(names_of(whole.body).size(), 3u);
}

TEST_F(RunsRoutesTest, StopsWhoHasSeenTheEnd) {
  ASSERT_EQ(submit(kAdd).status, 202);
  EXPECT_EQ(send(Method::kGet, "/-/runs/run-1/events", {{"Last-Event-ID", "end"}}).status, 204);
}

TEST_F(RunsRoutesTest, HasNoEventsOfAnUnknownRun) {
  EXPECT_EQ(get("/-/runs/nosuch/events").status, 404);
}

TEST_F(RunsRoutesTest, ASlowReaderGetsEveryOutcomeThoughFewWait) {
  // More events than may wait for a reader: what was dropped is asked for again.
  std::string tasks;
  for (int i = 0; i < 6000; ++i) {
    if (i > 0) tasks += ',';
    tasks += R"({"run":{"name":"t)" + std::to_string(i) + R"(","input":{"func":"add","args":[)" +
             std::to_string(i) + ",1]}}}";
  }
  node.hold();
  ASSERT_EQ(submit(R"({"tasks":[)" + tasks + "]}").status, 202);
  std::thread release([this] {
    node.wait_for_watchers(1);
    node.release();
  });
  const Response response = get("/-/runs/run-1/events");
  release.join();
  const auto names = names_of(response.body);
  EXPECT_EQ(std::ranges::count(names, "task"), 6000);
  EXPECT_EQ(names.back(), "end");
}

TEST_F(RunsRoutesTest, LeavesAnOutputOutThatIsTooLarge) {
  node.add_function("big", {}, wit::make_primitive(wit::Kind::kString),
                    [](const ipld::List&) -> core::Result<ipld::Value> {
                      return ipld::Value(std::string(100'000, 'x'));
                    });
  ASSERT_EQ(submit(R"({"tasks":[{"run":{"name":"b","input":{"func":"big","args":[]}}}]})").status,
            202);
  const Response response = get("/-/runs/run-1/events");
  EXPECT_LT(response.body.size(), 10'000u);
  EXPECT_NE(response.body.find(R"("output_omitted":true)"), std::string::npos);
}

// --- over a socket

TEST(RunEventsServerTest, SendsEventsAsTheyHappenAndKeepsTheConnection) {
  ServerFixture fixture;
  fixture.node.hold();
  ASSERT_EQ(fixture.post("/-/runs", kAdd).status, 202);
  auto client = testing::RawClient::to_port(fixture.port());
  client.send(testing::request_text("GET", "/-/runs/run-1/events"));
  const Response head = client.read_head_response();
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(header(head, "transfer-encoding"), "chunked");
  EXPECT_EQ(head.find_header("content-length"), nullptr);
  fixture.node.wait_for_watchers(1);
  fixture.node.write_line("run-1", 0, "first");
  EXPECT_NE(client.read_until("first").find("event: log"), std::string::npos);
  fixture.node.release();
  EXPECT_NE(client.read_until("\r\n0\r\n\r\n").find("event: end"), std::string::npos);
  client.send(testing::request_text("GET", "/tick"));
  EXPECT_EQ(client.read_response().body, "7");
}

TEST(RunEventsServerTest, ShowsThatItIsThereWhileNothingHappens) {
  ServerOptions options;
  options.limits.heartbeat = std::chrono::milliseconds(1);
  ServerFixture fixture(options);
  fixture.node.hold();
  ASSERT_EQ(fixture.post("/-/runs", kAdd).status, 202);
  auto client = testing::RawClient::to_port(fixture.port());
  client.send(testing::request_text("GET", "/-/runs/run-1/events"));
  std::ignore = client.read_until(": \n\n");
  std::ignore = client.read_until(": \n\n");
  fixture.node.release();
  EXPECT_NE(client.read_until("\r\n0\r\n\r\n").find("event: end"), std::string::npos);
}

TEST(RunEventsServerTest, LetsGoOfARunWhoseReaderWent) {
  ServerOptions options;
  options.limits.heartbeat = std::chrono::milliseconds(1);
  ServerFixture fixture(options);
  fixture.node.hold();
  ASSERT_EQ(fixture.post("/-/runs", kAdd).status, 202);
  {
    auto client = testing::RawClient::to_port(fixture.port());
    client.send(testing::request_text("GET", "/-/runs/run-1/events"));
    std::ignore = client.read_until("retry");
    fixture.node.wait_for_watchers(1);
  }
  while (fixture.node.watchers() > 0) std::this_thread::yield();
  fixture.node.release();
  EXPECT_EQ(text_of(json(fixture.get("/-/runs/run-1")), "state"), "completed");
}

TEST(RunEventsServerTest, EndsAnOldClientsAnswerByClosing) {
  ServerFixture fixture;
  ASSERT_EQ(fixture.post("/-/runs", kAdd).status, 202);
  auto client = testing::RawClient::to_port(fixture.port());
  client.send("GET /-/runs/run-1/events HTTP/1.0\r\n\r\n");
  const std::string answer = client.read_to_end();
  EXPECT_EQ(answer.find("chunked"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("}\n\n")) << answer;
}

TEST(RunEventsServerTest, AnswersAHeadWithoutAStream) {
  ServerFixture fixture;
  ASSERT_EQ(fixture.post("/-/runs", kAdd).status, 202);
  auto client = testing::RawClient::to_port(fixture.port());
  client.send(testing::request_text("HEAD", "/-/runs/run-1/events"));
  EXPECT_EQ(header(client.read_head_response(), "content-type"), "text/event-stream");
  client.send(testing::request_text("GET", "/tick"));
  EXPECT_EQ(client.read_response().body, "7");
}

TEST(RunEventsServerTest, DoesNotHoldUpTheStopOfTheNode) {
  ServerFixture fixture;
  fixture.node.hold();
  ASSERT_EQ(fixture.post("/-/runs", kAdd).status, 202);
  auto client = testing::RawClient::to_port(fixture.port());
  client.send(testing::request_text("GET", "/-/runs/run-1/events"));
  std::ignore = client.read_until("retry");
  fixture.server->stop(std::chrono::hours(1));
  std::ignore = client.read_to_end();
}

}  // namespace
}  // namespace every::gateway
