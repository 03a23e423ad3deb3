#include "every/workflow/short_form.h"

#include "support.h"
#include <gtest/gtest.h>

namespace every::workflow {
namespace {

using namespace test;

TEST(ShortFormTest, OneTaskHasTheCidOfTheOriginal) {
  const auto workflow = parse(request({run("add", "add", "[3.1,5.2]")}));
  EXPECT_EQ(workflow_cid(workflow), "bafyrmic66dv7qhmr4kemduxugjbrjsykv575iijyvyelykjj5ckhbvkypa");
  EXPECT_EQ(instruction_cid(workflow, 0),
            "bafyrmichclyfhdx23umdf6lttv2kgbs2mnyywolgqm2ehyohgctrbwpj2y");
}

TEST(ShortFormTest, AWholeNumberIsAnIntegerWhateverItsSpelling) {
  for (const char* zero : {"0.0", "0", "-0", "-0.0", "0e5"}) {
    EXPECT_EQ(
        workflow_cid(parse(request({run("divide", "divide", "[3.1," + std::string(zero) + "]")}))),
        "bafyrmieb2hmyitet6gluxraesonh6o6rlukmmnf4mdcmdbmq6ogo3nkvuy")
        << zero;
  }
}

TEST(ShortFormTest, AChainHasTheCidOfTheOriginal) {
  const auto workflow =
      parse(request({run("add", "add", "[3.1,5.2]"),
                     run("subtract", "subtract", R"(["{{needs.add.output}}",4.4])"),
                     run("divide", "divide", R"(["{{needs.subtract.output}}",1.5])")}));
  EXPECT_EQ(workflow_cid(workflow), "bafyrmigjowci6r7iuxntijsoy5gb4n26dg6w2c7diiwrqk5mhe2wvlegvq");
  EXPECT_EQ(instruction_cid(workflow, 1),
            "bafyrmih46klxdzb6lm7j2bibtksmriadum6meeqv4nh6pckfpshojh5z7m");
}

TEST(ShortFormTest, WholeNumbersInAChainHaveTheCidsOfTheOriginal) {
  const auto workflow =
      parse(request({run("x", "add", "[1,2]"), run("y", "add", R"(["{{needs.x.output}}",1])")}));
  EXPECT_EQ(instruction_cid(workflow, 0),
            "bafyrmigf4vg7cipyqwmk2rrtagjomkxc5ig734q5alxzax2l53vmbqusbm");
  EXPECT_EQ(instruction_cid(workflow, 1),
            "bafyrmihjesbdgbh5ta4teybyj6jfsfxxnumajguookafzn2smd37da4fc4");
}

TEST(ShortFormTest, NamesAndTypesStandBesideTheWorkflow) {
  const auto workflow = parse(request({run("one", "add", "[1,2]"), run("two", "nothing", "[]")}));
  EXPECT_EQ(workflow.task_names, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(workflow.functions[0]->name, "add");
  EXPECT_EQ(workflow.functions[1]->name, "nothing");
}

TEST(ShortFormTest, EverySpellingOfAFunctionHashesTheSame) {
  const std::string expected =
      workflow_cid(parse(request({run("p", "makePoint", R"([{"xAt":1}])")})));
  for (const char* func : {"make-point", "make_point", "types::make-point", "types::makePoint"}) {
    EXPECT_EQ(workflow_cid(parse(request({run("p", func, R"([{"x-at":1.0,"y":null}])")}))),
              expected)
        << func;
  }
}

TEST(ShortFormTest, ArgumentsAreNormalisedByType) {
  EXPECT_EQ(args(parse(request({run("p", "makePoint", R"([{"xAt":1.0}])")})), 0),
            json(R"([{"x-at":1,"y":null}])"));
  EXPECT_EQ(args(parse(request({run("b", "both", R"([{"ok":2}])")})), 0), json("[[2,null]]"));
  EXPECT_EQ(args(parse(request({run("f", "flag", "[true]")})), 0), json("[true]"));
}

TEST(ShortFormTest, TrailingOptionsLeftOutBecomeNull) {
  EXPECT_EQ(args(parse(request({run("o", "opt", "[1]")})), 0), json("[1,null,null]"));
  EXPECT_EQ(args(parse(request({run("o", "opt", "[1,2.5]")})), 0), json("[1,2.5,null]"));
  EXPECT_EQ(args(parse(request({run("o", "opt", R"([1,null,"x"])")})), 0), json(R"([1,null,"x"])"));
}

TEST(ShortFormTest, AFunctionWithoutParametersNeedsNoArguments) {
  const std::string expected = workflow_cid(parse(request({run("n", "nothing", "[]")})));
  EXPECT_EQ(workflow_cid(parse(request({R"({"name":"n","input":{"func":"nothing"}})"}))), expected);
}

TEST(ShortFormTest, GivenResourceOperationNonceAndProofsAreOverwritten) {
  const auto workflow = parse(
      R"({"tasks":[{"prf":["x"],"v":"0.1","run":{"op":"other","rsc":"ipfs://x","nnc":"abc","extra":1,"name":"add",
    "input":{"func":"add","args":[3.1,5.2]}}}]})");
  EXPECT_EQ(workflow_cid(workflow), "bafyrmic66dv7qhmr4kemduxugjbrjsykv575iijyvyelykjj5ckhbvkypa");
}

TEST(ShortFormTest, AGivenMetaIsHonoured) {
  const auto workflow = parse(
      R"({"tasks":[{"meta":{"time":5e2,"fuel":7},"run":{"name":"a","input":{"func":"add","args":[1,2]}}}]})");
  EXPECT_EQ(workflow.workflow.tasks[0].meta, json(R"({"memory":4294967296,"time":500,"fuel":7})"));
}

TEST(ShortFormTest, ACauseThatIsALinkIsKept) {
  const auto workflow = parse(R"({"tasks":[{"cause":{"/":")" + std::string(kMath) +
                              R"("},"run":{"name":"a","input":{"func":"add","args":[1,2]}}}]})");
  EXPECT_EQ(workflow.workflow.tasks[0].cause, cid(kMath));
}

TEST(ShortFormTest, UnknownKeysOfTheInputAreHashedAsJavaScriptWouldPassThem) {
  const auto workflow = parse(request(
      {R"({"name":"a","input":{"func":"add","args":[1,2],"note":[1.0,9007199254740993,"{{cid:)" +
       std::string(kMath) + R"(}}"]}})"}));
  const ipld::Value input = workflow.workflow.tasks[0].run.input;
  EXPECT_EQ(*input.if_map()->find("note"), (ipld::List{1, 9007199254740992.0, cid(kMath)}));
}

TEST(ShortFormTest, NoncesAreGivenInOrder) {
  const auto nonce = invocation::Nonce::from_random({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  ShortFormOptions options;
  options.nonces = {invocation::Nonce(), nonce};
  const auto workflow = parse_short_form(
      json(request({run("a", "nothing", "[]"), run("b", "nothing", "[]")})), functions(), options);
  ASSERT_TRUE(workflow.has_value());
  EXPECT_TRUE(workflow->workflow.tasks[0].run.nnc.empty());
  EXPECT_EQ(workflow->workflow.tasks[1].run.nnc, nonce);
}

TEST(ShortFormTest, ALinkIsTakenForBytesAndNothingElse) {
  EXPECT_EQ(refuse(request({run("a", "add", R"([{"/":")" + std::string(kMath) + R"("},1])")}))
                .entries.front()
                .keyword,
            "type");
}

TEST(ShortFormTest, ExplicitAwaitsPassThrough) {
  const std::string await = R"({"await/error":{"/":")" + std::string(kMath) + R"("}})";
  EXPECT_EQ(args(parse(request({run("a", "add", "[" + await + ",1]")})), 0),
            json("[" + await + ",1]"));
}

}  // namespace
}  // namespace every::workflow
