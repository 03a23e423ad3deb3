#include <gtest/gtest.h>

#include "every/sql/connection.h"
#include "every/sql/testing/fault_vfs.h"
#include "every/sql/testing/temp_dir.h"
#include "every/sql/transaction.h"

namespace every::sql {
namespace {

using core::ErrorCode;
using testing::FaultVfs;

class FaultTest : public ::testing::Test {
 protected:
  void SetUp() override {
    db_ = *Connection::open(dir_ / "a.db", {});
    ASSERT_TRUE(db_->execute("CREATE TABLE t(b BLOB)"));
  }
  core::Status insert() { return db_->execute("INSERT INTO t VALUES (zeroblob(9000))"); }
  std::int64_t count() { return *db_->query_integer("SELECT count(*) FROM t"); }

  testing::TempDir dir_;
  FaultVfs faults_;
  std::unique_ptr<Connection> db_;
};

TEST_F(FaultTest, AFullDiskIsResourceExhaustedAndWritesNothing) {
  faults_.inject(FaultVfs::Fault::kDiskFull);
  const auto refused = insert();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kResourceExhausted);
  faults_.inject(FaultVfs::Fault::kNone);
  EXPECT_EQ(count(), 0);
  EXPECT_TRUE(insert());
}

TEST_F(FaultTest, AFailedSyncIsAnIoErrorAndWritesNothing) {
  faults_.inject(FaultVfs::Fault::kSyncFails);
  const auto refused = insert();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kIo);
  EXPECT_GT(faults_.hits(), 0);
  faults_.inject(FaultVfs::Fault::kNone);
  EXPECT_EQ(count(), 0);
}

TEST_F(FaultTest, AFailedWriteIsAnIoError) {
  faults_.inject(FaultVfs::Fault::kWriteFails);
  const auto refused = insert();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kIo);
}

}  // namespace
}  // namespace every::sql
