// A disk that fills up or fails.
#include <future>
#include <vector>

#include "records.h"

#include "every/sql/testing/fault_vfs.h"
#include "every/sql/testing/temp_dir.h"

namespace every::store {
namespace {

using core::ErrorCode;
using Fault = sql::testing::FaultVfs::Fault;
using namespace testing;

class StoreFaultTest : public ::testing::Test {
 protected:
  core::Status commit(int n) { return store_->commit_and_wait(batch_of(receipt(n))); }
  bool has(int n) { return store_->find_by_instruction(instruction(n)).value().has_value(); }
  sql::testing::TempDir dir_;
  sql::testing::FaultVfs faults_;
  std::unique_ptr<Store> store_ = open(dir_ / "store.db");
};

TEST_F(StoreFaultTest, AFullDiskFailsTheWaitersAndNothingElse) {
  EXPECT_OK(commit(1));
  faults_.inject(Fault::kDiskFull);
  const auto refused = commit(2);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kResourceExhausted);
  EXPECT_TRUE(has(1));
  EXPECT_FALSE(has(2));
  EXPECT_TRUE(store_->health().writable);
  faults_.inject(Fault::kNone);
  EXPECT_OK(commit(3));
  EXPECT_TRUE(has(3));
}

TEST_F(StoreFaultTest, OnADiskThatFillsUpEachWaiterHasItsOwnAnswer) {
  // A transaction is a write, a long one some more: the first fits, those after it do not.
  faults_.inject(Fault::kDiskFull, 1);
  constexpr int kBatches = 1000;
  std::vector<std::future<core::Status>> outcomes;
  for (int i = 0; i < kBatches; ++i) {
    auto done = std::make_shared<std::promise<core::Status>>();
    outcomes.push_back(done->get_future());
    store_->commit(batch_of(receipt(i)),
                   [done](core::Status status) { done->set_value(std::move(status)); });
  }
  int kept = 0;
  for (int i = 0; i < kBatches; ++i) {
    const bool acknowledged = outcomes[i].get().has_value();
    EXPECT_EQ(has(i), acknowledged) << i;
    kept += acknowledged ? 1 : 0;
  }
  EXPECT_LT(kept, kBatches);
}

TEST_F(StoreFaultTest, AFailedSyncTellsTheWaiterAndKeepsNothing) {
  faults_.inject(Fault::kSyncFails);
  const auto refused = commit(1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kIo);
  EXPECT_FALSE(has(1));
}

TEST_F(StoreFaultTest, IsUnhealthyWhileTheDiskFailsAndWellAgainAfter) {
  faults_.inject(Fault::kSyncFails);
  ASSERT_FALSE(commit(1));
  EXPECT_FALSE(store_->health().writable);
  EXPECT_FALSE(store_->health().problem.empty());
  ASSERT_FALSE(commit(2));
  faults_.inject(Fault::kNone);
  EXPECT_OK(commit(3));
  EXPECT_TRUE(store_->health().writable);
  EXPECT_TRUE(store_->health().problem.empty());
}

TEST_F(StoreFaultTest, ReadsGoOnWhileWritingFails) {
  EXPECT_OK(commit(1));
  faults_.inject(Fault::kWriteFails);
  ASSERT_FALSE(commit(2));
  EXPECT_TRUE(has(1));
}

TEST_F(StoreFaultTest, RecoversFromOneFailureByItself) {
  faults_.inject(Fault::kSyncFails);
  ASSERT_FALSE(commit(1));
  faults_.inject(Fault::kNone);
  for (int i = 2; i < 50; ++i) EXPECT_OK(commit(i));
  EXPECT_OK(store_->close());
  store_ = open(dir_ / "store.db");
  EXPECT_FALSE(has(1));
  for (int i = 2; i < 50; ++i) EXPECT_TRUE(has(i));
}

TEST_F(StoreFaultTest, ClosingWithAFailingDiskSaysSo) {
  faults_.inject(Fault::kSyncFails);
  ASSERT_FALSE(commit(1));
  EXPECT_FALSE(store_->close());
}

}  // namespace
}  // namespace every::store
