#include "fork.h"

#include <gtest/gtest.h>

#include "every/runtime/testing/node_fixture.h"

namespace every::runtime {
namespace {

using core::ErrorCode;

class ForkTest : public testing::NodeFixture {
 protected:
  std::string diamond() {
    return tasks({task("a", "add", "[1, 2]"), task("b", "add", "[" + output("a") + ", 10]"),
                  task("side", "add", "[5, 5]"), task("c", "add", "[" + output("b") + ", 100]")});
  }
  std::shared_ptr<const RunAnswer> original() { return run(diamond()); }
  core::Result<Forked> fork(const std::string& id, ForkRequest request) {
    return node_->steering()->fork(id, std::move(request));
  }
  static ForkRequest from(const std::string& task, ipld::Map arguments = {}) {
    ForkRequest request;
    request.task = task;
    request.arguments = std::move(arguments);
    return request;
  }
};

TEST_F(ForkTest, DoesATaskAndAllThatDependsOnItAnewAndTakesTheRestAsKnown) {
  const auto first = original();
  const auto forked = fork(first->id, from("b"));
  ASSERT_TRUE(forked) << forked.error().message;
  EXPECT_EQ(forked->anew, (std::vector<std::uint32_t>{1, 3}));
  EXPECT_TRUE(forked->changes.empty());
  const auto second = wait(forked->run);
  EXPECT_EQ(second->workflow, first->workflow);
  EXPECT_EQ(second->fork, (ForkedFrom{first->id, 1}));
  EXPECT_TRUE(second->tasks[0].replayed);
  EXPECT_FALSE(second->tasks[1].replayed);
  EXPECT_TRUE(second->tasks[2].replayed);
  EXPECT_FALSE(second->tasks[3].replayed);
  EXPECT_EQ(second->tasks[3].receipt, first->tasks[3].receipt);
  EXPECT_EQ(executor_->executions("add"), 6u);
}

TEST_F(ForkTest, AChangedArgumentMakesOtherInstructionsOfTheTaskAndItsDependants) {
  const auto first = original();
  const auto forked = fork(first->id, from("b", {{"b", ipld::Value(20)}}));
  ASSERT_TRUE(forked) << forked.error().message;
  ASSERT_EQ(forked->changes.size(), 2u);
  EXPECT_EQ(forked->changes[0].name, "b");
  ASSERT_EQ(forked->changes[0].why.size(), 1u);
  EXPECT_NE(forked->changes[0].why[0].find("10"), std::string::npos);
  EXPECT_NE(forked->changes[0].why[0].find("20"), std::string::npos);
  EXPECT_EQ(forked->changes[1].name, "c");
  const auto second = wait(forked->run);
  EXPECT_EQ(*second->tasks[3].value, ipld::Value(123.0));
  EXPECT_NE(second->tasks[3].instruction, first->tasks[3].instruction);
  EXPECT_EQ(second->tasks[2].instruction, first->tasks[2].instruction);
  EXPECT_EQ(*(*node_->get_run(first->id))->tasks[3].value, ipld::Value(113.0));
}

TEST_F(ForkTest, ArgumentsAreNamedOrNumberedAndFitTheirTypes) {
  const auto first = original();
  EXPECT_EQ(*wait(fork(first->id, from("a", {{"0", ipld::Value(2)}}))->run)->tasks[0].value,
            ipld::Value(4.0));
  const auto unknown = fork(first->id, from("a", {{"z", ipld::Value(2)}}));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::kNotFound);
  EXPECT_NE(unknown.error().message.find("it takes a and b"), std::string::npos)
      << unknown.error().message;
  const auto misfit = fork(first->id, from("a", {{"b", ipld::Value("two")}}));
  ASSERT_FALSE(misfit);
  EXPECT_EQ(misfit.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(misfit.error().message.find("f64"), std::string::npos) << misfit.error().message;
}

TEST_F(ForkTest, NamesTheNearestTaskForOneThatIsNotThere) {
  const auto refused = fork(original()->id, from("sid"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kNotFound);
  EXPECT_NE(refused.error().message.find("did you mean side?"), std::string::npos);
}

TEST_F(ForkTest, AComponentThatIsNotHereIsNamed) {
  ForkRequest request = from("b");
  request.component =
      ipld::Cid::of(ipld::Codec::kRaw, ipld::HashCode::kSha2_256, core::as_bytes("nowhere"));
  const auto refused = fork(original()->id, std::move(request));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kNotFound);
  EXPECT_NE(refused.error().message.find(request.component->render()), std::string::npos);
}

TEST_F(ForkTest, EqualTasksChangeTogether) {
  const auto first =
      run(tasks({task("a", "add", "[1, 2]"), task("twin", "add", "[1, 2]"),
                 task("sum", "add", "[" + output("a") + "," + output("twin") + "]")}));
  const auto forked = fork(first->id, from("twin", {{"a", ipld::Value(10)}}));
  ASSERT_TRUE(forked) << forked.error().message;
  EXPECT_EQ(*wait(forked->run)->tasks[2].value, ipld::Value(24.0));
}

TEST_F(ForkTest, AForkBeginsPausedAndIsForkedAgain) {
  ForkRequest request = from("b");
  request.start = Start::kPaused;
  const auto first = original();
  const auto forked = fork(first->id, std::move(request));
  ASSERT_TRUE(forked);
  EXPECT_EQ((*node_->get_run(forked->run->id()))->state, RunState::kPaused);
  ForkRequest again = from("c");
  again.name = "second";
  const auto second = fork(forked->run->id(), std::move(again));
  ASSERT_TRUE(second) << second.error().message;
  const auto answer = wait(second->run);
  EXPECT_EQ(answer->name, "second");
  EXPECT_EQ(answer->fork->run, forked->run->id());
}

TEST_F(ForkTest, ARunThatIsNotKnownCannotBeForked) {
  EXPECT_EQ(fork("nothing", from("a")).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace every::runtime
