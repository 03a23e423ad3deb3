#include "every/sql/transaction.h"

#include <gtest/gtest.h>

#include "every/sql/pool.h"

namespace every::sql {
namespace {

class TransactionTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(db_->execute("CREATE TABLE t(i INTEGER UNIQUE)")); }
  std::int64_t count() { return *db_->query_integer("SELECT count(*) FROM t"); }
  std::unique_ptr<Connection> db_ = *Connection::open_memory();
};

TEST_F(TransactionTest, KeepsWhatWasCommitted) {
  auto transaction = *Transaction::begin(*db_);
  ASSERT_TRUE(db_->execute("INSERT INTO t VALUES (1)"));
  ASSERT_TRUE(transaction.commit());
  EXPECT_EQ(count(), 1);
  EXPECT_FALSE(db_->in_transaction());
}

TEST_F(TransactionTest, IsUndoneWhenLeftEarly) {
  {
    auto transaction = *Transaction::begin(*db_);
    ASSERT_TRUE(db_->execute("INSERT INTO t VALUES (1)"));
  }
  EXPECT_EQ(count(), 0);
}

TEST_F(TransactionTest, ASavepointIsUndoneAlone) {
  auto transaction = *Transaction::begin(*db_);
  {
    auto kept = *Savepoint::begin(*db_);
    ASSERT_TRUE(db_->execute("INSERT INTO t VALUES (1)"));
    ASSERT_TRUE(kept.release());
  }
  {
    auto undone = *Savepoint::begin(*db_);
    ASSERT_TRUE(db_->execute("INSERT INTO t VALUES (2)"));
  }
  ASSERT_TRUE(transaction.commit());
  EXPECT_EQ(count(), 1);
}

TEST_F(TransactionTest, AFailedConstraintLeavesTheTransactionUsable) {
  auto transaction = *Transaction::begin(*db_);
  ASSERT_TRUE(db_->execute("INSERT INTO t VALUES (1)"));
  const auto twice = db_->execute("INSERT INTO t VALUES (1)");
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, core::ErrorCode::kConflict);
  ASSERT_TRUE(db_->execute("INSERT INTO t VALUES (2)"));
  ASSERT_TRUE(transaction.commit());
  EXPECT_EQ(count(), 2);
}

TEST_F(TransactionTest, ASavepointNeedsATransactionAroundIt) {
  EXPECT_FALSE(Savepoint::begin(*db_));
}

TEST(PoolTest, KeepsWhatWasGivenBackForTheNext) {
  int made = 0;
  Pool<int> pool(
      [&]() -> core::Result<std::unique_ptr<int>> { return std::make_unique<int>(++made); });
  {
    auto lease = *pool.borrow();
  }
  {
    auto lease = *pool.borrow();
    EXPECT_EQ(*lease, 1);
    auto second = *pool.borrow();
    EXPECT_EQ(*second, 2);
  }
  EXPECT_EQ(made, 2);
}

TEST(PoolTest, PassesOnWhyNothingCouldBeMade) {
  Pool<int> pool([]() -> core::Result<std::unique_ptr<int>> {
    return core::fail(core::ErrorCode::kIo, "no");
  });
  const auto lease = pool.borrow();
  ASSERT_FALSE(lease);
  EXPECT_EQ(lease.error().message, "no");
}

}  // namespace
}  // namespace every::sql
