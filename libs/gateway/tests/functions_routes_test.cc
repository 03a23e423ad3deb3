#include "routes.h"
#include "support.h"
#include <gtest/gtest.h>

namespace every::gateway {
namespace {

struct FunctionRoutesTest : ::testing::Test, ServiceFixture {};

TEST_F(FunctionRoutesTest, ListsPairsOfNameAndSchema) {
  const Response response = get("/");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(header(response, "content-type"), kJson);
  EXPECT_TRUE(response.body.starts_with(
      R"([["add",{"type":"object","properties":{"a":{"type":"number"},"b":{"type":"number"}},"required":["a","b"],"additionalProperties":false}],["divide",)"))
      << response.body;
}

TEST_F(FunctionRoutesTest, CallsAFunctionByQuery) {
  const Response response = get("/add?a=3.1&b=5.2");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "8.3");
  EXPECT_EQ(header(response, "content-type"), kText);
}

TEST_F(FunctionRoutesTest, CallsAFunctionByBody) {
  EXPECT_EQ(post("/add", R"({"a":3.1,"b":5.2})").body, "8.3");
}

TEST_F(FunctionRoutesTest, DecodesQueryText) {
  EXPECT_EQ(get("/hello?name=Gary%20L").body, "Hello Gary L");
}

TEST_F(FunctionRoutesTest, LeavesOutOptionalParameters) {
  EXPECT_EQ(get("/hello?name=Gary&greeting=Hi").body, "Hi Gary");
  EXPECT_EQ(post("/hello", R"({"name":"Gary"})").body, "Hello Gary");
}

TEST_F(FunctionRoutesTest, CallsAFunctionWithoutParameters) {
  EXPECT_EQ(get("/tick").body, "7");
  EXPECT_EQ(post("/tick", "{}").body, "7");
  EXPECT_EQ(send(Method::kPost, "/tick").body, "7");
}

TEST_F(FunctionRoutesTest, MakesAListOfAParameterGivenAgainAndAgain) {
  EXPECT_EQ(get("/sum?of=1&of=2&of=3.5").body, "6.5");
}

TEST_F(FunctionRoutesTest, RefusesANumberGivenTwice) {
  const Response response = get("/add?a=1&a=2&b=3");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(text_of(json(response).at(0), "instancePath"), "/a");
}

TEST_F(FunctionRoutesTest, RefusesTextThatIsNoNumber) {
  const Response response = get("/add?a=one&b=2");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(text_of(json(response).at(0), "instancePath"), "/a");
  EXPECT_EQ(text_of(json(response).at(0), "message"), "must be number");
}

TEST_F(FunctionRoutesTest, NamesAMissingParameter) {
  const Response response = get("/add?a=1");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(text_of(json(response).at(0), "keyword"), "required");
  EXPECT_NE(response.body.find(R"("missingProperty":"b")"), std::string::npos) << response.body;
}

TEST_F(FunctionRoutesTest, NamesAParameterItDoesNotHave) {
  const Response response = get("/add?a=1&b=2&c=3");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(text_of(json(response).at(0), "keyword"), "additionalProperties");
}

TEST_F(FunctionRoutesTest, RefusesABodyThatIsNoObject) {
  const Response response = post("/add", "[1,2]");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(text_of(json(response).at(0), "message"), "must be object");
}

TEST_F(FunctionRoutesTest, ShowsASchemaWithTheContentType) {
  EXPECT_EQ(
      get("/add/schema").body,
      R"({"type":"object","properties":{"a":{"type":"number"},"b":{"type":"number"},"content-type":{"type":"string","default":"text/plain"}},)"
      R"("required":["a","b"],"additionalProperties":false})");
  EXPECT_EQ(
      get("/tick/schema").body,
      R"({"type":"object","properties":{"content-type":{"type":"string","default":"text/plain"}},"additionalProperties":false})");
}

TEST_F(FunctionRoutesTest, DoesNotChangeASchemaByShowingIt) {
  const std::string before = get("/").body;
  ASSERT_EQ(get("/add/schema").status, 200);
  ASSERT_EQ(get("/add?a=1&b=2").status, 200);
  EXPECT_EQ(get("/").body, before);
  EXPECT_EQ(post("/run", kAdd).body, "8.3");
}

TEST_F(FunctionRoutesTest, PlansACallWithoutRunningIt) {
  for (const Response& response :
       {get("/add/workflow?a=3.1&b=5.2"), post("/add/workflow", R"({"a":3.1,"b":5.2})")}) {
    EXPECT_EQ(response.status, 200);
    EXPECT_TRUE(response.body.starts_with(
        R"({"name":"add","workflow":{"tasks":[{"cause":null,"meta":{"memory":4294967296,"time":100000},"prf":[],"run":{"input":{"args":[3.1,5.2],"func":"add"},)"))
        << response.body;
  }
  EXPECT_EQ(node.runs(), 0u);
}

TEST_F(FunctionRoutesTest, AnswersAFailingCallWithItsReason) {
  const Response response = get("/divide?a=1&b=0");
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(text_of(json(response), "code"), "guest_trap");
  EXPECT_EQ(text_of(json(response), "func"), "divide");
}

TEST_F(FunctionRoutesTest, AnswersTheOkValueOfAResult) {
  EXPECT_EQ(get("/check?v=3").body, "3");
  EXPECT_EQ(get("/check?v=3&raw").body, "[3,null]");
}

TEST_F(FunctionRoutesTest, AnswersTheErrValueOfAResultAs422) {
  const Response response = get("/check?v=11");
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(text_of(json(response), "code"), "guest_error");
  EXPECT_EQ(text_of(json(response).at("details"), "err"), "too big");
  EXPECT_EQ(get("/check?v=11&raw").body, R"([null,"too big"])");
}

TEST_F(FunctionRoutesTest, SpeaksTheOriginalsWordsForWhatIsNotThere) {
  EXPECT_EQ(get("/nosuch").status, 404);
  EXPECT_EQ(get("/nosuch").body, R"({"error":"Not found"})");
  EXPECT_EQ(get("/run").body, R"({"error":"Not found"})");
  EXPECT_EQ(get("/add/nosuch").body, "not found");
  EXPECT_EQ(get("/add/nosuch").status, 404);
}

TEST_F(FunctionRoutesTest, RefusesOtherMethods) {
  const Response response = send(Method::kPut, "/add");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.body, "404 Not Found");
  EXPECT_EQ(header(response, "allow"), "GET, HEAD, POST");
}

TEST_F(FunctionRoutesTest, RefusesAnAddressThatDoesNotDecode) {
  EXPECT_EQ(get("/add?a=%zz").status, 400);
}

TEST_F(FunctionRoutesTest, CallsByPositionForTheCommandLine) {
  EXPECT_EQ(post("/-/call/add", R"(["3.1","5.2"])").body, "8.3");
  EXPECT_EQ(post("/-/call/divide", R"(["b=2","a=5"])").body, "2.5");
  EXPECT_EQ(post("/-/call/add", R"(["1","2","3"])").status, 400);
}

TEST_F(FunctionRoutesTest, AnswersAPreflight) {
  const Response response = send(Method::kOptions, "/run", {{"Origin", "http://localhost:5173"}});
  EXPECT_EQ(response.status, 204);
  EXPECT_TRUE(header(response, "access-control-allow-headers").starts_with("Accept,Content-Type"));
  EXPECT_EQ(header(response, "access-control-allow-origin"), "http://localhost:5173");
}

TEST(RouteTableTest, TakesHeadAsGet) {
  const auto target = parse_target("/-/healthz");
  ASSERT_NE(match_route(Method::kHead, *target).route, nullptr);
}

TEST(RouteTableTest, KeepsOurOwnAddressesFromFunctionNames) {
  EXPECT_EQ(match_route(Method::kGet, *parse_target("/-")).route, nullptr);
  EXPECT_EQ(match_route(Method::kGet, *parse_target("/-/workflow")).route, nullptr);
}

}  // namespace
}  // namespace every::gateway
