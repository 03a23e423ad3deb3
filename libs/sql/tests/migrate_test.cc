#include "every/sql/migrate.h"

#include <array>

#include <gtest/gtest.h>

namespace every::sql {
namespace {

constexpr std::array kFirst = {
    Migration{1, "CREATE TABLE t(i INTEGER); INSERT INTO t VALUES (7); PRAGMA user_version = 1"}};
constexpr std::array kBoth = {
    kFirst[0], Migration{2, "ALTER TABLE t ADD COLUMN s TEXT; PRAGMA user_version = 2"}};
constexpr std::array kBroken = {
    kFirst[0],
    Migration{2, "CREATE TABLE u(i INTEGER); CREATE TABLE t(i INTEGER); PRAGMA user_version = 2"}};
Schema schema(std::span<const Migration> migrations) {
  return {"test store", "nothing is lost", 77, "PRAGMA application_id = 77", migrations};
}

TEST(MigrateTest, MakesTheNewestVersionOfAnEmptyDatabase) {
  auto db = *Connection::open_memory();
  ASSERT_TRUE(migrate(*db, schema(kBoth)));
  EXPECT_EQ(*db->query_integer("PRAGMA user_version"), 2);
  EXPECT_EQ(*db->query_integer("PRAGMA application_id"), 77);
}

TEST(MigrateTest, KeepsTheRowsOfAnOldVersion) {
  auto db = *Connection::open_memory();
  ASSERT_TRUE(migrate(*db, schema(kFirst)));
  ASSERT_TRUE(migrate(*db, schema(kBoth)));
  EXPECT_EQ(*db->query_integer("SELECT i FROM t WHERE s IS NULL"), 7);
}

TEST(MigrateTest, DoesNothingToTheNewestVersion) {
  auto db = *Connection::open_memory();
  ASSERT_TRUE(migrate(*db, schema(kBoth)));
  ASSERT_TRUE(migrate(*db, schema(kBoth)));
  EXPECT_EQ(*db->query_integer("SELECT count(*) FROM t"), 1);
}

TEST(MigrateTest, RefusesANewerVersionNamingBoth) {
  auto db = *Connection::open_memory();
  ASSERT_TRUE(migrate(*db, schema(kBoth)));
  const auto refused = migrate(*db, schema(kFirst));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, core::ErrorCode::kUnsupported);
  EXPECT_NE(refused.error().message.find("version 2"), std::string::npos);
  EXPECT_NE(refused.error().message.find("up to 1"), std::string::npos);
}

TEST(MigrateTest, RefusesADatabaseOfAnotherKind) {
  auto db = *Connection::open_memory();
  ASSERT_TRUE(db->execute("CREATE TABLE other(i INTEGER)"));
  const auto refused = migrate(*db, schema(kFirst));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, core::ErrorCode::kConflict);
}

TEST(MigrateTest, AStepThatFailsLeavesTheVersionBefore) {
  auto db = *Connection::open_memory();
  ASSERT_TRUE(migrate(*db, schema(kFirst)));
  EXPECT_FALSE(migrate(*db, schema(kBroken)));
  EXPECT_EQ(*db->query_integer("PRAGMA user_version"), 1);
  EXPECT_EQ(*db->query_integer("SELECT count(*) FROM sqlite_schema WHERE name = 'u'"), 0);
}

}  // namespace
}  // namespace every::sql
