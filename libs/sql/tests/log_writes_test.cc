#include <filesystem>

#include <gtest/gtest.h>

#include "every/sql/connection.h"
#include "every/sql/testing/fault_vfs.h"
#include "every/sql/testing/temp_dir.h"
#include "every/sql/transaction.h"

namespace every::sql {
namespace {

namespace fs = std::filesystem;
using testing::FaultVfs;

class LogWritesTest : public ::testing::Test {
 protected:
  std::unique_ptr<Connection> open(Sync sync = Sync::kNormal, std::int64_t cache = 2 << 20) {
    auto db = *Connection::open(dir_ / "a.db", {.sync = sync, .cache_bytes = cache});
    EXPECT_TRUE(db->execute("CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, b BLOB)"));
    return db;
  }
  /// What is left when the process is killed now.
  std::unique_ptr<Connection> after_a_kill() {
    fs::create_directory(dir_ / "killed");
    for (const char* name : {"a.db", "a.db-wal"})
      fs::copy_file(dir_ / name, dir_ / "killed" / name, fs::copy_options::overwrite_existing);
    return *Connection::open(dir_ / "killed" / "a.db", {});
  }

  testing::TempDir dir_;
  FaultVfs files_;
};

TEST_F(LogWritesTest, ATransactionIsOneWrite) {
  const auto db = open();
  const auto before = files_.log_writes();
  ASSERT_TRUE(db->execute("INSERT INTO t(b) VALUES (zeroblob(20000))"));
  EXPECT_EQ(files_.log_writes(), before + 1);
}

TEST_F(LogWritesTest, AWriteIsNeverLongerThanSqliteTakes) {
  const auto db = open(Sync::kNormal, 16 << 20);
  ASSERT_TRUE(db->execute("INSERT INTO t(b) VALUES (randomblob(3000000))"));
  const auto killed = after_a_kill();
  EXPECT_EQ(*killed->query_integer("SELECT sum(length(b)) FROM t"), 3000000);
  EXPECT_TRUE(killed->check_integrity());
}

TEST_F(LogWritesTest, OthersSeeATransactionWhenItIsCommitted) {
  const auto db = open();
  const auto reader = *Connection::open(dir_ / "a.db", {.mode = Mode::kReadOnly});
  for (int i = 1; i <= 50; ++i) {
    ASSERT_TRUE(db->execute("INSERT INTO t(b) VALUES (randomblob(5000))"));
    ASSERT_EQ(*reader->query_integer("SELECT count(*) FROM t WHERE length(b) = 5000"), i);
  }
}

TEST_F(LogWritesTest, WhatWasCommittedOutlivesTheProcess) {
  for (const Sync sync : {Sync::kFull, Sync::kNormal}) {
    const auto db = open(sync);
    const auto before = *db->query_integer("SELECT count(*) FROM t");
    ASSERT_TRUE(db->execute("INSERT INTO t(b) VALUES (randomblob(9000))"));
    EXPECT_EQ(*after_a_kill()->query_integer("SELECT count(*) FROM t"), before + 1);
  }
}

// Pages that were moved to the log before the transaction's end and are changed again have their frames' checksums written anew.
TEST_F(LogWritesTest, ATransactionLargerThanTheCacheOutlivesTheProcess) {
  const auto db = open(Sync::kNormal, 64 << 10);
  auto transaction = *Transaction::begin(*db);
  ASSERT_TRUE(
      db->execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) "
                  "INSERT INTO t SELECT i, randomblob(3000) FROM n"));
  ASSERT_TRUE(db->execute("UPDATE t SET b = zeroblob(3000) WHERE id % 7 = 0"));
  ASSERT_TRUE(transaction.commit());
  const auto killed = after_a_kill();
  EXPECT_EQ(*killed->query_integer("SELECT count(*) FROM t"), 300);
  EXPECT_EQ(*killed->query_integer("SELECT count(*) FROM t WHERE b = zeroblob(3000)"), 42);
  EXPECT_TRUE(killed->check_integrity());
}

TEST_F(LogWritesTest, WhatWasUndoneIsNotThere) {
  const auto db = open(Sync::kNormal, 64 << 10);
  {
    const auto transaction = *Transaction::begin(*db);
    ASSERT_TRUE(
        db->execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) "
                    "INSERT INTO t SELECT i, randomblob(3000) FROM n"));
  }
  ASSERT_TRUE(db->execute("INSERT INTO t VALUES (1, x'01')"));
  EXPECT_EQ(*db->query_integer("SELECT count(*) FROM t"), 1);
  EXPECT_EQ(*after_a_kill()->query_integer("SELECT count(*) FROM t"), 1);
}

TEST_F(LogWritesTest, AWriteThatFailsFailsTheTransactionAndNoOther) {
  const auto db = open();
  ASSERT_TRUE(db->execute("INSERT INTO t VALUES (1, x'01')"));
  files_.inject(FaultVfs::Fault::kDiskFull);
  EXPECT_FALSE(db->execute("INSERT INTO t VALUES (2, randomblob(9000))"));
  files_.inject(FaultVfs::Fault::kNone);
  ASSERT_TRUE(db->execute("INSERT INTO t VALUES (3, x'03')"));
  EXPECT_EQ(*after_a_kill()->query_integer("SELECT sum(id) FROM t"), 4);
}

}  // namespace
}  // namespace every::sql
