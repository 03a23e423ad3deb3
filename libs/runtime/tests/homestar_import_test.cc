#include "homestar_import.h"

#include <filesystem>

#include "active_run.h"
#include "test_paths.h"
#include <gtest/gtest.h>
#include <unistd.h>

namespace every::runtime {
namespace {

namespace fs = std::filesystem;

struct HomestarImportTest : ::testing::Test {
  fs::path folder = fs::temp_directory_path() / ("homestar-import-" + std::to_string(::getpid()));
  fs::path file = folder / "homestar.db";
  core::SystemClock clock;
  std::unique_ptr<store::Store> store =
      store::open_store({{}, store::Durability::kMemory, nullptr}).value();
  const ipld::Cid instruction =
      ipld::Cid::parse("bafyrmictn2r5o4kj7tyqwtd2gx7viokwoz2nmp7ogjuw6hjectzh7bsooi").value();

  void SetUp() override {
    fs::create_directories(folder);
    fs::copy_file(fs::path(EVERY_SOURCE_DIR) / "libs/store/tests/data/homestar.db", file);
  }
  void TearDown() override { fs::remove_all(folder); }

  HomestarReport import(Believe believe) {
    auto report = import_homestar(*store, clock, file, believe);
    if (report) return *report;
    ADD_FAILURE() << report.error().message;
    return {};
  }
  store::Standing standing() { return store->receipts_of(instruction).value().at(0).standing; }
  RunAnswer run(const std::string& name) {
    const std::vector<store::RunRecord> records = store->list_runs(100, {}).value();
    for (const auto& record : records) {
      if (record.name == name) return load_answer(*store, record, nullptr).value();
    }
    ADD_FAILURE() << "no run " << name;
    return RunAnswer{.workflow = instruction};
  }
};

TEST_F(HomestarImportTest, KeepsReceiptsAsImportedOnes) {
  const HomestarReport report = import(Believe::kNothing);
  EXPECT_EQ(report.receipts, 8u);
  EXPECT_EQ(report.refused, 0u);
  const auto records = store->receipts_of(instruction).value();
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].provenance, store::Provenance::kImported);
  EXPECT_EQ(records[0].standing, store::Standing::kAsItCame);
}

TEST_F(HomestarImportTest, BelievesThemAtAPersonsWord) {
  import(Believe::kMyWord);
  EXPECT_EQ(standing(), store::Standing::kTrusted);
}

TEST_F(HomestarImportTest, BelievesThemLaterToo) {
  import(Believe::kNothing);
  const HomestarReport report = import(Believe::kMyWord);
  EXPECT_EQ(report.receipts, 0u);
  EXPECT_EQ(report.known, 8u);
  EXPECT_EQ(standing(), store::Standing::kTrusted);
}

TEST_F(HomestarImportTest, NeverBelievesAgainWhatWasForgotten) {
  import(Believe::kMyWord);
  store::Batch batch;
  batch.standings.push_back(
      {store->receipts_of(instruction).value()[0].cid, store::Standing::kForgotten, clock.wall()});
  ASSERT_TRUE(store->commit_and_wait(std::move(batch)));
  import(Believe::kMyWord);
  EXPECT_EQ(standing(), store::Standing::kForgotten);
}

TEST_F(HomestarImportTest, KeepsWorkflowsAsRuns) {
  EXPECT_EQ(import(Believe::kNothing).workflows, 6u);
  const RunAnswer three = run("three");
  EXPECT_EQ(three.state, RunState::kCompleted);
  ASSERT_EQ(three.tasks.size(), 3u);
  for (const TaskAnswer& task : three.tasks) {
    EXPECT_EQ(task.state, TaskState::kOk);
    EXPECT_TRUE(task.component);
    EXPECT_TRUE(task.func.starts_with("echo_")) << task.func;
    EXPECT_NE(task.value, nullptr);
  }
}

TEST_F(HomestarImportTest, SaysOfAWorkflowWithoutAllResultsThatItFailed) {
  import(Believe::kNothing);
  const RunAnswer broken = run("broken");
  EXPECT_EQ(broken.state, RunState::kFailed);
  ASSERT_TRUE(broken.error);
  EXPECT_NE(broken.error->message.find("1 of its 2 tasks"), std::string::npos)
      << broken.error->message;
}

TEST_F(HomestarImportTest, BringsAWorkflowOverOnce) {
  import(Believe::kNothing);
  const HomestarReport report = import(Believe::kNothing);
  EXPECT_EQ(report.workflows, 0u);
  EXPECT_EQ(report.known_workflows, 6u);
  EXPECT_EQ(store->list_runs(100, {}).value().size(), 6u);
}

TEST_F(HomestarImportTest, LeavesNothingToResume) {
  import(Believe::kNothing);
  EXPECT_TRUE(store->unfinished_runs().value().empty());
}

}  // namespace
}  // namespace every::runtime
