#include "support.h"
#include <gtest/gtest.h>

#include "every/workflow/short_form.h"

namespace every::workflow {
namespace {

using namespace test;

std::string task(const std::string& run) {
  return R"({"cause":null,"meta":{"memory":4294967296,"time":100000},"prf":[],"run":)" + run + "}";
}
std::string instruction(const std::string& input, const std::string& op = "wasm/run") {
  return R"({"input":)" + input + R"(,"nnc":"","op":")" + op + R"(","rsc":"ipfs://)" + kMath +
         "\"}";
}
const std::string kAdd =
    R"({"tasks":[)" + task(instruction(R"({"args":[3.1,5.2],"func":"add"})")) + "]}";

TEST(FullFormTest, IsToldFromTheShortForm) {
  EXPECT_TRUE(is_full_form(json(kAdd)));
  EXPECT_TRUE(is_full_form(json(R"({"name":"n","workflow":)" + kAdd + "}")));
  EXPECT_FALSE(is_full_form(json(request({run("add", "add", "[1,2]")}))));
  EXPECT_FALSE(is_full_form(json("{}")));
  EXPECT_FALSE(is_full_form(json("[1]")));
}

TEST(FullFormTest, IsHashedAsItStands) {
  const auto parsed = parse_full_form(json(kAdd), functions(), normalize_url);
  ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
  EXPECT_EQ(workflow_cid(*parsed), "bafyrmic66dv7qhmr4kemduxugjbrjsykv575iijyvyelykjj5ckhbvkypa");
  const auto whole = parse_full_form(
      json(R"({"tasks":[)" + task(instruction(R"({"args":[2.0],"func":"add"})")) + "]}"),
      functions(), normalize_url);
  EXPECT_EQ(args(*whole, 0), ipld::Value(ipld::List{2.0}));
}

TEST(FullFormTest, IsTakenWithANameAroundIt) {
  const auto parsed =
      parse_full_form(json(R"({"name":"n","workflow":)" + kAdd + "}"), functions(), normalize_url);
  ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
  EXPECT_EQ(workflow_cid(*parsed), "bafyrmic66dv7qhmr4kemduxugjbrjsykv575iijyvyelykjj5ckhbvkypa");
}

TEST(FullFormTest, FunctionsAreFoundByComponentAndSpelling) {
  const auto parsed = parse_full_form(json(kAdd), functions(), normalize_url);
  EXPECT_EQ(parsed->task_names, std::vector<std::string>{"add"});
  ASSERT_NE(parsed->functions[0], nullptr);
  EXPECT_EQ(parsed->functions[0]->name, "add");
  EXPECT_EQ(parse_full_form(json(kAdd), FunctionTable(), normalize_url)->functions[0], nullptr);
}

struct RefusedCase {
  const char* name;
  std::string text;
  core::ErrorCode code;
};
class RefusedFullFormTest : public testing::TestWithParam<RefusedCase> {};
TEST_P(RefusedFullFormTest, NamesTheTask) {
  const auto parsed =
      parse_full_form(json(R"({"tasks":[)" + task(instruction(R"({"args":[],"func":"f"})")) + "," +
                           GetParam().text + "]}"),
                      functions(), normalize_url);
  ASSERT_FALSE(parsed.has_value());
  EXPECT_EQ(parsed.error().code, GetParam().code) << parsed.error().message;
  EXPECT_NE(parsed.error().message.find("tasks[1]"), std::string::npos) << parsed.error().message;
}
INSTANTIATE_TEST_SUITE_P(
    Tasks, RefusedFullFormTest,
    testing::Values(RefusedCase{"NoFunction", task(instruction(R"({"args":[]})")),
                                core::ErrorCode::kInvalidArgument},
                    RefusedCase{"NoArguments", task(instruction(R"({"func":"f"})")),
                                core::ErrorCode::kInvalidArgument},
                    RefusedCase{"OtherOperation",
                                task(instruction(R"({"func":"f","args":[]})", "http/get")),
                                core::ErrorCode::kUnsupported},
                    RefusedCase{"Link", task(R"({"/":")" + std::string(kMath) + "\"}"),
                                core::ErrorCode::kUnsupported},
                    RefusedCase{"NoRun", "{}", core::ErrorCode::kMalformed}),
    [](const auto& one) { return one.param.name; });

TEST(FullFormTest, AResourceElsewhereIsLeftToWhoeverFetchesIt) {
  const auto parsed = parse_full_form(
      json(
          R"({"tasks":[{"meta":null,"prf":[],"run":{"input":{"func":"f","args":[]},"op":"wasm/run","rsc":"https://host"}}]})"),
      functions(), normalize_url);
  ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
  EXPECT_EQ(parsed->workflow.tasks[0].run.rsc, "https://host/");
}

}  // namespace
}  // namespace every::workflow
