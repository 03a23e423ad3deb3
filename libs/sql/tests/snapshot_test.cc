#include "every/sql/snapshot.h"

#include <array>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "every/sql/testing/temp_dir.h"
#include "every/sql/transaction.h"

namespace every::sql {
namespace {

using core::ErrorCode;
using testing::TempDir;

constexpr std::array kSteps = {
    Migration{1, "CREATE TABLE t(b BLOB) STRICT; PRAGMA user_version = 1"}};
constexpr Schema kSchema = {"test store", "nothing is lost", 77, "PRAGMA application_id = 77",
                            kSteps};

class SnapshotTest : public ::testing::Test {
 protected:
  void SetUp() override {
    writer_ = *Connection::open(file_, {.page_bytes = 16384});
    ASSERT_TRUE(migrate(*writer_, kSchema));
    add(100);
  }
  void add(int rows) {
    auto transaction = *Transaction::begin(*writer_);
    auto insert = *writer_->prepare("INSERT INTO t VALUES (randomblob(20000))");
    for (int i = 0; i < rows; ++i) ASSERT_TRUE(insert.run());
    ASSERT_TRUE(transaction.commit());
  }
  static std::int64_t rows_of(const std::filesystem::path& file) {
    const auto connection = Connection::open(file, {.mode = Mode::kReadOnly});
    EXPECT_TRUE(connection) << connection.error().message;
    return *(*connection)->query_integer("SELECT count(*) FROM t");
  }

  TempDir folder_;
  std::filesystem::path file_ = folder_ / "t.db";
  std::filesystem::path copy_ = folder_ / "copy.db";
  std::unique_ptr<Connection> writer_;
};

TEST_F(SnapshotTest, CopiesTheMomentItWasOpenedWhateverIsWrittenSince) {
  auto snapshot = open_snapshot(file_, kSchema);
  ASSERT_TRUE(snapshot) << snapshot.error().message;
  add(50);
  ASSERT_TRUE(writer_->checkpoint(Connection::Checkpoint::kPassive));
  const auto copied = (*snapshot)->copy_to(copy_);
  ASSERT_TRUE(copied) << copied.error().message;
  EXPECT_EQ(rows_of(copy_), 100);
  EXPECT_EQ(rows_of(file_), 150);
}

TEST_F(SnapshotTest, ACopyIsOneSoundPrivateFileThatIsReadWhereNothingCanBeWritten) {
  ASSERT_TRUE((*open_snapshot(file_, kSchema))->copy_to(copy_));
  struct stat status{};
  ASSERT_EQ(::stat(copy_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  auto copy = open_snapshot(copy_, kSchema);
  ASSERT_TRUE(copy) << copy.error().message;
  EXPECT_TRUE((*copy)->check_integrity());
  EXPECT_EQ(*(*copy)->query_integer("PRAGMA page_size"), 16384);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "copy.db-wal"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "copy.db-shm"));
}

TEST_F(SnapshotTest, OverwritesNothing) {
  std::ofstream(copy_) << "mine";
  const auto copied = (*open_snapshot(file_, kSchema))->copy_to(copy_);
  ASSERT_FALSE(copied);
  EXPECT_EQ(copied.error().code, ErrorCode::kConflict);
  EXPECT_EQ(std::filesystem::file_size(copy_), 4u);
}

TEST_F(SnapshotTest, RefusesWhatIsNotThereAndWhatIsOfAnotherKind) {
  EXPECT_EQ(open_snapshot(folder_ / "none.db", kSchema).error().code, ErrorCode::kNotFound);
  Schema other = kSchema;
  other.application_id = 78;
  EXPECT_EQ(open_snapshot(file_, other).error().code, ErrorCode::kConflict);
  other = kSchema;
  other.migrations = {};
  EXPECT_EQ(open_snapshot(file_, other).error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace every::sql
