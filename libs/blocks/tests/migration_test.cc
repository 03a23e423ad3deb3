// Block stores of every earlier version, with the rows those versions wrote.
#include "schema.h"
#include <gtest/gtest.h>

#include "every/blocks/blocks.h"
#include "every/blocks/housekeeping.h"
#include "every/sql/connection.h"
#include "every/sql/migrate.h"
#include "every/sql/testing/temp_dir.h"

namespace every::blocks {
namespace {

// `hello`, as docs/formats/blocks.md works it.
constexpr const char* kHello = "bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq";

void insert_rows(sql::Connection& db, std::int64_t version) {
  ASSERT_TRUE(db.execute(
      "INSERT INTO blocks (multihash, bytes) VALUES "
      "(x'12202cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824', x'68656c6c6f')"));
  if (version < 2) return;
  ASSERT_TRUE(
      db.execute("INSERT INTO components (cid) VALUES "
                 "(x'015512202cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824');"
                 "INSERT INTO published VALUES ('peer', 1, 7, NULL);"
                 "INSERT INTO set_aside VALUES ('peer', x'01', 0, 1, 'it was full')"));
  if (version < 3) return;
  ASSERT_TRUE(db.execute(
      "INSERT INTO pins VALUES "
      "(x'015512202cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824', "
      "x'015512202cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824', 1, 0, 5)"));
  ASSERT_EQ(version, 3) << "insert the rows of the new version here";
}

class BlocksMigrationTest : public ::testing::TestWithParam<std::int64_t> {};
INSTANTIATE_TEST_SUITE_P(EveryVersion, BlocksMigrationTest,
                         ::testing::Range(std::int64_t{1}, schema().newest() + 1));

TEST_P(BlocksMigrationTest, IsBroughtUpAndReadsAsItWas) {
  const sql::testing::TempDir dir;
  const std::filesystem::path file = dir / "blocks.db";
  {
    const auto db = *sql::Connection::open(file, {});
    // A step that was released never changes, so the tables are what they were.
    sql::Schema then = schema();
    then.migrations = then.migrations.first(static_cast<std::size_t>(GetParam()));
    ASSERT_TRUE(sql::migrate(*db, then));
    insert_rows(*db, GetParam());
    ASSERT_EQ(db->query_integer("PRAGMA user_version").value(), GetParam());
  }
  const ipld::Cid hello = *ipld::Cid::parse(kHello);
  for (int opened = 0; opened < 2; ++opened) {
    const auto store = open_sqlite_blocks(file, Sync::kDurable);
    ASSERT_TRUE(store) << store.error().message;
    EXPECT_EQ((*store)->find(hello).value(), core::to_bytes("hello"));
    Housekeeping& keeping = *(*store)->housekeeping();
    EXPECT_EQ(keeping.components().value().size(), GetParam() < 2 ? 0u : 1u);
    EXPECT_EQ(keeping.pins().value().size(), GetParam() < 3 ? 0u : 1u);
    // What was there before anything said who put it goes only when it is claimed.
    const auto collection = keeping.begin_collection().value();
    EXPECT_EQ(collection->unkept(Collection::Earlier::kClaimed).blocks, 0u);
    EXPECT_EQ(collection->unkept(Collection::Earlier::kAll).blocks, GetParam() < 3 ? 1u : 0u);
  }
  const auto db = *sql::Connection::open(file, {});
  EXPECT_EQ(db->query_integer("PRAGMA user_version").value(), schema().newest());
  EXPECT_EQ(db->query_integer("SELECT count(*) FROM published").value(), GetParam() < 2 ? 0 : 1);
  EXPECT_EQ(db->query_integer("SELECT count(*) FROM set_aside").value(), GetParam() < 2 ? 0 : 1);
}

}  // namespace
}  // namespace every::blocks
