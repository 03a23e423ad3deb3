#include "support.h"
#include <gtest/gtest.h>

#include "every/workflow/short_form.h"

namespace every::workflow {
namespace {

using namespace test;

/// The request schema of these tests' functions has one conditional entry for each that has parameters, in order: add 0, divide 1, subtract 2, …
constexpr const char* kAllowed =
    R"(["add","divide","nothing","subtract","echo","sum","opt","makePoint","flag","both"])";

std::string expected(const std::string& text) {
  return to_json(json(text));
}

TEST(ValidationTest, AnUnknownFunctionIsTheOriginalsEntry) {
  const auto error = refuse(request({run("a", "ad", "[1,2]")}));
  EXPECT_EQ(
      entries(error),
      expected(
          R"([{"instancePath":"/tasks/0/run/input/func","schemaPath":"#/definitions/input/properties/func/enum","keyword":"enum",
    "params":{"allowedValues":)" +
          std::string(kAllowed) + R"(},"message":"must be equal to one of the allowed values"}])"));
  EXPECT_NE(error.summary.find("did you mean `add`?"), std::string::npos) << error.summary;
}

TEST(ValidationTest, AnUnknownFunctionWithoutArgumentsIsRefusedToo) {
  EXPECT_EQ(refuse(request({run("a", "zz", "[]")})).entries[0].keyword, "enum");
}

TEST(ValidationTest, TooFewArgumentsAreTheOriginalsEntry) {
  const auto error = refuse(request({run("a", "add", "[1]")}));
  EXPECT_EQ(
      entries(error),
      expected(
          R"([{"instancePath":"/tasks/0/run/input/args","schemaPath":"#/definitions/input/allOf/0/then/properties/args/minItems",
    "keyword":"minItems","params":{"limit":2},"message":"must NOT have fewer than 2 items"}])"));
  EXPECT_EQ(
      error.summary,
      "task `a`: `add(a: f64, b: f64) -> f64` got 1 arguments, must NOT have fewer than 2 items");
}

TEST(ValidationTest, TooManyArgumentsAreTheOriginalsEntry) {
  EXPECT_EQ(
      entries(refuse(request({run("a", "subtract", "[1,2,3]")}))),
      expected(
          R"([{"instancePath":"/tasks/0/run/input/args","schemaPath":"#/definitions/input/allOf/2/then/properties/args/maxItems",
    "keyword":"maxItems","params":{"limit":2},"message":"must NOT have more than 2 items"}])"));
}

TEST(ValidationTest, ArgumentsOfAFunctionWithoutParametersAreRefused) {
  EXPECT_EQ(refuse(request({run("a", "nothing", "[1]")})).entries[0].keyword, "maxItems");
}

TEST(ValidationTest, AWrongTypeIsTheOriginalsThreeEntries) {
  const auto error =
      refuse(request({run("x", "add", "[1,2]"), run("a", "divide", R"(["two",true])")}));
  EXPECT_EQ(entries(error), expected(R"([
    {"instancePath":"/tasks/1/run/input/args/0","schemaPath":"#/definitions/input/allOf/1/then/properties/args/items/0/anyOf/0/type",
     "keyword":"type","params":{"type":"number"},"message":"must be number"},
    {"instancePath":"/tasks/1/run/input/args/0","schemaPath":"#/definitions/input/allOf/1/then/properties/args/items/0/anyOf/1/pattern",
     "keyword":"pattern","params":{"pattern":"^\\{\\{.*\\}\\}$"},"message":"must match pattern \"^\\{\\{.*\\}\\}$\""},
    {"instancePath":"/tasks/1/run/input/args/0","schemaPath":"#/definitions/input/allOf/1/then/properties/args/items/0/anyOf",
     "keyword":"anyOf","params":{},"message":"must match a schema in anyOf"}])"));
  EXPECT_EQ(error.summary, "task `a`: argument `a` must be number; got \"two\" (its type is f64)");
}

TEST(ValidationTest, AWrongTypeThatIsNoTextSaysSo) {
  const auto error = refuse(request({run("a", "add", "[1,true]")}));
  ASSERT_EQ(error.entries.size(), 3U);
  EXPECT_EQ(error.entries[1].schema_path,
            "#/definitions/input/allOf/0/then/properties/args/items/1/anyOf/1/type");
  EXPECT_EQ(error.entries[1].message, "must be string");
}

TEST(ValidationTest, AWrongPartIsNamedByItsPath) {
  const auto error = refuse(request({run("a", "makePoint", R"([{"xAt":"one"}])")}));
  EXPECT_EQ(error.entries[0].instance_path, "/tasks/0/run/input/args/0/xAt");
  EXPECT_EQ(error.entries[0].message, "must be number");
  EXPECT_NE(error.summary.find("argument `atPlace`, at /xAt, must be number"), std::string::npos)
      << error.summary;
}

TEST(ValidationTest, AFractionForAnIntegerIsRefused) {
  EXPECT_EQ(refuse(request({run("a", "opt", "[1.5]")})).entries[0].message, "must be integer");
}

TEST(ValidationTest, AMissingNameIsTheOriginalsEntry) {
  EXPECT_EQ(
      entries(refuse(request({R"({"input":{"func":"add","args":[1,2]}})"}))),
      expected(
          R"([{"instancePath":"/tasks/0/run","schemaPath":"#/required","keyword":"required","params":{"missingProperty":"name"},
    "message":"must have required property 'name'"}])"));
}

TEST(ValidationTest, AnUnknownTopLevelKeyIsTheOriginalsEntry) {
  EXPECT_EQ(
      entries(refuse(R"({"tasks":[],"other":1})")),
      expected(
          R"([{"instancePath":"","schemaPath":"#/additionalProperties","keyword":"additionalProperties",
    "params":{"additionalProperty":"other"},"message":"must NOT have additional properties"}])"));
}

struct ShapeCase {
  const char* name;
  const char* text;
  const char* path;
  const char* keyword;
};
class ShapeTest : public testing::TestWithParam<ShapeCase> {};
TEST_P(ShapeTest, IsRefusedWhereItIsWrong) {
  const auto error = refuse(GetParam().text);
  EXPECT_EQ(error.entries[0].instance_path, GetParam().path);
  EXPECT_EQ(error.entries[0].keyword, GetParam().keyword);
}
INSTANTIATE_TEST_SUITE_P(
    Requests, ShapeTest,
    testing::Values(
        ShapeCase{"NoObject", "[]", "", "type"}, ShapeCase{"NoTasks", "{}", "", "required"},
        ShapeCase{"TasksNoList", R"({"tasks":{}})", "/tasks", "type"},
        ShapeCase{"NoTaskAtAll", R"({"tasks":[]})", "/tasks", "minItems"},
        ShapeCase{"TaskNoObject", R"({"tasks":[1]})", "/tasks/0", "type"},
        ShapeCase{"NoRun", R"({"tasks":[{}]})", "/tasks/0", "required"},
        ShapeCase{"RunNoObject", R"({"tasks":[{"run":1}]})", "/tasks/0/run", "type"},
        ShapeCase{"NoInput", R"({"tasks":[{"run":{"name":"a"}}]})", "/tasks/0/run", "required"},
        ShapeCase{"NameNoText", R"({"tasks":[{"run":{"name":1,"input":{}}}]})", "/tasks/0/run/name",
                  "type"},
        ShapeCase{"InputNoObject", R"({"tasks":[{"run":{"name":"a","input":1}}]})",
                  "/tasks/0/run/input", "type"},
        ShapeCase{"NoFunc", R"({"tasks":[{"run":{"name":"a","input":{"args":[]}}}]})",
                  "/tasks/0/run/input", "required"},
        ShapeCase{"FuncNoText", R"({"tasks":[{"run":{"name":"a","input":{"func":1}}}]})",
                  "/tasks/0/run/input/func", "type"},
        ShapeCase{"NoArgs", R"({"tasks":[{"run":{"name":"a","input":{"func":"add"}}}]})",
                  "/tasks/0/run/input", "required"},
        ShapeCase{"ArgsNoList",
                  R"({"tasks":[{"run":{"name":"a","input":{"func":"add","args":{}}}}]})",
                  "/tasks/0/run/input/args", "type"},
        ShapeCase{"MetaNoObject",
                  R"({"tasks":[{"meta":1,"run":{"name":"a","input":{"func":"nothing"}}}]})",
                  "/tasks/0/meta", "type"},
        ShapeCase{
            "MetaNoNumber",
            R"({"tasks":[{"meta":{"time":"x"},"run":{"name":"a","input":{"func":"nothing"}}}]})",
            "/tasks/0/meta/time", "type"}),
    [](const auto& one) { return one.param.name; });

TEST(ValidationTest, TheFirstWrongTaskIsReported) {
  const auto error =
      refuse(request({run("a", "add", "[1,2]"), run("b", "add", "[1]"), run("c", "zz", "[1]")}));
  EXPECT_EQ(error.entries.size(), 1U);
  EXPECT_EQ(error.entries[0].instance_path, "/tasks/1/run/input/args");
}

TEST(ValidationTest, AFunctionOfTwoComponentsIsRefusedNamingBoth) {
  const FunctionTable table(
      {function("add", {}, kMath, "math"), function("add", {}, kTypes, "types")});
  const auto parsed = parse_short_form(json(request({run("a", "add", "[]")})), table, {});
  ASSERT_FALSE(parsed.has_value());
  EXPECT_EQ(parsed.error().entries[0].keyword, "ambiguous");
  EXPECT_NE(parsed.error().summary.find("`math::add`"), std::string::npos)
      << parsed.error().summary;
  EXPECT_NE(parsed.error().summary.find("`types::add`"), std::string::npos)
      << parsed.error().summary;
}

TEST(CallByNameTest, IsTheWorkflowOfOneTask) {
  const FunctionTable table = functions();
  const auto called = call_by_name(**table.find("add"), {{"b", 5.2}, {"a", 3.1}}, {});
  ASSERT_TRUE(called.has_value()) << called.error().summary;
  EXPECT_EQ(workflow_cid(*called), "bafyrmic66dv7qhmr4kemduxugjbrjsykv575iijyvyelykjj5ckhbvkypa");
  EXPECT_EQ(called->task_names, std::vector<std::string>{"add"});
}

TEST(CallByNameTest, TakesBothSpellingsAndLeavesOptionsOut) {
  const FunctionTable table = functions();
  for (const char* key : {"atPlace", "at-place"}) {
    const auto called = call_by_name(**table.find("makePoint"), {{key, json(R"({"xAt":1})")}}, {});
    ASSERT_TRUE(called.has_value()) << called.error().summary;
    EXPECT_EQ(args(*called, 0), json(R"([{"x-at":1,"y":null}])"));
  }
  EXPECT_EQ(args(*call_by_name(**table.find("opt"), {{"first", 1}, {"third", "x"}}, {}), 0),
            json(R"([1,null,"x"])"));
}

TEST(CallByNameTest, AMissingArgumentIsTheOriginalsEntry) {
  const FunctionTable table = functions();
  const auto called = call_by_name(**table.find("add"), {{"a", 1}}, {});
  ASSERT_FALSE(called.has_value());
  EXPECT_EQ(
      entries(called.error()),
      expected(
          R"([{"instancePath":"","schemaPath":"#/required","keyword":"required","params":{"missingProperty":"b"},
    "message":"must have required property 'b'"}])"));
}

TEST(CallByNameTest, AWrongTypeAndASurplusArgumentAreTheOriginalsEntries) {
  const FunctionTable table = functions();
  EXPECT_EQ(
      entries(call_by_name(**table.find("add"), {{"a", "x"}, {"b", 1}}, {}).error()),
      expected(
          R"([{"instancePath":"/a","schemaPath":"#/properties/a/type","keyword":"type","params":{"type":"number"},"message":"must be number"}])"));
  EXPECT_EQ(
      entries(call_by_name(**table.find("add"), {{"a", 1}, {"b", 1}, {"c", 1}}, {}).error()),
      expected(
          R"([{"instancePath":"","schemaPath":"#/additionalProperties","keyword":"additionalProperties","params":{"additionalProperty":"c"},
    "message":"must NOT have additional properties"}])"));
}

TEST(CallByNameTest, TheContentTypeOfTheOriginalsSchemaIsIgnored) {
  const FunctionTable table = functions();
  EXPECT_TRUE(
      call_by_name(**table.find("add"), {{"a", 1}, {"b", 1}, {"content-type", "text/plain"}}, {})
          .has_value());
}

}  // namespace
}  // namespace every::workflow
