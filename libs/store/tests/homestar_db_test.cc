#include "every/store/homestar_db.h"

#include <filesystem>
#include <fstream>

#include "test_paths.h"
#include <gtest/gtest.h>
#include <unistd.h>

#include "every/ipld/dag_cbor.h"
#include "every/sql/connection.h"

namespace every::store {
namespace {

namespace fs = std::filesystem;

/// A copy of a database that homestar 0.3.0 wrote.
struct HomestarDbTest : ::testing::Test {
  fs::path folder = fs::temp_directory_path() / ("homestar-db-" + std::to_string(::getpid()));
  fs::path file = folder / "homestar.db";

  void SetUp() override {
    fs::create_directories(folder);
    fs::copy_file(fs::path(EVERY_TEST_DATA_DIR) / "homestar.db", file);
  }
  void TearDown() override { fs::remove_all(folder); }

  std::vector<core::Result<ReceiptRecord>> receipts() {
    std::vector<core::Result<ReceiptRecord>> all;
    const auto db = HomestarDb::open(file);
    EXPECT_TRUE(db) << db.error().message;
    EXPECT_TRUE((*db)->each_receipt([&all](core::Result<ReceiptRecord> receipt) {
      all.push_back(std::move(receipt));
      return core::Status();
    }));
    return all;
  }
  std::vector<HomestarWorkflow> workflows() {
    std::vector<HomestarWorkflow> all;
    const auto db = HomestarDb::open(file);
    EXPECT_TRUE(db) << db.error().message;
    EXPECT_TRUE((*db)->each_workflow([&all](core::Result<HomestarWorkflow> workflow) {
      EXPECT_TRUE(workflow) << workflow.error().message;
      if (workflow) all.push_back(std::move(*workflow));
      return core::Status();
    }));
    return all;
  }
};

TEST_F(HomestarDbTest, GivesReceiptsThatHashToTheirCids) {
  const auto all = receipts();
  ASSERT_EQ(all.size(), 8u);
  for (const auto& receipt : all) {
    ASSERT_TRUE(receipt) << receipt.error().message;
    EXPECT_TRUE(receipt->cid.matches(receipt->block).value());
    EXPECT_EQ(receipt->provenance, Provenance::kImported);
    EXPECT_EQ(receipt->standing, Standing::kAsItCame);
  }
  EXPECT_EQ(all[0]->cid.render(), "bafyrmig4f6ytos67aojqzpdjl52ont26e3naoitkxka4n7ftpwosezqpmi");
  EXPECT_EQ(all[0]->ran.render(), "bafyrmicskz4p4bnzncojymnugxd2g6v4icmijpxw2v6bzqcxblkxocquue");
  EXPECT_EQ(all[0]->instruction.render(),
            "bafyrmictn2r5o4kj7tyqwtd2gx7viokwoz2nmp7ogjuw6hjectzh7bsooi");
}

TEST_F(HomestarDbTest, GivesWorkflowsWithTheirInstructionsAndReceipts) {
  const auto all = workflows();
  ASSERT_EQ(all.size(), 6u);
  EXPECT_EQ(all[1].name, "three");
  EXPECT_EQ(all[1].status, "completed");
  EXPECT_EQ(all[1].tasks, 3u);
  EXPECT_EQ(all[1].instructions.size(), 3u);
  EXPECT_EQ(all[1].receipts.size(), 3u);
  EXPECT_EQ(core::render_timestamp(all[1].created), "2026-11-27T02:19:01.810746066Z");
  EXPECT_EQ(all[1].instructions[0].resources,
            (std::vector<std::string>{
                "ipfs://bafkreifpuvdozlzwzpc2yhvf5aqzad7rnzme7ynqobfpokcqjdnohurjui"}));
  EXPECT_EQ(all[5].name, "broken");
  EXPECT_EQ(all[5].receipts.size(), 1u) << "one of its two tasks failed";
}

TEST_F(HomestarDbTest, ShowsALinkedContentAsAResource) {
  const auto all = workflows();
  ASSERT_EQ(all.size(), 6u);
  ASSERT_EQ(all[4].instructions.size(), 1u);
  EXPECT_EQ(all[4].instructions[0].resources[1],
            "bafkreigf3oxcezq263nrripwo3nyfj7ppxsg2j6dujr2q4xqar4lbwm7yq");
}

TEST_F(HomestarDbTest, NamesARowThatWasChangedAndGoesOn) {
  {
    auto db = sql::Connection::open(file, {});
    ASSERT_TRUE(db);
    ASSERT_TRUE((*db)->execute("UPDATE receipts SET out = x'82626f6b01' WHERE rowid = 2"));
  }
  const auto all = receipts();
  ASSERT_EQ(all.size(), 8u);
  ASSERT_FALSE(all[1]);
  EXPECT_EQ(all[1].error().code, core::ErrorCode::kIntegrity);
  EXPECT_TRUE(all[1].error().message.starts_with("receipt bafyrmi")) << all[1].error().message;
  EXPECT_TRUE(all[2]);
}

TEST_F(HomestarDbTest, TakesNoFailures) {
  {
    auto db = sql::Connection::open(file, {});
    ASSERT_TRUE(db);
    ASSERT_TRUE((*db)->execute("UPDATE receipts SET out = x'82656572726f7201' WHERE rowid = 2"));
  }
  EXPECT_EQ(receipts()[1].error().code, core::ErrorCode::kUnsupported);
}

TEST_F(HomestarDbTest, SaysThatAFileIsMissing) {
  EXPECT_EQ(HomestarDb::open(folder / "none.db").error().code, core::ErrorCode::kNotFound);
}

TEST_F(HomestarDbTest, RefusesWhatIsNoDatabaseOfTheOriginal) {
  std::ofstream(folder / "text.db") << std::string(5000, 'x');
  EXPECT_EQ(HomestarDb::open(folder / "text.db").error().code, core::ErrorCode::kMalformed);
  {
    auto db = sql::Connection::open(folder / "other.db", {});
    ASSERT_TRUE(db);
    ASSERT_TRUE((*db)->execute("CREATE TABLE receipts (cid TEXT)"));
  }
  const auto other = HomestarDb::open(folder / "other.db");
  EXPECT_EQ(other.error().code, core::ErrorCode::kMalformed);
  EXPECT_NE(other.error().message.find("tables"), std::string::npos);
}

}  // namespace
}  // namespace every::store
