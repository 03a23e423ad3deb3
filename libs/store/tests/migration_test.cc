// Databases of every earlier version, with the rows those versions wrote: each is brought up, and reads as it was.
#include "records.h"
#include "rows.h"
#include "schema.h"

#include "every/sql/connection.h"
#include "every/sql/migrate.h"
#include "every/sql/testing/temp_dir.h"
#include "every/store/housekeeping.h"

namespace every::store {
namespace {

using namespace testing;

/// What is in each of the databases, as far as its version could hold it.
Batch rows() {
  Batch batch;
  for (const char* id : {"r1", "r2", "r3", "r4"}) batch.runs.push_back(run(id));
  batch.runs[0].submission_key = "key";
  batch.runs[0].submission_digest = {7, 8};
  batch.receipts = {receipt(1), receipt(2), receipt(2, 8), receipt(3),
                    receipt(4, 7, "one", Provenance::kImported)};
  batch.receipts[0].run = "r1";
  batch.receipts[1].run = "r1";
  batch.receipts[1].task = 1;
  batch.receipts[3].run = "r2";
  TaskRecord replayed = task("r2", 1, receipt(1));
  replayed.replayed = true;
  batch.tasks = {task("r1", 0, receipt(1)), task("r1", 1, receipt(2)), task("r2", 0, receipt(3)),
                 replayed, task("r3", 0, receipt(5))};
  batch.tasks.back().status = TaskStatus::kFailed;
  batch.tasks.back().error_code = "guest_trap";
  batch.tasks.back().error_message = "it went wrong";
  batch.failures = {{receipt(5).cid, "r3", receipt(5).block}};
  batch.logs = {{"r1", 0, 11, core::LogLevel::kInfo, "guest", "first"},
                {"r1", 1, 12, core::LogLevel::kError, "guest", "second"}};
  batch.ends = {{"r1", RunStatus::kCompleted, {}, {}, 20},
                {"r2", RunStatus::kCompleted, {}, {}, 21},
                {"r3", RunStatus::kFailed, "guest_trap", "it went wrong", 22}};
  batch.attestations = {{receipt(4).cid, receipt(9).cid, receipt(9).block}};
  batch.standings = {{receipt(3).cid, Standing::kForgotten, 99}};
  batch.quarantined = {{cid_of("component"), instruction(2), receipt(2).cid, receipt(2, 8).cid, 5}};
  return batch;
}

void expect_rows(Store& store, std::int64_t version) {
  for (const RunRecord& wanted : rows().runs) {
    const auto found = store.find_run(wanted.id).value();
    ASSERT_TRUE(found) << wanted.id;
    EXPECT_EQ(found->workflow_block, wanted.workflow_block);
    EXPECT_EQ(found->extra, wanted.extra);
    EXPECT_EQ(found->name, wanted.name);
  }
  EXPECT_EQ(store.find_run("r3").value()->status, RunStatus::kFailed);
  EXPECT_EQ(store.find_run("r3").value()->error_message, "it went wrong");
  ASSERT_EQ(store.unfinished_runs().value().size(), 1u);
  EXPECT_EQ(store.unfinished_runs().value()[0], "r4");
  EXPECT_EQ(store.find_run("r4").value()->resumptions, 2u);

  for (const TaskRecord& wanted : rows().tasks) {
    const auto tasks = store.tasks_of(wanted.run).value();
    ASSERT_GT(tasks.size(), wanted.task) << wanted.run;
    EXPECT_EQ(tasks[wanted.task].receipt, wanted.receipt);
    EXPECT_EQ(tasks[wanted.task].replayed, wanted.replayed);
    EXPECT_EQ(tasks[wanted.task].error_message, wanted.error_message);
    EXPECT_EQ(tasks[wanted.task].trace, wanted.trace);
  }
  EXPECT_EQ(store.find_receipt_block(receipt(5).cid).value(), receipt(5).block);
  const auto lines = store.logs_of("r1", 10).value();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[1].message, "second");

  for (const ReceiptRecord& wanted : rows().receipts) {
    const auto found = store.find_receipt(wanted.cid).value();
    ASSERT_TRUE(found) << wanted.cid.render();
    EXPECT_EQ(found->block, wanted.block);
    EXPECT_EQ(found->provenance, wanted.provenance);
    EXPECT_EQ(found->run, wanted.run) << wanted.cid.render();
  }
  EXPECT_EQ(store.find_by_instruction(instruction(2)).value()->cid, receipt(2).cid);
  EXPECT_EQ(store.health().conflicts, 1u);

  EXPECT_EQ(store.find_submission("key").value().has_value(), version >= 2);
  EXPECT_EQ(store.find_by_instruction(instruction(3)).value().has_value(), version < 3);
  EXPECT_EQ(store.attestations_of(receipt(4).cid).value().size(), version < 3 ? 0u : 1u);
  EXPECT_EQ(store.quarantined().value().size(), version < 3 ? 0u : 1u);
  EXPECT_EQ(store.housekeeping().pins().value().size(), version < 6 ? 0u : 1u);
}

/// The database as that version wrote it. A step that was released never changes, so its tables are what they were.
void insert_rows(sql::Connection& db, std::int64_t version) {
  core::Status done = core::fail(core::ErrorCode::kNotFound, "no rows of this version");
  switch (version) {
    case 1:
      done = db.execute(
#include "data/store-1.sql"
      );
      break;
    case 2:
      done = db.execute(
#include "data/store-2.sql"
      );
      break;
    case 3:
      done = db.execute(
#include "data/store-3.sql"
      );
      break;
    case 4:
      done = db.execute(
#include "data/store-4.sql"
      );
      break;
    case 5:
      done = db.execute(
#include "data/store-5.sql"
      );
      break;
    case 6:
      done = db.execute(
#include "data/store-6.sql"
      );
      break;
    default:
      break;
  }
  ASSERT_TRUE(done) << "version " << version
                    << ": add libs/store/tests/data/store-N.sql with its rows: "
                    << done.error().message;
}

class StoreMigrationTest : public ::testing::TestWithParam<std::int64_t> {};
INSTANTIATE_TEST_SUITE_P(EveryVersion, StoreMigrationTest,
                         ::testing::Range(std::int64_t{1}, schema().newest() + 1));

TEST_P(StoreMigrationTest, IsBroughtUpAndReadsAsItWas) {
  const sql::testing::TempDir dir;
  const std::filesystem::path file = dir / "store.db";
  {
    const auto db = *sql::Connection::open(file, {});
    sql::Schema then = schema();
    then.migrations = then.migrations.first(static_cast<std::size_t>(GetParam()));
    ASSERT_TRUE(sql::migrate(*db, then));
    insert_rows(*db, GetParam());
    ASSERT_EQ(db->query_integer("PRAGMA user_version").value(), GetParam());
  }
  for (int opened = 0; opened < 2; ++opened) {
    const auto store = open(file);
    ASSERT_NE(store, nullptr);
    expect_rows(*store, GetParam());
    EXPECT_OK(store->close());
  }
  EXPECT_EQ((*sql::Connection::open(file, {}))->query_integer("PRAGMA user_version").value(),
            schema().newest());
}

}  // namespace
}  // namespace every::store
