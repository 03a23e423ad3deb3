#include "rpc_methods.h"
#include "rpc_support.h"

#include "every/ipld/dag_cbor.h"
#include "every/ipld/dag_json.h"

namespace every::gateway {
namespace {

struct Exchanged {
  const char* name;
  const char* request;
  const char* reply;
};

// As the original 0.3.0 answers, byte for byte.
class RpcReplyTest : public ::testing::TestWithParam<Exchanged>, public RpcFixture {};

TEST_P(RpcReplyTest, AnswersAsTheOriginal) {
  RpcClient client(service);
  EXPECT_EQ(client.call(GetParam().request), GetParam().reply);
}

INSTANTIATE_TEST_SUITE_P(
    Original, RpcReplyTest,
    ::testing::Values(
        Exchanged{"Health", R"({"jsonrpc":"2.0","method":"health","id":1})",
                  R"({"jsonrpc":"2.0","result":{"healthy":true},"id":1})"},
        Exchanged{"TextId", R"({"jsonrpc":"2.0","method":"health","params":[],"id":"a"})",
                  R"({"jsonrpc":"2.0","result":{"healthy":true},"id":"a"})"},
        Exchanged{"NullId", R"({"jsonrpc":"2.0","method":"health","params":{"x":1},"id":null})",
                  R"({"jsonrpc":"2.0","result":{"healthy":true},"id":null})"},
        Exchanged{
            "UnknownMethod", R"({"jsonrpc":"2.0","method":"nope","id":2})",
            R"({"jsonrpc":"2.0","error":{"code":-32601,"message":"Method not found"},"id":2})"},
        Exchanged{
            "OtherVersion", R"({"jsonrpc":"1.0","method":"health","id":3})",
            R"({"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid request"},"id":3})"},
        Exchanged{
            "NoMethod", R"({"jsonrpc":"2.0","id":4})",
            R"({"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid request"},"id":4})"},
        Exchanged{
            "MethodOfAnotherKind", R"({"jsonrpc":"2.0","method":5,"id":36})",
            R"({"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid request"},"id":36})"},
        Exchanged{"NotJson", "garbage",
                  R"({"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error"},"id":null})"},
        Exchanged{"Nothing", "",
                  R"({"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error"},"id":null})"},
        Exchanged{
            "EmptyBatch", "[]",
            R"({"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid request"},"id":null})"},
        Exchanged{
            "Batch",
            R"([{"jsonrpc":"2.0","method":"health","id":5},{"jsonrpc":"2.0","method":"nope","id":6},{"jsonrpc":"2.0","method":"health"}])",
            R"([{"jsonrpc":"2.0","result":{"healthy":true},"id":5},{"jsonrpc":"2.0","error":{"code":-32601,"message":"Method not found"},"id":6}])"},
        Exchanged{
            "BatchOfNonsense", "[1]",
            R"([{"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid request"},"id":null}])"},
        Exchanged{
            "UnsubscribeFromNothing",
            R"({"jsonrpc":"2.0","method":"unsubscribe_run_workflow","params":["abc"],"id":30})",
            R"({"jsonrpc":"2.0","result":false,"id":30})"},
        Exchanged{"UnsubscribeWithoutParams",
                  R"({"jsonrpc":"2.0","method":"unsubscribe_run_workflow","id":313})",
                  R"({"jsonrpc":"2.0","result":false,"id":313})"},
        Exchanged{
            "Node", R"({"jsonrpc":"2.0","method":"node","id":7})",
            R"({"jsonrpc":"2.0","result":{"dynamic":{"connections":{},"listeners":[]},"static":{"peer_id":"12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN"}},"id":7})"}),
    [](const auto& tested) { return tested.param.name; });

struct RpcTest : ::testing::Test, RpcFixture {
  RpcClient client{service};

  std::string subscribe(RpcClient& from, const std::string& name, const std::string& tasks) {
    return string_at(boost::json::parse(from.call(run("1", name, tasks))), "/result");
  }
};

TEST_F(RpcTest, SaysNothingToANotification) {
  client.send(R"({"jsonrpc":"2.0","method":"health"})");
  EXPECT_EQ(client.call(R"({"jsonrpc":"2.0","method":"health","id":1})"),
            R"({"jsonrpc":"2.0","result":{"healthy":true},"id":1})");
}

TEST_F(RpcTest, SaysWhatIsWrongWithJsonThatDagJsonDoesNotTake) {
  const auto reply = boost::json::parse(client.call(
      R"({"jsonrpc":"2.0","method":"subscribe_run_workflow","params":[{"a":{"/":"nonsense"}}],"id":9})"));
  EXPECT_EQ(string_at(reply, "/error/code"), "-32602");
  EXPECT_EQ(string_at(reply, "/id"), "9");
  EXPECT_NE(string_at(reply, "/error/data"), "<none>");
}

TEST_F(RpcTest, TellsAnUnhealthyNodeAsAnError) {
  node.set_health({false, "the disk is full", 0});
  const auto reply =
      boost::json::parse(client.call(R"({"jsonrpc":"2.0","method":"health","id":1})"));
  EXPECT_EQ(string_at(reply, "/error/code"), "-32603");
  EXPECT_EQ(string_at(reply, "/error/data"), "the disk is full");
  EXPECT_EQ(send(Method::kGet, "/health").status, 500);
}

TEST_F(RpcTest, TellsAnOutcomeInTheOriginalsEnvelope) {
  const std::string id = subscribe(client, "one", task("add", "[1,2.5]"));
  EXPECT_EQ(id.size(), 16u);
  const std::string told = client.next();
  EXPECT_TRUE(told.starts_with(
      R"({"jsonrpc":"2.0","method":"subscribe_run_workflow","params":{"subscription":")" + id +
      R"(","result":[123,34,109,)"))
      << told;
  const auto payload = payload_of(told);
  EXPECT_EQ(string_at(payload, "/metadata/name"), "one");
  EXPECT_EQ(string_at(payload, "/metadata/replayed"), "false");
  EXPECT_EQ(string_at(payload, "/receipt/out"), R"(["ok",3.5E0])");
  EXPECT_EQ(string_at(payload, "/receipt/meta/op"), "add");
}

TEST_F(RpcTest, HoldsNotificationsBackUntilTheReplyHasArrived) {
  client.socket->state.lock()->hold_arrivals = true;
  subscribe(client, "one", task("add", "[1,2]"));
  // The run is over by now; another call shows that nothing was sent between.
  EXPECT_EQ(client.call(R"({"jsonrpc":"2.0","method":"health","id":2})"),
            R"({"jsonrpc":"2.0","result":{"healthy":true},"id":2})");
  client.socket->arrive();
  EXPECT_EQ(string_at(payload_of(client.next()), "/receipt/out/0"), "ok");
}

TEST_F(RpcTest, TellsEveryEntryOnceThenTheEnd) {
  subscribe(client, "dup",
            task("add", "[1,2]") + "," + task("add", "[1,2]") + "," + task("add", "[1,3]"));
  std::vector<std::string> replayed;
  for (int i = 0; i < 3; ++i)
    replayed.push_back(string_at(payload_of(client.next()), "/metadata/replayed"));
  EXPECT_EQ(replayed, (std::vector<std::string>{"false", "true", "false"}));
  const auto end = boost::json::parse(client.next());
  EXPECT_EQ(string_at(end, "/method"), "run_workflow_ended");
  EXPECT_EQ(string_at(end, "/params/state"), "completed");
  EXPECT_EQ(string_at(end, "/params/subscription"), "<none>");
}

TEST_F(RpcTest, TellsAFailureAsAReceipt) {
  subscribe(client, "bad", task("divide", "[1,0]"));
  const auto payload = payload_of(client.next());
  EXPECT_EQ(string_at(payload, "/receipt/out/0"), "error");
  EXPECT_EQ(string_at(payload, "/receipt/out/1/code"), "guest_trap");
  EXPECT_NE(string_at(payload, "/receipt/out/1/message").find("divide"), std::string::npos);
  EXPECT_TRUE(string_at(payload, "/receipt/ran/~1").starts_with("bafyrmi"));
  const auto end = boost::json::parse(client.next());
  EXPECT_EQ(string_at(end, "/params/error/code"), "guest_trap");
}

TEST_F(RpcTest, TakesAWorkflowAsDagCborNumbers) {
  const auto value =
      ipld::dag_json::decode(R"({"name":"b","workflow":{"tasks":[)" + task("add", "[1,2]") + "]}}");
  std::string numbers;
  const core::Bytes encoded = *ipld::dag_cbor::encode(*value);
  for (const std::uint8_t byte : encoded)
    numbers += (numbers.empty() ? "" : ",") + std::to_string(byte);
  const std::string method =
      R"({"jsonrpc":"2.0","method":"subscribe_run_workflow","params":[[)" + numbers + "]]";
  client.call(method + R"(,"id":3})");
  EXPECT_EQ(string_at(payload_of(client.next()), "/metadata/name"), "b");
}

TEST_F(RpcTest, SaysWhichElementIsNoByte) {
  const auto reply = boost::json::parse(client.call(
      R"({"jsonrpc":"2.0","method":"subscribe_run_workflow","params":[[1,256]],"id":3})"));
  EXPECT_EQ(string_at(reply, "/error/code"), "-32602");
  EXPECT_NE(string_at(reply, "/error/data").find("params[0][1]"), std::string::npos);
}

TEST_F(RpcTest, NamesARunThatHasNoName) {
  client.call(
      R"({"jsonrpc":"2.0","method":"subscribe_run_workflow","params":[{"workflow":{"tasks":[)" +
      task("add", "[1,2]") + R"(]}}],"id":3})");
  const std::string name = string_at(payload_of(client.next()), "/metadata/name");
  EXPECT_EQ(std::count(name.begin(), name.end(), '-'), 2) << name;
}

TEST_F(RpcTest, KeepsTwoRunsOfOneNameApart) {
  node.hold();
  RpcClient other(service);
  subscribe(client, "same", task("add", "[1,2]"));
  subscribe(other, "same", task("add", "[1,2]"));
  node.release();
  for (RpcClient* each : {&client, &other}) {
    EXPECT_EQ(string_at(payload_of(each->next()), "/receipt/out/0"), "ok");
    EXPECT_EQ(string_at(boost::json::parse(each->next()), "/method"), "run_workflow_ended");
  }
}

TEST_F(RpcTest, TellsARefusalWithItsReason) {
  node.fail_next_submit({core::ErrorCode::kUnavailable, "too much is under way", {}});
  const auto reply = boost::json::parse(client.call(run("4", "x", task("add", "[1,2]"))));
  EXPECT_EQ(string_at(reply, "/error/code"), "-32009");
  EXPECT_TRUE(string_at(reply, "/error/message").starts_with("not able to run workflow bafyrmi"));
  EXPECT_EQ(string_at(reply, "/error/data"), "too much is under way");
}

TEST_F(RpcTest, SaysNothingMoreAfterUnsubscribing) {
  node.hold();
  const std::string id = subscribe(client, "x", task("add", "[1,2]"));
  const std::string end =
      R"({"jsonrpc":"2.0","method":"unsubscribe_run_workflow","params":[")" + id + R"("],"id":5})";
  EXPECT_EQ(client.call(end), R"({"jsonrpc":"2.0","result":true,"id":5})");
  node.release();
  EXPECT_EQ(client.call(end), R"({"jsonrpc":"2.0","result":false,"id":5})");
}

TEST_F(RpcTest, KnowsASubscriptionWhoseRunIsOver) {
  const std::string id = subscribe(client, "x", task("add", "[1,2]"));
  client.next();
  client.next();
  EXPECT_EQ(client.call(R"({"jsonrpc":"2.0","method":"unsubscribe_run_workflow","params":[")" + id +
                        R"("],"id":5})"),
            R"({"jsonrpc":"2.0","result":true,"id":5})");
}

TEST_F(RpcTest, KeepsTheTwoKindsOfSubscriptionsApart) {
  const std::string id =
      string_at(boost::json::parse(
                    client.call(R"({"jsonrpc":"2.0","method":"subscribe_network_events","id":1})")),
                "/result");
  const std::string tail = R"(","params":[")" + id + R"("],"id":5})";
  EXPECT_EQ(client.call(R"({"jsonrpc":"2.0","method":"unsubscribe_run_workflow)" + tail),
            R"({"jsonrpc":"2.0","result":false,"id":5})");
  EXPECT_EQ(client.call(R"({"jsonrpc":"2.0","method":"unsubscribe_network_events)" + tail),
            R"({"jsonrpc":"2.0","result":true,"id":5})");
}

TEST_F(RpcTest, SubscribesInABatchAndTellsAfterItsReply) {
  const auto reply =
      boost::json::parse(client.call("[" + run("1", "x", task("add", "[1,2]")) +
                                     R"(,{"jsonrpc":"2.0","method":"health","id":2}])"));
  ASSERT_EQ(reply.as_array().size(), 2u);
  EXPECT_EQ(string_at(payload_of(client.next()), "/receipt/out/0"), "ok");
}

TEST_F(RpcTest, WaitsWhileTheConnectionHasEnoughToSend) {
  client.socket->queued_now = kSendWindow;
  subscribe(client, "x", task("add", "[1,2]"));
  EXPECT_EQ(client.call(R"({"jsonrpc":"2.0","method":"health","id":2})"),
            R"({"jsonrpc":"2.0","result":{"healthy":true},"id":2})");
  client.socket->queued_now = 0;
  client.listener->on_sent();
  EXPECT_EQ(string_at(payload_of(client.next()), "/receipt/out/0"), "ok");
}

TEST_F(RpcTest, GoesOnWithARunWhoseClientLeft) {
  node.hold();
  subscribe(client, "x", task("add", "[1,2]"));
  client.listener->on_closed();
  node.release();
  RpcClient other(service);
  subscribe(other, "y", task("add", "[1,2]"));
  EXPECT_EQ(string_at(payload_of(other.next()), "/metadata/replayed"), "true");
}

TEST_F(RpcTest, SaysGoodbyeWhenItStops) {
  service.stop();
  EXPECT_EQ(client.closed(), CloseReason::kGoingAway);
}

TEST_F(RpcTest, SaysGoodbyeToOneThatIsOpenedMeanwhile) {
  service.stop();
  RpcClient late(service);
  EXPECT_EQ(late.closed(), CloseReason::kGoingAway);
}

TEST_F(RpcTest, DescribesEveryMethodItHasAndNoOther) {
  const auto document = boost::json::parse(rpc::openrpc_document());
  std::vector<std::string> names;
  for (const auto& method : document.at("methods").as_array())
    names.push_back(string_at(method, "/name"));
  std::ranges::sort(names);
  EXPECT_EQ(names,
            (std::vector<std::string>{"health", "metrics", "node", "rpc_discover",
                                      "subscribe_network_events", "subscribe_run_workflow",
                                      "unsubscribe_network_events", "unsubscribe_run_workflow"}));
  for (const std::string& name : names) {
    const auto reply = client.call(R"({"jsonrpc":"2.0","method":")" + name + R"(","id":1})");
    EXPECT_EQ(reply.find("-32601"), std::string::npos) << name;
  }
}

TEST(RpcLimitTest, DropsASubscriberThatDoesNotRead) {
  RpcOptions options = RpcFixture::make_options();
  options.backlog_bytes = 2048;
  RpcFixture fixture(std::move(options));
  RpcClient client(fixture.service);
  client.socket->queued_now = kSendWindow;
  fixture.node.hold();
  const std::string tasks = fixture.task("add", "[1,1]") + "," + fixture.task("add", "[1,2]") +
                            "," + fixture.task("add", "[1,3]");
  client.call(RpcFixture::run("1", "slow", tasks));
  fixture.node.release();
  EXPECT_EQ(client.closed(), CloseReason::kTryAgainLater);
}

TEST(RpcLimitTest, RefusesMoreSubscriptionsThanAllowed) {
  RpcOptions options = RpcFixture::make_options();
  options.subscriptions = 1;
  RpcFixture fixture(std::move(options));
  RpcClient client(fixture.service);
  fixture.node.hold();
  client.call(RpcFixture::run("1", "a", fixture.task("add", "[1,1]")));
  const auto reply =
      boost::json::parse(client.call(RpcFixture::run("2", "b", fixture.task("add", "[1,2]"))));
  EXPECT_EQ(string_at(reply, "/error/code"), "-32009");
  EXPECT_NE(string_at(reply, "/error/data").find("unsubscribe"), std::string::npos);
  fixture.node.release();
}

struct RpcHttpTest : RpcTest {
  Response post(const std::string& body, const std::string& type = "application/json") {
    return send(Method::kPost, "/any/path", {{"Content-Type", type}}, body);
  }
};

TEST_F(RpcHttpTest, AnswersAPost) {
  const Response response = post(R"({"jsonrpc":"2.0","method":"health","id":1})");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(header(response, "content-type"), kJson);
  EXPECT_EQ(response.body, R"({"jsonrpc":"2.0","result":{"healthy":true},"id":1})");
}

TEST_F(RpcHttpTest, AnswersWhatIsNotJsonWith400) {
  EXPECT_EQ(post("garbage").status, 400);
}

TEST_F(RpcHttpTest, RefusesAnotherContentType) {
  const Response response = post("{}", "text/plain");
  EXPECT_EQ(response.status, 415);
  EXPECT_EQ(response.body,
            "Supplied content type is not allowed. Content-Type: application/json is required");
}

TEST_F(RpcHttpTest, HasNothingToSubscribeTo) {
  const auto reply = json(post(run("1", "x", task("add", "[1,2]"))));
  EXPECT_EQ(string_at(reply, "/error/code"), "-32603");
  EXPECT_NE(string_at(reply, "/error/data").find("WebSocket"), std::string::npos);
  EXPECT_EQ(node.runs(), 0u);
}

TEST_F(RpcHttpTest, HasTheShortcuts) {
  EXPECT_EQ(send(Method::kGet, "/health").body, R"({"healthy":true})");
  EXPECT_EQ(string_at(json(send(Method::kGet, "/node")), "/dynamic/listeners"), "[]");
  EXPECT_TRUE(json(send(Method::kGet, "/rpc_discover")).is_string());
  EXPECT_TRUE(json(send(Method::kGet, "/metrics")).at("metrics").is_array());
}

TEST_F(RpcHttpTest, KnowsNoOtherAddress) {
  EXPECT_EQ(send(Method::kGet, "/nope").status, 405);
  EXPECT_EQ(send(Method::kPut, "/").status, 405);
}

TEST_F(RpcHttpTest, RefusesForeignPagesAndHosts) {
  EXPECT_EQ(send(Method::kGet, "/health", {{"Host", "evil.example"}}, {}, Peer::kNetwork).status,
            403);
  const std::vector<Header> foreign{{"Host", "localhost:8020"}, {"Origin", "https://evil.example"}};
  EXPECT_EQ(send(Method::kGet, "/health", foreign, {}, Peer::kNetwork).status, 403);
  EXPECT_FALSE(
      service.web_sockets()->admit({Method::kGet, "/", foreign, {}, Peer::kNetwork}).has_value());
}

TEST_F(RpcHttpTest, FiltersMetricsByTheirPrefix) {
  metrics.counter("every_a_total", "A.", {{"k", "v"}}).add();
  metrics.counter("every_b_total", "B.").add();
  EXPECT_EQ(
      post(R"({"jsonrpc":"2.0","method":"metrics","params":[{"prefix":"every_a"}],"id":1})").body,
      R"({"jsonrpc":"2.0","result":{"metrics":[{"metric_type":"gauge","metric_name":"every_a_total","help":"A.","data":[{"type":"metric","labels":{"k":"v"},"value":"1"}]}]},"id":1})");
}

TEST_F(RpcHttpTest, AnswersPrometheusOnItsOwnPort) {
  const auto token = add_process_metrics(metrics, "/tmp");
  MetricsService prometheus({}, metrics);
  Response response;
  prometheus.handle({Method::kGet, "/metrics", {}, {}},
                    [&](Response answer) { response = std::move(answer); });
  EXPECT_EQ(header(response, "content-type"), "text/plain; version=0.0.4; charset=utf-8");
  for (const char* name : {"homestar_system_used_memory_bytes ", "homestar_process_uptime_seconds ",
                           "homestar_database_size_bytes "}) {
    EXPECT_NE(response.body.find(name), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace every::gateway
