#include "support.h"
#include <gtest/gtest.h>

#include "every/runtime/why.h"

namespace every::gateway {
namespace {

using runtime::Explanation;

const ipld::Cid kCid = ipld::Cid::of_dag_cbor(core::as_bytes(std::string_view("instruction")));

runtime::TaskPlace place(const std::string& run, const std::string& name) {
  return {
      .run = run, .run_name = "test", .accepted = 1, .task = 0, .name = name, .instruction = kCid};
}

/// Answers the same whatever it is asked, and remembers what that was.
class FakeExplaining final : public runtime::Explaining {
 public:
  core::Result<Explanation> why(const std::string& run, const std::string& task) override {
    asked = run + "/" + task;
    if (error) return std::unexpected(*error);
    Explanation answer{.task = place(run, task)};
    answer.reason = Explanation::Reason::kChanged;
    answer.sentence = "task a ran again because its component changed";
    runtime::Difference component{
        .field = runtime::Difference::Field::kComponent, .before = "bafk1", .after = "bafk2"};
    component.after_build = runtime::BuildNote{.language = "rust",
                                               .built = 1,
                                               .tools = {{"rustc", "1.89"}},
                                               .files = {{"lib.rs", "bafk3"}}};
    component.build_changes = {"file lib.rs changed"};
    answer.changes.push_back(
        {.task = place(run, task), .earlier = place("r0", "a"), .differences = {component}});
    answer.runs_searched = 3;
    return answer;
  }
  core::Result<std::vector<Explanation>> why_all(const std::string& run) override {
    EVERY_TRY_ASSIGN(Explanation one, why(run, "a"));
    return std::vector{one};
  }
  core::Result<std::vector<Explanation>> why_would(const workflow::NamedWorkflow& workflow,
                                                   const std::string& name) override {
    asked = name + "/" + std::to_string(workflow.workflow.tasks.size());
    return std::vector<Explanation>{};
  }
  std::string asked;
  std::optional<core::Error> error;
};

class WhyRoutesTest : public ::testing::Test {
 protected:
  WhyRoutesTest() { fixture_.node.set_explaining(&explains_); }
  FakeExplaining explains_;
  ServiceFixture fixture_;
};

TEST_F(WhyRoutesTest, ATaskIsAskedForByItsRunAndWord) {
  const auto response = fixture_.get("/-/runs/r1/tasks/a%20b/why");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(explains_.asked, "r1/a b");
  const auto body = json(response);
  EXPECT_EQ(text_of(body, "reason"), "changed");
  EXPECT_EQ(text_of(body, "sentence"), "task a ran again because its component changed");
  const auto& change = body.at("changes").at(0);
  EXPECT_EQ(text_of(change.at("earlier"), "run"), "r0");
  const auto& difference = change.at("differences").at(0);
  EXPECT_EQ(text_of(difference, "field"), "component");
  EXPECT_TRUE(difference.at("before_build").is_null());
  EXPECT_EQ(text_of(difference.at("after_build").at("tools"), "rustc"), "1.89");
  EXPECT_EQ(difference.at("build_changes").at(0), "file lib.rs changed");
  EXPECT_EQ(body.at("searched").at("runs"), 3);
}

TEST_F(WhyRoutesTest, ARunIsAskedForWithAllItsTasks) {
  const auto body = json(fixture_.get("/-/runs/r1/why"));
  EXPECT_EQ(text_of(body, "run"), "r1");
  EXPECT_EQ(body.at("tasks").as_array().size(), 1u);
}

TEST_F(WhyRoutesTest, AWorkflowIsAskedForBeforeItRuns) {
  const auto response = fixture_.service.handle_and_wait({Method::kPost,
                                                          "/-/workflows/why?name=mine",
                                                          {{"Content-Type", "application/json"}},
                                                          kChain});
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(explains_.asked, "mine/2");
  EXPECT_EQ(response.body, R"({"run":"","tasks":[]})");
  const auto refused = fixture_.service.handle_and_wait(
      {Method::kPost, "/-/workflows/why", {{"Content-Type", "application/json"}}, "[1]"});
  EXPECT_EQ(refused.status, 400);
}

TEST_F(WhyRoutesTest, WhatIsNotKnownIs404) {
  explains_.error = core::Error{core::ErrorCode::kNotFound, "run r1 has no task 'c'", {}};
  EXPECT_EQ(fixture_.get("/-/runs/r1/tasks/c/why").status, 404);
  EXPECT_EQ(fixture_.get("/-/runs/r1/why").status, 404);
}

TEST(WhyRoutesWithoutTest, ANodeThatDoesNotExplainSaysSo) {
  ServiceFixture fixture;
  const auto response = fixture.get("/-/runs/r1/why");
  EXPECT_EQ(response.status, 501) << response.body;
}

}  // namespace
}  // namespace every::gateway
