// Damaged stores, repaired: what is sound stays, what is not is never served, and nothing is thrown away.
#include <fstream>
#include <random>

#include "records.h"

#include "every/sql/connection.h"
#include "every/sql/testing/temp_dir.h"
#include "every/store/examine.h"

namespace every::store {
namespace {

using namespace testing;
namespace fs = std::filesystem;

constexpr int kReceipts = 200;

class StoreRepairTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto store = open(file_);
    for (int begin = 0; begin < kReceipts; begin += 20) {
      const std::string id = "r" + std::to_string(begin + 100);
      Batch batch = batch_of(run(id));
      for (int i = begin; i < begin + 20; ++i) {
        batch.receipts.push_back(receipt(i, i));
        batch.tasks.push_back(task(id, static_cast<std::uint32_t>(i - begin), receipt(i, i)));
        batch.logs.push_back({id, 0, i, core::LogLevel::kInfo, "c", "line " + std::to_string(i)});
      }
      EXPECT_OK(store->commit_and_wait(std::move(batch)));
    }
    EXPECT_OK(store->close());
    sound_ = read(file_);
  }
  static std::string read(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(const std::string& content) {
    std::ofstream(file_, std::ios::binary | std::ios::trunc) << content;
    fs::remove(file_.string() + "-wal");
    fs::remove(file_.string() + "-shm");
  }
  /// Repairs and opens. out: how many receipts are there; each is the one that was written
  int repaired(const std::string& damage) {
    const auto saved = prepare_repair(file_);
    EXPECT_TRUE(saved) << damage << ": " << saved.error().message;
    const auto kept = finish_repair(file_);
    EXPECT_TRUE(kept && fs::exists(*kept)) << damage;
    const auto after = examine_store(file_);
    EXPECT_TRUE(after && after->sound()) << damage;
    const auto store = open(file_);
    if (!store) return -1;
    int there = 0;
    for (int i = 0; i < kReceipts; ++i) {
      const auto found = store->find_by_instruction(instruction(i));
      EXPECT_TRUE(found) << damage << ": " << found.error().message;
      if (!found || !*found) continue;
      EXPECT_EQ((*found)->block, receipt(i, i).block) << damage;
      ++there;
    }
    const auto runs = store->list_runs(100, "").value();
    for (const RunRecord& one : runs) {
      EXPECT_EQ(one.name, "name of " + one.id) << damage;
      EXPECT_TRUE(store->tasks_of(one.id)) << damage;
      EXPECT_TRUE(store->logs_of(one.id, 100)) << damage;
    }
    return there;
  }

  sql::testing::TempDir dir_;
  fs::path file_ = dir_ / "store.db";
  std::string sound_;
};

TEST_F(StoreRepairTest, ASoundStoreComesOutAsItWas) {
  ASSERT_TRUE(examine_store(file_)->sound());
  EXPECT_EQ(repaired("none"), kReceipts);
  EXPECT_EQ(open(file_)->list_runs(100, "").value().size(), 10u);
  EXPECT_EQ(open(file_)->tasks_of("r100").value().size(), 20u);
  EXPECT_EQ(open(file_)->logs_of("r100", 100).value().size(), 20u);
}

TEST_F(StoreRepairTest, AByteAnywhereCostsAFewRowsAtMost) {
  std::mt19937 random(20240817);
  for (std::size_t at = 0; at < sound_.size(); at += sound_.size() / 60) {
    std::string content = sound_;
    const std::size_t place = std::min(at + random() % 64, sound_.size() - 1);
    content[place] = static_cast<char>(content[place] ^ (1 << (random() % 8)));
    write(content);
    // A page of receipts holds a dozen or so, one of the tree above them leads to all.
    EXPECT_GE(repaired("byte " + std::to_string(place)), kReceipts - 20) << place;
  }
}

TEST_F(StoreRepairTest, TheFirstPageMayBeGone) {
  std::string content = sound_;
  std::fill_n(content.begin(), 4096, '\0');
  write(content);
  EXPECT_FALSE(open_store({.file = file_}));
  EXPECT_FALSE(examine_store(file_)->sound());
  EXPECT_EQ(repaired("first page"), kReceipts);
}

TEST_F(StoreRepairTest, OfAFileThatIsCutOffTheBeginningStays) {
  for (std::size_t size = 0; size < sound_.size(); size += sound_.size() / 20) {
    write(sound_.substr(0, size));
    const int there = repaired("cut at " + std::to_string(size));
    EXPECT_GE(there, 0);
    if (size > sound_.size() * 9 / 10) {
      EXPECT_GT(there, kReceipts / 2);
    }
  }
}

TEST_F(StoreRepairTest, NoiseIsNotTakenForRows) {
  std::mt19937 random(1);
  std::string content(64 * 1024, '\0');
  for (char& byte : content) byte = static_cast<char>(random());
  write(content);
  EXPECT_EQ(repaired("noise"), 0);
}

TEST_F(StoreRepairTest, WhatIsInTheLogAloneIsSavedToo) {
  const auto copy = dir_ / "copy.db";
  {
    const auto store = open(file_);
    EXPECT_OK(store->commit_and_wait(batch_of(receipt(1000, 1))));
    fs::copy_file(file_, copy);
    fs::copy_file(file_.string() + "-wal", copy.string() + "-wal");
  }
  std::string content = read(copy);
  content[0] = 'X';
  std::ofstream(copy, std::ios::binary) << content;
  ASSERT_TRUE(prepare_repair(copy));
  ASSERT_TRUE(finish_repair(copy));
  EXPECT_TRUE(*open(copy)->find_by_instruction(instruction(1000)));
}

TEST_F(StoreRepairTest, AChangedRowIsNamedAndLeftOut) {
  {
    auto connection = *sql::Connection::open(file_, {});
    ASSERT_TRUE(
        connection->execute("UPDATE receipts SET block = zeroblob(20) WHERE created = 1003;"
                            "UPDATE runs SET name = 'x' WHERE id = 'r120'"));
  }
  const auto found = examine_store(file_).value();
  EXPECT_TRUE(found.structure.empty());
  EXPECT_EQ(found.unsound_by_table.at("receipts"), 1u);
  EXPECT_EQ(found.unsound_by_table.at("runs"), 1u);
  EXPECT_NE(found.unsound.front().find(receipt(3, 3).cid.render()), std::string::npos);
  EXPECT_EQ(repaired("rows"), kReceipts - 1);
  EXPECT_FALSE(*open(file_)->find_run("r120"));
}

TEST_F(StoreRepairTest, TheDamagedFileIsKeptByteByByte) {
  std::string content = sound_;
  content[5000] = static_cast<char>(content[5000] ^ 1);
  write(content);
  ASSERT_TRUE(prepare_repair(file_));
  const auto kept = finish_repair(file_).value();
  EXPECT_EQ(read(kept), content);
  EXPECT_EQ(kept.parent_path(), dir_.path() / "damaged");
}

TEST_F(StoreRepairTest, InterruptedBeforeTheNewOneIsWholeNothingHasChanged) {
  std::ofstream(file_.string() + ".salvage") << "a part of something";
  EXPECT_TRUE(finish_repair(file_)->empty());
  EXPECT_EQ(read(file_), sound_);
  EXPECT_TRUE(*open(file_)->find_by_instruction(instruction(1)));
}

TEST_F(StoreRepairTest, InterruptedAnywhereAfterThatTheNextOpeningFinishesIt) {
  // Where a kill may come: before anything, after the log was kept, after it was removed.
  for (const int stage : {0, 1, 2}) {
    write(sound_.substr(0, sound_.size() - 100));
    fs::remove_all(dir_ / "damaged");
    ASSERT_TRUE(prepare_repair(file_));
    std::ofstream(file_.string() + "-wal") << "the damaged one's log";
    const auto kept = dir_ / "damaged" / "store.db.2026-01-01T00-00-00Z";
    if (stage > 0) {
      fs::create_directory(dir_ / "damaged");
      fs::permissions(dir_ / "damaged", fs::perms::owner_all);
      fs::create_hard_link(file_, kept);
      fs::create_hard_link(file_.string() + "-wal", kept.string() + "-wal");
    }
    if (stage > 1) fs::remove(file_.string() + "-wal");
    EXPECT_TRUE(*open(file_)->find_by_instruction(instruction(1))) << stage;
    EXPECT_FALSE(fs::exists(repaired_name(file_)));
    int kept_files = 0;
    for (const auto& entry : fs::directory_iterator(dir_ / "damaged")) {
      EXPECT_NE(entry.path().string().find("store.db.2026"), std::string::npos);
      ++kept_files;
    }
    EXPECT_EQ(kept_files, 2) << stage;
  }
}

TEST_F(StoreRepairTest, AStoreOfANewerVersionIsLeftAlone) {
  {
    auto connection = *sql::Connection::open(file_, {});
    ASSERT_TRUE(connection->execute("PRAGMA user_version = 99"));
  }
  EXPECT_EQ(examine_store(file_).error().code, core::ErrorCode::kUnsupported);
  EXPECT_EQ(prepare_repair(file_).error().code, core::ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace every::store
