#include <future>
#include <thread>

#include "support.h"
#include <gtest/gtest.h>

#include "every/ipld/dag_cbor.h"
#include "every/ipld/dag_json.h"

namespace every::gateway {
namespace {

struct WorkflowRoutesTest : ::testing::Test, ServiceFixture {};

TEST_F(WorkflowRoutesTest, AnswersTheOutputOfTheLastTask) {
  const Response response = post("/run", kAdd);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "8.3");
  EXPECT_EQ(header(response, "content-type"), kText);
  EXPECT_EQ(post("/run", kChain).body, "4.15");
}

TEST_F(WorkflowRoutesTest, SaysWhichRunAndReceiptAndWhetherItWasKnown) {
  const Response first = post("/run", kAdd);
  EXPECT_EQ(header(first, "every-run"), "run-1");
  EXPECT_EQ(header(first, "every-replayed"), "false");
  EXPECT_TRUE(header(first, "every-receipt").starts_with("bafyrmi"));
  EXPECT_EQ(header(post("/run", kAdd), "every-replayed"), "true");
}

TEST_F(WorkflowRoutesTest, RunsAnewWhenAsked) {
  ASSERT_EQ(post("/run", kAdd).status, 200);
  EXPECT_EQ(header(post("/run?fresh=1", kAdd), "every-replayed"), "false");
}

TEST_F(WorkflowRoutesTest, AnswersAllResultsInTaskOrder) {
  const Response response = post("/run?allResults", kChain);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(header(response, "content-type"), kJson);
  EXPECT_EQ(
      response.body,
      R"([{"out":8.3,"type":"Number","headers":{"Content-Type":"text/plain; charset=utf-8"},"replayed":false},)"
      R"({"out":4.15,"type":"Number","headers":{"Content-Type":"text/plain; charset=utf-8"},"replayed":false}])");
}

TEST_F(WorkflowRoutesTest, AnswersAFailingTaskWithItsName) {
  const Response response = post("/run", kDivideByZero);
  EXPECT_EQ(response.status, 500);
  const auto body = json(response);
  EXPECT_EQ(text_of(body, "code"), "guest_trap");
  EXPECT_EQ(text_of(body, "task"), "divide");
  EXPECT_EQ(text_of(body, "func"), "divide");
  EXPECT_TRUE(text_of(body, "cid").starts_with("bafyrmi"));
  EXPECT_NE(text_of(body, "error").find("not able to run fn divide"), std::string::npos);
}

TEST_F(WorkflowRoutesTest, NamesTheTaskAtFaultNotTheOneThatWaitedForIt) {
  const Response response = post(
      "/run",
      R"({"tasks":[{"run":{"name":"bad","input":{"func":"divide","args":[1,0]}}},)"
      R"({"run":{"name":"after","input":{"func":"add","args":["{{needs.bad.output}}",1]}}}]})");
  EXPECT_EQ(text_of(json(response), "task"), "bad");
}

TEST_F(WorkflowRoutesTest, PassesOnWhyARunWasNotTaken) {
  node.fail_next_submit(core::Error{core::ErrorCode::kUnavailable, "too much is under way", {}});
  const Response response = post("/run", kAdd);
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(header(response, "retry-after"), "1");
}

TEST_F(WorkflowRoutesTest, ListsWhatDoesNotValidate) {
  const Response response =
      post("/run", R"({"tasks":[{"run":{"name":"x","input":{"func":"add","args":["one",2]}}}]})");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(text_of(json(response).at(0), "instancePath"), "/tasks/0/run/input/args/0");
}

TEST_F(WorkflowRoutesTest, RefusesAnUnknownFunctionByTheNamesThereAre) {
  const Response response =
      post("/run", R"({"tasks":[{"run":{"name":"x","input":{"func":"nosuch","args":[1,2]}}}]})");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(text_of(json(response).at(0), "keyword"), "enum");
  EXPECT_NE(response.body.find("divide"), std::string::npos);
}

TEST_F(WorkflowRoutesTest, SpeaksTheOriginalsWordsForBadJson) {
  const Response response = post("/run", "{\"tasks\":");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body, "Malformed JSON in request body");
  EXPECT_NE(header(response, "every-error").find("line 1"), std::string::npos)
      << header(response, "every-error");
  EXPECT_EQ(header(response, "content-type"), kText);
}

TEST_F(WorkflowRoutesTest, SpeaksTheOriginalsWordsForAnotherContentType) {
  const Response response = send(Method::kPost, "/run", {{"Content-Type", "text/plain"}}, kAdd);
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body, "Invalid HTTP header: Content-Type=text/plain");
}

TEST_F(WorkflowRoutesTest, TakesDagCborWhereItTakesJson) {
  const auto value = ipld::dag_json::decode(kAdd);
  ASSERT_TRUE(value);
  const auto bytes = ipld::dag_cbor::encode(*value);
  ASSERT_TRUE(bytes);
  const std::string body(core::as_text(*bytes));
  for (const std::string type :
       {"application/cbor", "application/vnd.ipld.dag-cbor", "Application/CBOR; charset=x"}) {
    EXPECT_EQ(send(Method::kPost, "/run", {{"Content-Type", type}}, body).body, "8.3") << type;
    EXPECT_EQ(send(Method::kPost, "/-/workflows", {{"Content-Type", type}}, body).status, 200);
  }
}

TEST_F(WorkflowRoutesTest, SaysWhatIsWrongWithDagCbor) {
  const Response response =
      send(Method::kPost, "/run", {{"Content-Type", "application/cbor"}}, "\xa1");
  EXPECT_EQ(response.status, 400);
  EXPECT_NE(text_of(json(response), "error").find("DAG-CBOR"), std::string::npos) << response.body;
}

TEST_F(WorkflowRoutesTest, TakesJsonTypesWithParameters) {
  EXPECT_EQ(
      send(Method::kPost, "/run", {{"content-type", "Application/JSON; charset=utf-8"}}, kAdd).body,
      "8.3");
}

TEST_F(WorkflowRoutesTest, RefusesJsonNestedTooDeep) {
  const Response response = post("/run", std::string(1000, '[') + std::string(1000, ']'));
  EXPECT_GE(response.status, 400);
  EXPECT_LT(response.status, 500);
}

TEST_F(WorkflowRoutesTest, ShowsTheWorkflowItWouldRun) {
  const Response response = post("/workflow", kChain);
  EXPECT_EQ(response.status, 200);
  const auto body = json(response);
  EXPECT_EQ(text_of(body, "name"), "test");
  const auto& tasks = body.at("workflow").at("tasks").as_array();
  ASSERT_EQ(tasks.size(), 2u);
  EXPECT_TRUE(boost::json::serialize(tasks[0]).starts_with(
      R"({"run":{"input":{"args":[3.1E0,5.2E0],"func":"add"},"nnc":"","op":"wasm/run","rsc":"ipfs://)"))
      << boost::json::serialize(tasks[0]);
  EXPECT_TRUE(tasks[1].at("run").at("input").at("args").at(0).as_object().contains("await/ok"));
  EXPECT_EQ(node.runs(), 0u);
}

TEST_F(WorkflowRoutesTest, GivesEachTaskANonceWhenSet) {
  ServiceOptions options = make_options();
  options.nonces = Nonces::kRandom;
  Service debug(std::move(options), node, logger);
  const auto plan = [&debug] {
    return debug
        .handle_and_wait({Method::kPost, "/workflow", {{"Content-Type", "application/json"}}, kAdd})
        .body;
  };
  const auto first = boost::json::parse(plan());
  EXPECT_EQ(first.at("workflow").at("tasks").at(0).at("run").at("nnc").as_string().size(), 20u);
  EXPECT_NE(boost::json::serialize(first), boost::json::serialize(boost::json::parse(plan())));
}

TEST_F(WorkflowRoutesTest, RunsADocumentAndTellsOfEveryTask) {
  const Response response = post("/-/workflows?name=mine", kChain);
  ASSERT_EQ(response.status, 200) << response.body;
  const auto run = json(response);
  EXPECT_EQ(text_of(run, "name"), "mine");
  EXPECT_EQ(text_of(run, "state"), "completed");
  EXPECT_EQ(run.at("answer").as_int64(), 1);
  const auto& task = run.at("tasks").at(1);
  EXPECT_EQ(text_of(task, "name"), "half");
  EXPECT_EQ(task.at("output").as_double(), 4.15);
  EXPECT_TRUE(text_of(task, "instruction").starts_with("bafyrmi"));
  EXPECT_TRUE(text_of(task, "receipt").starts_with("bafyrmi"));
  EXPECT_FALSE(task.at("replayed").as_bool());
}

TEST_F(WorkflowRoutesTest, RunsTheFullFormAsItStands) {
  const std::string planned = post("/workflow", kChain).body;
  const Response response = post("/-/workflows?answer=body", planned);
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(response.body, "4.15");
}

TEST_F(WorkflowRoutesTest, TellsOfEveryTaskOfAFailedDocumentToo) {
  const Response response = post("/-/workflows", kDivideByZero);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(text_of(json(response), "state"), "failed");
  EXPECT_EQ(text_of(json(response).at("error"), "code"), "guest_trap");
}

/// Whose thread answers a body posted to /run.
std::thread::id answering_thread(Service& service, std::string body) {
  std::promise<std::thread::id> answered;
  service.handle({Method::kPost, "/run", {{"Content-Type", "application/json"}}, std::move(body)},
                 [&answered](Response response) {
                   EXPECT_EQ(response.status, 200) << response.body;
                   answered.set_value(std::this_thread::get_id());
                 });
  return answered.get_future().get();
}

TEST_F(WorkflowRoutesTest, AnswersASmallRequestThatIsOverAtOnceOnTheThreadThatBringsIt) {
  EXPECT_EQ(answering_thread(service, kAdd), std::this_thread::get_id());
}

TEST_F(WorkflowRoutesTest, ReadsALargeRequestOnThreadsOfItsOwn) {
  EXPECT_NE(answering_thread(service, kAdd + std::string(4096, ' ')), std::this_thread::get_id());
}

TEST_F(WorkflowRoutesTest, AnswersTheSameBodyTwiceWithTheSameReceipt) {
  const Response first = post("/run", kChain);
  const Response second = post("/run", kChain);
  EXPECT_EQ(second.status, 200);
  EXPECT_EQ(second.body, first.body);
  EXPECT_EQ(header(second, "Every-Receipt"), header(first, "Every-Receipt"));
}

TEST_F(WorkflowRoutesTest, JudgesTheSameBodyAnewByFunctionsThatCameMeanwhile) {
  const std::string body =
      R"({"tasks":[{"run":{"name":"later","input":{"func":"later","args":[]}}}]})";
  EXPECT_NE(post("/run", body).status, 200);
  node.add_function("later", {}, wit::make_primitive(wit::Kind::kString),
                    [](const ipld::List&) -> core::Result<ipld::Value> { return "now"; });
  EXPECT_EQ(post("/run", body).body, "now");
}

TEST_F(WorkflowRoutesTest, AnswersWhatIsOpenWhenItStops) {
  node.hold();
  std::promise<Response> promise;
  service.handle({Method::kPost, "/run", {{"Content-Type", "application/json"}}, kAdd},
                 [&promise](Response response) { promise.set_value(std::move(response)); });
  node.wait_for_runs(1);
  service.stop();
  EXPECT_EQ(promise.get_future().get().status, 503);
  EXPECT_EQ(post("/run", kAdd).status, 503);
  node.release();
}

}  // namespace
}  // namespace every::gateway
