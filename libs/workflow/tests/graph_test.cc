#include "every/workflow/graph.h"

#include <limits>

#include "support.h"
#include "topology.h"
#include <gtest/gtest.h>

namespace every::workflow {
namespace {

using namespace test;
using Indices = std::vector<std::uint32_t>;

Graph build(const NamedWorkflow& workflow) {
  auto graph = Graph::build(workflow.workflow, workflow.task_names);
  EXPECT_TRUE(graph.has_value());
  return graph ? std::move(*graph) : Graph();
}

TEST(GraphTest, EqualTasksShareANode) {
  const Graph graph = build(parse(
      request({run("a", "add", "[1,2]"), run("b", "add", "[3,4]"), run("c", "add", "[1,2.0]")})));
  ASSERT_EQ(graph.nodes.size(), 2U);
  EXPECT_EQ(graph.nodes[0].tasks, (Indices{0, 2}));
  EXPECT_EQ(graph.nodes[0].task, 0U);
  EXPECT_EQ(graph.nodes[1].tasks, (Indices{1}));
  EXPECT_EQ(graph.node_of, (Indices{0, 1, 0}));
}

TEST(GraphTest, MetaDoesNotMakeANodeOfItsOwn) {
  const Graph graph = build(parse(
      R"({"tasks":[{"run":{"name":"a","input":{"func":"nothing"}}},{"meta":{"time":5},"run":{"name":"b","input":{"func":"nothing"}}}]})"));
  EXPECT_EQ(graph.nodes.size(), 1U);
}

TEST(GraphTest, AnAwaitIsAnEdgeBothWays) {
  const Graph graph = build(
      parse(request({run("b", "sum", R"([["{{needs.a.output}}",1,"{{needs.a.output}}"]])"),
                     run("a", "add", "[1,2]"), run("c", "both", R"(["{{needs.a.result}}"])")})));
  ASSERT_EQ(graph.nodes[0].needs.size(), 1U);
  EXPECT_EQ(graph.nodes[0].needs[0].node, 1U);
  EXPECT_EQ(graph.nodes[0].needs[0].await.instruction, graph.nodes[1].instruction);
  EXPECT_EQ(graph.nodes[2].needs[0].await.branch, invocation::Branch::kAny);
  EXPECT_EQ(graph.nodes[1].feeds, (Indices{0, 2}));
  EXPECT_EQ(graph.order, (Indices{1, 0, 2}));
}

TEST(GraphTest, TwoBranchesOfOneTaskAreTwoNeedsAndOneFeed) {
  const Graph graph = build(
      parse(request({run("a", "add", "[1,2]"),
                     run("b", "opt", R"(["{{needs.a.output}}",null,"{{needs.a.error}}"])")})));
  EXPECT_EQ(graph.nodes[1].needs.size(), 2U);
  EXPECT_EQ(graph.nodes[0].feeds, (Indices{1}));
}

TEST(GraphTest, AnAwaitOfSomethingElseIsOutside) {
  const Graph graph = build(parse(
      request({run("a", "add", R"([{"await/ok":{"/":")" + std::string(kMath) + R"("}},1])")})));
  ASSERT_EQ(graph.nodes[0].needs.size(), 1U);
  EXPECT_EQ(graph.nodes[0].needs[0].node, Edge::kOutside);
  EXPECT_EQ(graph.nodes[0].needs[0].await.instruction, cid(kMath));
  EXPECT_EQ(graph.order, (Indices{0}));
}

TEST(GraphTest, IndependentTasksKeepTheirOrder) {
  EXPECT_EQ(build(parse(request({run("a", "add", "[1,1]"), run("b", "add", "[2,2]"),
                                 run("c", "add", "[3,3]")})))
                .order,
            (Indices{0, 1, 2}));
}

TEST(GraphTest, AnEmptyWorkflowIsRefused) {
  const auto graph = Graph::build({}, {});
  ASSERT_FALSE(graph.has_value());
  EXPECT_EQ(graph.error().code, core::ErrorCode::kInvalidArgument);
}

TEST(GraphTest, ATaskThatCannotBeHashedIsNamed) {
  NamedWorkflow workflow = parse(request({run("a", "nothing", "[]"), run("b", "add", "[1,2]")}));
  workflow.workflow.tasks[1].run.input = std::numeric_limits<double>::infinity();
  const auto graph = Graph::build(workflow.workflow, workflow.task_names);
  ASSERT_FALSE(graph.has_value());
  EXPECT_EQ(graph.error().code, core::ErrorCode::kInvalidArgument);
  EXPECT_NE(graph.error().message.find("`b` (tasks[1])"), std::string::npos)
      << graph.error().message;
}

TEST(SortByNeedTest, GivesTheCircleInOrderOfNeed) {
  // 1 → 3 → 2 → 1, 0 free, 4 waits for the circle.
  const auto sorted = detail::sort_by_need({{}, {3}, {1}, {0, 2}, {2}});
  EXPECT_EQ(sorted.cycle, (Indices{1, 3, 2}));
}

TEST(SortByNeedTest, TakesTheLowestThatIsReady) {
  EXPECT_EQ(detail::sort_by_need({{3}, {}, {1}, {}}).order, (Indices{1, 2, 3, 0}));
}

}  // namespace
}  // namespace every::workflow
