#include "support.h"
#include <gtest/gtest.h>

#include "every/workflow/short_form.h"

namespace every::workflow {
namespace {

using namespace test;

/// A request of a first task `one` and a second that holds `args`.
std::string second(const std::string& func, const std::string& args) {
  return request({run("one", "add", "[1,2]"), run("two", func, args)});
}
std::string await_one(const std::string& key = "await/ok") {
  return "{\"" + key + R"(":{"/":"bafyrmigf4vg7cipyqwmk2rrtagjomkxc5ig734q5alxzax2l53vmbqusbm"}})";
}

TEST(PlaceholderTest, BlanksInsideTheBracesAreAllowed) {
  EXPECT_EQ(args(parse(second("add", R"(["{{  needs.one.output }}",1])")), 1),
            json("[" + await_one() + ",1]"));
}

TEST(PlaceholderTest, ErrorAndResultAreTheOtherAwaits) {
  EXPECT_EQ(args(parse(second("echo", R"(["{{needs.one.error}}"])")), 1),
            json("[" + await_one("await/error") + "]"));
  EXPECT_EQ(args(parse(second("both", R"(["{{needs.one.result}}"])")), 1),
            json("[" + await_one("await/*") + "]"));
}

TEST(PlaceholderTest, StandsInListsAndObjects) {
  EXPECT_EQ(args(parse(second("sum", R"([[1.0,"{{needs.one.output}}",2]])")), 1),
            json("[[1," + await_one() + ",2]]"));
  EXPECT_EQ(args(parse(second("makePoint", R"([{"xAt":"{{needs.one.output}}"}])")), 1),
            json(R"([{"x-at":)" + await_one() + R"(,"y":null}])"));
  EXPECT_EQ(args(parse(second("sum", R"(["{{needs.one.output}}"])")), 1),
            json("[" + await_one() + "]"));
}

TEST(PlaceholderTest, ATaskAloneIsAMapOfItsOutput) {
  EXPECT_EQ(args(parse(second("echo", R"(["{{needs.one}}"])")), 1),
            json(R"([{"output":)" + await_one() + "}]"));
}

TEST(PlaceholderTest, AllNeedsAreAMapOfTheEarlierTasks) {
  EXPECT_EQ(args(parse(second("echo", R"(["{{needs}}"])")), 1),
            json(R"([{"one":{"output":)" + await_one() + "}}]"));
  EXPECT_EQ(args(parse(request({run("first", "echo", R"(["{{needs}}"])")})), 0), json("[{}]"));
}

TEST(PlaceholderTest, ACidBecomesALink) {
  const auto bytes = function("take", {{"data", wit::make_list(p(wit::Kind::kU8))}});
  const auto parsed = parse_short_form(
      json(request({run("a", "take", R"(["{{cid:)" + std::string(kTypes) + R"(}}"])")})),
      FunctionTable({bytes}), {});
  ASSERT_TRUE(parsed.has_value()) << parsed.error().summary;
  EXPECT_EQ(args(*parsed, 0), ipld::Value(ipld::List{cid(kTypes)}));
}

TEST(PlaceholderTest, ABadCidIsRefused) {
  EXPECT_EQ(refuse(second("echo", R"(["{{cid:nonsense}}"])")).entries[0].keyword, "placeholder");
}

TEST(PlaceholderTest, ADefaultStandsInForWhatIsMissing) {
  EXPECT_EQ(args(parse(second("echo", R"(["{{needs.missing.output:foo}}"])")), 1),
            json(R"(["foo"])"));
  EXPECT_EQ(args(parse(second("echo", R"(["{{ anything:foo }}"])")), 1), json(R"(["foo"])"));
  EXPECT_EQ(args(parse(second("echo", R"(["{{needs.one.output:foo}}"])")), 1),
            json("[" + await_one() + "]"));
}

class LiteralTextTest : public testing::TestWithParam<const char*> {};
TEST_P(LiteralTextTest, StaysText) {
  const std::string text = GetParam();
  EXPECT_EQ(args(parse(second("echo", "[\"" + text + "\"]")), 1), json("[\"" + text + "\"]"));
}
INSTANTIATE_TEST_SUITE_P(NotPlaceholders, LiteralTextTest,
                         testing::Values("{{needs.my task.output}}", "{{ }}", "{{}}", "{{a b}}",
                                         "{{needs.one.output", "{needs.one.output}", "{{a:}}",
                                         "{{a:b.c}}", "{{a/b}}", "plain", "{{ü}}"));

TEST(PlaceholderTest, NamesWithDotsCanBeReached) {
  const auto workflow = parse(
      request({run("a.b", "add", "[1,2]"), run("c", "add", R"(["{{needs.a.b.output}}",1])")}));
  EXPECT_EQ(args(workflow, 1), json("[" + await_one() + ",1]"));
}

class EmbeddedTest : public testing::TestWithParam<const char*> {};
TEST_P(EmbeddedTest, IsRefusedNamingTaskAndArgument) {
  const auto error = refuse(second("echo", GetParam()));
  EXPECT_EQ(error.entries[0].instance_path, "/tasks/1/run/input/args/0");
  EXPECT_EQ(error.entries[0].keyword, "placeholder");
  EXPECT_NE(error.summary.find("task `two`"), std::string::npos) << error.summary;
  EXPECT_NE(error.summary.find("argument `text`"), std::string::npos) << error.summary;
}
INSTANTIATE_TEST_SUITE_P(Forms, EmbeddedTest,
                         testing::Values(R"(["x={{needs.one.output}}"])",
                                         R"(["{{needs.one.output}}{{needs.one.output}}"])",
                                         R"(["{{needs.one.output}} "])",
                                         R"([{"{{needs.one.output}}":1}])", R"([["{{cid:x}}!"]])"));

TEST(PlaceholderTest, AnUnknownNameIsRefusedInTheOriginalsWordsWithTheNearest) {
  const auto error = refuse(request(
      {run("first", "add", "[1,2]"), run("second", "add", R"(["{{needs.fist.output}}",1])")}));
  EXPECT_EQ(error.entries[0].message,
            "Could not find value for key \"needs.fist.output\" in context; did you mean "
            "`needs.first.output`?");
  EXPECT_EQ(error.entries[0].instance_path, "/tasks/1/run/input/args/0");
  EXPECT_NE(error.summary.find("task `second`"), std::string::npos);
}

TEST(PlaceholderTest, AnUnknownKeyIsRefused) {
  EXPECT_EQ(refuse(second("echo", R"(["{{foo}}"])")).entries[0].message,
            "Could not find value for key \"foo\" in context");
}

TEST(PlaceholderTest, TasksMayComeInAnyOrder) {
  const auto workflow = parse(
      request({run("two", "add", R"(["{{needs.one.output}}",1])"), run("one", "add", "[1,2]")}));
  EXPECT_EQ(workflow.task_names, (std::vector<std::string>{"two", "one"}));
  EXPECT_EQ(args(workflow, 0), json("[" + await_one() + ",1]"));
  EXPECT_EQ(instruction_cid(workflow, 0),
            "bafyrmihjesbdgbh5ta4teybyj6jfsfxxnumajguookafzn2smd37da4fc4");
}

TEST(PlaceholderTest, ACircleIsRefusedNamingItsTasksInOrder) {
  const auto error =
      refuse(request({run("free", "add", "[1,2]"), run("a", "add", R"(["{{needs.c.output}}",1])"),
                      run("b", "add", R"(["{{needs.a.output}}",1])"),
                      run("c", "add", R"(["{{needs.free.output}}","{{needs.b.output}}"])"),
                      run("after", "add", R"(["{{needs.c.output}}",1])")}));
  EXPECT_EQ(error.entries[0].keyword, "cycle");
  EXPECT_EQ(*error.entries[0].params.find("tasks"), json(R"(["a","c","b"])"));
  EXPECT_NE(error.summary.find("a → c → b → a"), std::string::npos) << error.summary;
}

TEST(PlaceholderTest, ATaskThatNeedsItselfIsACircle) {
  EXPECT_NE(refuse(request({run("a", "add", R"(["{{needs.a.output}}",1])")})).summary.find("a → a"),
            std::string::npos);
}

TEST(PlaceholderTest, ANameGivenTwiceMeansTheOneEarlierTask) {
  const auto workflow = parse(
      request({run("one", "add", "[1,2]"), run("one", "add", R"(["{{needs.one.output}}",1])")}));
  EXPECT_EQ(args(workflow, 1), json("[" + await_one() + ",1]"));
  const auto between =
      parse(request({run("one", "add", "[1,2]"), run("x", "add", R"(["{{needs.one.output}}",1])"),
                     run("one", "add", "[5,6]")}));
  EXPECT_EQ(args(between, 1), json("[" + await_one() + ",1]"));
}

TEST(PlaceholderTest, ANameThatCouldMeanTwoTasksIsRefusedNamingBoth) {
  for (const std::string& text : {request({run("n", "add", "[1,2]"), run("n", "add", "[3,4]"),
                                           run("x", "add", R"(["{{needs.n.output}}",1])")}),
                                  request({run("x", "add", R"(["{{needs.n.output}}",1])"),
                                           run("n", "add", "[1,2]"), run("n", "add", "[3,4]")})}) {
    const auto error = refuse(text);
    EXPECT_NE(error.summary.find("`n` could mean tasks["), std::string::npos) << error.summary;
  }
}

TEST(PlaceholderTest, EqualTasksOfOneNameAreNoChoice) {
  const auto workflow = parse(request({run("one", "add", "[1,2]"), run("one", "add", "[1,2]"),
                                       run("x", "add", R"(["{{needs.one.output}}",1])")}));
  EXPECT_EQ(args(workflow, 2), json("[" + await_one() + ",1]"));
}

TEST(PlaceholderTest, TenThousandTasksInReverseOrderAreParsed) {
  constexpr int kTasks = 10000;
  std::vector<std::string> runs;
  for (int i = kTasks - 1; i > 0; --i)
    runs.push_back(run("t" + std::to_string(i), "add",
                       "[\"{{needs.t" + std::to_string(i - 1) + ".output}}\",1]"));
  runs.push_back(run("t0", "add", "[0,1]"));
  const auto workflow = parse(request(runs));
  const auto graph = Graph::build(workflow.workflow, workflow.task_names);
  ASSERT_TRUE(graph.has_value());
  EXPECT_EQ(graph->order.front(), kTasks - 1);
  EXPECT_EQ(graph->order.back(), 0U);
}

}  // namespace
}  // namespace every::workflow
