#include "every/sql/connection.h"

#include <atomic>
#include <fstream>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "every/sql/testing/temp_dir.h"
#include "every/sql/transaction.h"

namespace every::sql {
namespace {

using core::ErrorCode;
using testing::TempDir;

std::unique_ptr<Connection> open(const std::filesystem::path& file, OpenOptions options = {}) {
  auto connection = Connection::open(file, options);
  EXPECT_TRUE(connection) << connection.error().message;
  return connection ? std::move(*connection) : nullptr;
}

TEST(ConnectionTest, LinksASqliteWithTheWalResetFix) {
  int major = 0, minor = 0, patch = 0;
  ASSERT_EQ(std::sscanf(std::string(library_version()).c_str(), "%d.%d.%d", &major, &minor, &patch),
            3);
  EXPECT_GE(major * 1'000'000 + minor * 1000 + patch, 3'051'003);
}

TEST(ConnectionTest, ReadsBackEveryKindOfColumn) {
  auto memory = *Connection::open_memory();
  ASSERT_TRUE(memory->execute("CREATE TABLE t(i INTEGER, s TEXT, b BLOB, n TEXT) STRICT"));
  auto insert = *memory->prepare("INSERT INTO t VALUES (?, ?, ?, ?)");
  const core::Bytes bytes = {0, 1, 255};
  ASSERT_TRUE(insert.bind(1, INT64_MIN)
                  .bind(2, std::string_view("a\0b", 3))
                  .bind(3, bytes)
                  .bind_null(4)
                  .run());
  auto select = *memory->prepare("SELECT i, s, b, n FROM t");
  ASSERT_EQ(*select.step(), Statement::Step::kRow);
  EXPECT_EQ(select.integer(0), INT64_MIN);
  EXPECT_EQ(select.text(1), std::string_view("a\0b", 3));
  EXPECT_EQ(core::to_bytes(select.bytes(2)), bytes);
  EXPECT_TRUE(select.is_null(3));
  EXPECT_EQ(*select.step(), Statement::Step::kDone);
}

TEST(ConnectionTest, BindsEmptyTextAndBytesAsEmptyNotNull) {
  auto memory = *Connection::open_memory();
  auto select = *memory->prepare("SELECT typeof(?), typeof(?)");
  select.bind(1, std::string_view()).bind(2, core::BytesView());
  ASSERT_EQ(*select.step(), Statement::Step::kRow);
  EXPECT_EQ(select.text(0), "text");
  EXPECT_EQ(select.text(1), "blob");
}

TEST(ConnectionTest, AStatementIsNotCompiledAnewForNewParameters) {
  auto memory = *Connection::open_memory();
  ASSERT_TRUE(memory->execute(
      "CREATE TABLE t(id INTEGER PRIMARY KEY, a BLOB, b INTEGER); CREATE INDEX i ON t(a, b, id)"));
  auto select = *memory->prepare("SELECT id FROM t WHERE a = ? ORDER BY b, id");
  for (std::uint8_t i = 0; i < 10; ++i) {
    const core::Bytes key = {i};
    ASSERT_TRUE(select.bind(1, core::BytesView(key)).run());
  }
  EXPECT_EQ(select.recompilations(), 0);
}

TEST(ConnectionTest, TellsAWrongParameterPositionAtTheStep) {
  auto memory = *Connection::open_memory();
  auto select = *memory->prepare("SELECT ?");
  select.bind(2, std::int64_t{1});
  EXPECT_FALSE(select.step());
  select.bind(1, std::int64_t{1});
  EXPECT_TRUE(select.step());
}

TEST(ConnectionTest, MakesFilesForTheUserAlone) {
  const TempDir dir;
  auto connection = open(dir / "a.db");
  ASSERT_TRUE(connection->execute("CREATE TABLE t(i INTEGER)"));
  for (const char* name : {"a.db", "a.db-wal", "a.db-shm"}) {
    struct stat info{};
    ASSERT_EQ(::stat((dir / name).c_str(), &info), 0) << name;
    EXPECT_EQ(info.st_mode & 0777, 0600u) << name;
  }
}

TEST(ConnectionTest, RefusesAFileThatIsNoDatabase) {
  const TempDir dir;
  std::ofstream(dir / "a.db") << std::string(8192, 'x');
  const auto connection = Connection::open(dir / "a.db", {});
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().code, ErrorCode::kIntegrity);
  EXPECT_NE(connection.error().message.find("a.db"), std::string::npos);
}

TEST(ConnectionTest, NamesTheFileItCannotOpen) {
  const TempDir dir;
  const auto connection = Connection::open(dir / "none" / "a.db", {});
  ASSERT_FALSE(connection);
  EXPECT_NE(connection.error().message.find("a.db"), std::string::npos)
      << connection.error().message;
}

TEST(ConnectionTest, AReadOnlyConnectionSeesCommitsAndCannotWrite) {
  const TempDir dir;
  auto writer = open(dir / "a.db");
  ASSERT_TRUE(writer->execute("CREATE TABLE t(i INTEGER)"));
  auto reader = open(dir / "a.db", {.mode = Mode::kReadOnly});
  EXPECT_EQ(*reader->query_integer("SELECT count(*) FROM t"), 0);
  ASSERT_TRUE(writer->execute("INSERT INTO t VALUES (1)"));
  EXPECT_EQ(*reader->query_integer("SELECT count(*) FROM t"), 1);
  const auto written = reader->execute("INSERT INTO t VALUES (2)");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kPermissionDenied);
}

TEST(ConnectionTest, AReaderDoesNotBlockTheWriter) {
  const TempDir dir;
  auto writer = open(dir / "a.db");
  ASSERT_TRUE(writer->execute("CREATE TABLE t(i INTEGER); INSERT INTO t VALUES (1), (2)"));
  auto reader = open(dir / "a.db", {.mode = Mode::kReadOnly});
  auto select = *reader->prepare("SELECT i FROM t");
  ASSERT_EQ(*select.step(), Statement::Step::kRow);
  EXPECT_TRUE(writer->execute("INSERT INTO t VALUES (3)"));
}

TEST(ConnectionTest, ASecondWriterGetsAConflictWhenItsPatienceEnds) {
  const TempDir dir;
  auto first = open(dir / "a.db");
  auto second = open(dir / "a.db");
  second->set_busy_timeout(std::chrono::milliseconds(1));
  auto transaction = *Transaction::begin(*first);
  const auto refused = Transaction::begin(*second);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
}

TEST(ConnectionTest, InterruptEndsAStatementOfAnotherThread) {
  auto memory = *Connection::open_memory();
  auto endless = *memory->prepare(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n");
  std::atomic<bool> ended = false;
  std::thread interrupter([&] {
    while (!ended) {
      memory->interrupt();
      std::this_thread::yield();
    }
  });
  const auto result = endless.step();
  ended = true;
  interrupter.join();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kCancelled);
}

TEST(ConnectionTest, OnlyAnAskedForCheckpointEmptiesTheLog) {
  const TempDir dir;
  auto writer = open(dir / "a.db");
  ASSERT_TRUE(writer->execute("CREATE TABLE t(b BLOB)"));
  for (int i = 0; i < 30; ++i)
    ASSERT_TRUE(writer->execute("INSERT INTO t VALUES (zeroblob(300000))"));
  EXPECT_GT(writer->wal_pages(), 2000);
  ASSERT_TRUE(writer->checkpoint(Connection::Checkpoint::kTruncate));
  EXPECT_EQ(std::filesystem::file_size(dir / "a.db-wal"), 0u);
}

TEST(ConnectionTest, FindsDamageInsideAPage) {
  const TempDir dir;
  {
    auto writer = open(dir / "a.db");
    ASSERT_TRUE(writer->execute(
        "CREATE TABLE t(i INTEGER PRIMARY KEY, s TEXT); INSERT INTO t VALUES (1, 'a'), (2, 'b')"));
  }
  {
    std::fstream file(dir / "a.db", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096 + 3);  // the number of cells on the table's page
    file.put('\x7f');
  }
  auto reader = open(dir / "a.db", {.mode = Mode::kReadOnly});
  const auto checked = reader->check_integrity();
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, ErrorCode::kIntegrity);
}

TEST(ConnectionTest, ASoundFilePassesTheCheck) {
  const TempDir dir;
  auto writer = open(dir / "a.db");
  ASSERT_TRUE(writer->execute("CREATE TABLE t(i INTEGER)"));
  EXPECT_TRUE(writer->check_integrity());
}

}  // namespace
}  // namespace every::sql
