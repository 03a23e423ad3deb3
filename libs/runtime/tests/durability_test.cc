#include <filesystem>

#include <gtest/gtest.h>
#include <stdlib.h>

#include "every/runtime/testing/node_fixture.h"

namespace every::runtime {
namespace {

using wasm::testing::FakeMode;

class NodeDurabilityTest : public testing::NodeFixture {
 protected:
  NodeDurabilityTest() {
    std::string name = (std::filesystem::temp_directory_path() / "every-node-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    reopen();
  }
  ~NodeDurabilityTest() override {
    node_.reset();
    std::filesystem::remove_all(folder_);
  }
  void reopen() {
    open(FakeMode::kThreaded,
         {.file = folder_ / "every.db", .durability = store::Durability::kRelaxed}, options_);
  }

  /// Ends the node as a power cut would: what it would still write at its end is not there.
  void crash() {
    const auto saved = folder_ / "saved";
    std::filesystem::create_directory(saved);
    for (const char* name : {"every.db", "every.db-wal"})
      std::filesystem::copy_file(folder_ / name, saved / name);
    node_.reset();
    for (const char* name : {"every.db", "every.db-wal"})
      std::filesystem::copy_file(saved / name, folder_ / name,
                                 std::filesystem::copy_options::overwrite_existing);
    std::filesystem::remove_all(saved);
  }
  std::string submit_slow_run() {
    RunRequest request;
    request.workflow = parse(tasks({task("slow", "slow", "[]")}));
    request.accept = Accept::kDurable;
    const auto handle = node_->submit(std::move(request), nullptr);
    EXPECT_TRUE(handle);
    return (*handle)->id();
  }

  NodeOptions options_{.stop_within = std::chrono::milliseconds(1)};
  std::filesystem::path folder_;
};

TEST_F(NodeDurabilityTest, ReplaysAfterARestart) {
  const std::string add = tasks({task("add", "add", "[3.1, 5.2]")});
  const auto before = run(add);
  reopen();
  const auto after = run(add);
  EXPECT_TRUE(after->tasks[0].replayed);
  EXPECT_EQ(after->tasks[0].receipt, before->tasks[0].receipt);
  EXPECT_EQ(executor_->executions("add"), 0u);
}

TEST_F(NodeDurabilityTest, TakesUpAnUnfinishedRunWithoutRepeatingWhatIsDone) {
  executor_->hold();
  RunRequest request;
  request.workflow =
      parse(tasks({task("a", "add", "[1, 2]"), task("b", "add", "[" + output("a") + ", 10]")}));
  request.accept = Accept::kDurable;
  const auto handle = node_->submit(std::move(request), nullptr);
  ASSERT_TRUE(handle);
  ASSERT_TRUE(executor_->wait_for_held(1));
  executor_->release(1);
  ASSERT_TRUE(executor_->wait_for_held(1));  // b has started, so a is done
  const std::string id = (*handle)->id();
  node_->stop();
  const auto left = wait(*handle);
  EXPECT_EQ(left->error->code, core::ErrorCode::kUnavailable);

  reopen();
  EXPECT_EQ(node_->resume_unfinished().value(), 1u);
  if (const auto active = node_->find_active(id)) static_cast<void>(wait(active));
  const auto answer = node_->get_run(id);
  ASSERT_TRUE(answer);
  EXPECT_EQ((*answer)->state, RunState::kCompleted);
  EXPECT_EQ(*(*answer)->tasks[1].value, ipld::Value(13.0));
  EXPECT_EQ(executor_->executions("add"), 1u);
}

TEST_F(NodeDurabilityTest, PutsARunInQuarantineThatIsTakenUpAgainAndAgainWithoutAReceipt) {
  const std::string id = submit_slow_run();
  crash();
  for (int i = 0; i < 3; ++i) {
    reopen();
    EXPECT_EQ(node_->resume_unfinished().value(), 1u);
    crash();
  }
  reopen();
  EXPECT_EQ(node_->resume_unfinished().value(), 0u);
  const auto answer = node_->get_run(id);
  ASSERT_TRUE(answer);
  EXPECT_EQ((*answer)->state, RunState::kQuarantined);
}

TEST_F(NodeDurabilityTest, AStopThatWasAskedForIsNothingARunIsBlamedFor) {
  submit_slow_run();
  for (int i = 0; i < 5; ++i) {
    reopen();
    EXPECT_EQ(node_->resume_unfinished().value(), 1u);
  }
}

TEST_F(NodeDurabilityTest, ARunWithoutARecordYetIsRecordedByAStopAndGoesOn) {
  executor_->hold();
  RunRequest request;
  request.workflow = parse(tasks({task("a", "add", "[1, 2]")}));
  const auto handle = node_->submit(std::move(request), nullptr);
  ASSERT_TRUE(handle);
  ASSERT_TRUE(executor_->wait_for_held(1));
  const std::string id = (*handle)->id();
  reopen();
  EXPECT_EQ(node_->resume_unfinished().value(), 1u);
  if (const auto active = node_->find_active(id)) static_cast<void>(wait(active));
  const auto answer = node_->get_run(id);
  ASSERT_TRUE(answer);
  EXPECT_EQ((*answer)->state, RunState::kCompleted);
}

}  // namespace
}  // namespace every::runtime
