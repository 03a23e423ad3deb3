#include "progress.h"

#include <gtest/gtest.h>

#include "every/invocation/invocation.h"

namespace every::runtime {
namespace {

using invocation::Branch;
using workflow::Edge;
using workflow::Graph;

/// A graph by hand: each node's needs as (branch, node).
class ProgressTest : public ::testing::Test {
 protected:
  using Needs = std::vector<std::pair<Branch, std::uint32_t>>;

  void make(const std::vector<Needs>& nodes) {
    graph_ = {};
    for (std::uint32_t i = 0; i < nodes.size(); ++i) {
      workflow::Node node{.instruction = cid(i), .task = i, .tasks = {i}, .needs = {}, .feeds = {}};
      for (const auto& [branch, source] : nodes[i])
        node.needs.push_back({{branch, cid(source)}, source});
      graph_.nodes.push_back(std::move(node));
      graph_.order.push_back(i);
      graph_.node_of.push_back(i);
      names_.push_back(std::string(1, static_cast<char>('a' + i)));
    }
    for (std::uint32_t i = 0; i < nodes.size(); ++i) {
      for (const auto& [branch, source] : nodes[i]) {
        if (source < graph_.nodes.size()) graph_.nodes[source].feeds.push_back(i);
      }
    }
    progress_ = std::make_unique<Progress>(graph_, names_);
  }
  static ipld::Cid cid(std::uint32_t i) {
    return ipld::Cid::of_dag_cbor(
        core::Bytes{static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8)});
  }
  void ok(std::uint32_t node) { progress_->settle(node, NodeOutcome{.state = TaskState::kOk}); }
  void fail(std::uint32_t node) {
    progress_->settle(node,
                      NodeOutcome{.state = TaskState::kFailed,
                                  .error = core::Error{core::ErrorCode::kGuestTrap, "boom", {}}});
  }

  Graph graph_;
  std::vector<std::string> names_;
  std::unique_ptr<Progress> progress_;
};

TEST_F(ProgressTest, StartsWhatNeedsNothingAndTheRestAsItsNeedsAreMet) {
  make({{}, {{Branch::kOk, 0}}, {{Branch::kOk, 0}, {Branch::kOk, 1}}});
  EXPECT_EQ(progress_->take_ready(), (std::vector<std::uint32_t>{0}));
  ok(0);
  EXPECT_EQ(progress_->take_ready(), (std::vector<std::uint32_t>{1}));
  ok(1);
  EXPECT_EQ(progress_->take_ready(), (std::vector<std::uint32_t>{2}));
  ok(2);
  EXPECT_TRUE(progress_->done());
}

TEST_F(ProgressTest, AFailureFailsTheWholeChainBehindIt) {
  make({{}, {{Branch::kOk, 0}}, {{Branch::kOk, 1}}});
  static_cast<void>(progress_->take_ready());
  fail(0);
  EXPECT_TRUE(progress_->done());
  EXPECT_EQ(progress_->take_settled(), (std::vector<std::uint32_t>{0, 1, 2}));
  EXPECT_EQ(progress_->outcome(2).state, TaskState::kFailed);
  EXPECT_NE(progress_->outcome(1).error->message.find("task a"), std::string::npos);
  EXPECT_NE(progress_->outcome(1).error->message.find("boom"), std::string::npos);
  EXPECT_NE(progress_->outcome(2).error->message.find("because task a failed: boom"),
            std::string::npos);
  EXPECT_EQ(progress_->culprit(), 0u);
}

TEST_F(ProgressTest, WaitsForAllNeedsBeforeItDecides) {
  make({{}, {}, {{Branch::kError, 0}, {Branch::kOk, 1}}});
  static_cast<void>(progress_->take_ready());
  ok(0);
  EXPECT_FALSE(progress_->settled(2));
  fail(1);
  EXPECT_EQ(progress_->outcome(2).state, TaskState::kFailed);  // failed beats skipped
}

TEST_F(ProgressTest, AwaitingAnErrorRunsOnFailureAndMarksWhatItReaches) {
  make({{}, {{Branch::kError, 0}}, {{Branch::kOk, 1}}});
  static_cast<void>(progress_->take_ready());
  EXPECT_FALSE(progress_->fatal(0));
  fail(0);
  EXPECT_EQ(progress_->take_ready(), (std::vector<std::uint32_t>{1}));
  EXPECT_TRUE(progress_->tainted(1));
  ok(1);
  EXPECT_TRUE(progress_->tainted(2));
  EXPECT_FALSE(progress_->culprit());
}

TEST_F(ProgressTest, AwaitingEitherRunsOnBothAndOnlyAFailureTaints) {
  make({{}, {{Branch::kAny, 0}}});
  static_cast<void>(progress_->take_ready());
  ok(0);
  EXPECT_EQ(progress_->take_ready(), (std::vector<std::uint32_t>{1}));
  EXPECT_FALSE(progress_->tainted(1));
  EXPECT_FALSE(progress_->plain(1));
  EXPECT_TRUE(progress_->plain(0));
}

TEST_F(ProgressTest, ASkippedTaskSkipsWhoAwaitsItInAnyWay) {
  make({{}, {{Branch::kError, 0}}, {{Branch::kAny, 1}}});
  static_cast<void>(progress_->take_ready());
  ok(0);
  EXPECT_EQ(progress_->outcome(1).state, TaskState::kSkipped);
  EXPECT_EQ(progress_->outcome(2).state, TaskState::kSkipped);
  EXPECT_TRUE(progress_->done());
}

TEST_F(ProgressTest, CancelsWhatIsLeftAndKeepsWhatIsDone) {
  make({{}, {{Branch::kOk, 0}}});
  static_cast<void>(progress_->take_ready());
  ok(0);
  progress_->cancel_rest({core::ErrorCode::kCancelled, "stop", {}});
  EXPECT_EQ(progress_->outcome(0).state, TaskState::kOk);
  EXPECT_EQ(progress_->outcome(1).state, TaskState::kCancelled);
  EXPECT_TRUE(progress_->take_ready().empty());
}

TEST_F(ProgressTest, HoldsBackWhatAwaitsSomethingOutside) {
  make({{{Branch::kOk, Edge::kOutside}}});
  graph_.nodes[0].needs[0].await.instruction = cid(9);
  progress_ = std::make_unique<Progress>(graph_, names_);
  EXPECT_TRUE(progress_->take_ready().empty());
  progress_->settle_outside(cid(9), NodeOutcome{.state = TaskState::kOk});
  EXPECT_EQ(progress_->take_ready(), (std::vector<std::uint32_t>{0}));
}

TEST_F(ProgressTest, FailsAChainOfAHundredThousandWithoutRecursion) {
  std::vector<Needs> nodes(100'000);
  for (std::uint32_t i = 1; i < nodes.size(); ++i) nodes[i] = {{Branch::kOk, i - 1}};
  make(nodes);
  static_cast<void>(progress_->take_ready());
  fail(0);
  EXPECT_TRUE(progress_->done());
}

}  // namespace
}  // namespace every::runtime
