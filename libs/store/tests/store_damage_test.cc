// Damaged files: nothing wrong is ever served as good.
#include <fstream>
#include <random>

#include "records.h"

#include "every/sql/connection.h"
#include "every/sql/testing/temp_dir.h"

namespace every::store {
namespace {

using core::ErrorCode;
using namespace testing;

constexpr int kReceipts = 40;

class StoreDamageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto store = open(file_);
    Batch batch = batch_of(run("r1"));
    for (int i = 0; i < kReceipts; ++i) {
      batch.receipts.push_back(receipt(i, i));
      batch.tasks.push_back(task("r1", static_cast<std::uint32_t>(i), receipt(i, i)));
      batch.tasks.back().trace = trace();
      batch.logs.push_back({"r1", 0, i, core::LogLevel::kInfo, "c", "line " + std::to_string(i)});
    }
    EXPECT_OK(store->commit_and_wait(std::move(batch)));
    EXPECT_OK(store->close());
    std::ifstream in(file_, std::ios::binary);
    sound_.assign(std::istreambuf_iterator<char>(in), {});
  }
  void write(const std::string& content) {
    std::ofstream(file_, std::ios::binary | std::ios::trunc) << content;
    std::filesystem::remove(file_.string() + "-wal");
    std::filesystem::remove(file_.string() + "-shm");
  }
  /// Reads everything there is; whatever is served must be what was written.
  void expect_nothing_wrong_is_served(const std::string& damage) {
    auto store = open_store({.file = file_, .durability = Durability::kRelaxed});
    if (!store) return;
    for (int i = 0; i < kReceipts; ++i) {
      const auto written = receipt(i, i);
      if (const auto found = (*store)->find_by_instruction(instruction(i)); found && *found) {
        EXPECT_EQ((*found)->cid, written.cid) << damage;
        EXPECT_EQ((*found)->block, written.block) << damage;
        EXPECT_EQ((*found)->provenance, Provenance::kLocal) << damage;
        EXPECT_EQ((*found)->profile, 1u) << damage;
      }
      if (const auto block = (*store)->find_receipt_block(written.cid); block && *block) {
        EXPECT_EQ(**block, written.block) << damage;
      }
    }
    if (const auto found = (*store)->find_run("r1"); found && *found) {
      EXPECT_EQ((*found)->name, "name of r1") << damage;
      EXPECT_EQ((*found)->status, RunStatus::kRunning) << damage;
      EXPECT_EQ((*found)->extra, (core::Bytes{1, 2, 3})) << damage;
    }
    if (const auto tasks = (*store)->tasks_of("r1")) {
      for (const auto& one : *tasks) {
        EXPECT_EQ(one.receipt, receipt(static_cast<int>(one.task), one.task).cid) << damage;
        EXPECT_EQ(one.trace, trace()) << damage;
      }
    }
    if (const auto lines = (*store)->logs_of("r1", 100)) {
      for (const auto& line : *lines)
        EXPECT_EQ(line.message, "line " + std::to_string(line.time)) << damage;
    }
  }
  sql::testing::TempDir dir_;
  std::filesystem::path file_ = dir_ / "store.db";
  std::string sound_;
};

TEST_F(StoreDamageTest, AFlippedBitIsNeverServedAsGood) {
  std::mt19937 random(20240817);
  for (int i = 0; i < 400; ++i) {
    std::string content = sound_;
    const std::size_t at = random() % content.size();
    const int bit = static_cast<int>(random() % 8);
    content[at] = static_cast<char>(content[at] ^ (1 << bit));
    write(content);
    expect_nothing_wrong_is_served("byte " + std::to_string(at) + " bit " + std::to_string(bit));
  }
}

TEST_F(StoreDamageTest, ATruncatedFileIsNeverServedAsGood) {
  for (std::size_t size = 0; size < sound_.size(); size += 1777) {
    write(sound_.substr(0, size));
    expect_nothing_wrong_is_served("cut at " + std::to_string(size));
  }
}

TEST_F(StoreDamageTest, ATruncatedFileIsRefusedSayingWhatToDo) {
  write(sound_.substr(0, sound_.size() / 2));
  const auto refused = open_store({.file = file_});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kIntegrity);
  EXPECT_NE(refused.error().message.find("store.db"), std::string::npos);
  EXPECT_NE(refused.error().message.find("every doctor --repair"), std::string::npos)
      << refused.error().message;
}

TEST_F(StoreDamageTest, ACutLogKeepsWhatCameBefore) {
  // A process killed without closing leaves its log; the disk then loses the log's end.
  const auto copy = dir_ / "copy.db";
  {
    const auto store = open(file_);
    for (int i = kReceipts; i < kReceipts + 10; ++i)
      EXPECT_OK(store->commit_and_wait(batch_of(receipt(i, i))));
    std::filesystem::copy_file(file_, copy);
    std::filesystem::copy_file(file_.string() + "-wal", copy.string() + "-wal");
  }
  const auto size = std::filesystem::file_size(copy.string() + "-wal");
  std::filesystem::resize_file(copy.string() + "-wal", size - size / 3);
  const auto store = open(copy);
  int there = 0;
  for (int i = 0; i < kReceipts + 10; ++i) {
    const auto found = store->find_by_instruction(instruction(i)).value();
    if (found) {
      EXPECT_EQ(found->cid, receipt(i, i).cid);
    }
    there += found ? 1 : 0;
  }
  EXPECT_GE(there, kReceipts);
  EXPECT_LT(there, kReceipts + 10);
}

/// Changes rows behind the store's back.
class StoreRowDamageTest : public StoreDamageTest {
 protected:
  void change(sql::Sql script) {
    auto connection = *sql::Connection::open(file_, {});
    ASSERT_TRUE(connection->execute(script));
  }
  ErrorCode lookup(int n) {
    const auto found = open(file_)->find_by_instruction(instruction(n));
    return found ? ErrorCode::kInternal : found.error().code;
  }
};

TEST_F(StoreRowDamageTest, ABlockThatDoesNotHashToItsCidIsIntegrity) {
  change("UPDATE receipts SET block = zeroblob(length(block)) WHERE created = 1003");
  EXPECT_EQ(lookup(3), ErrorCode::kIntegrity);
  EXPECT_EQ(open(file_)->find_receipt_block(receipt(3, 3).cid).error().code, ErrorCode::kIntegrity);
}

TEST_F(StoreRowDamageTest, AReceiptThatAnswersAnotherInstructionIsIntegrity) {
  change(
      "UPDATE receipts SET instruction = (SELECT instruction FROM receipts WHERE created = 1004) "
      "WHERE created = 1003;"
      "DELETE FROM receipts WHERE created = 1004");
  EXPECT_EQ(lookup(4), ErrorCode::kIntegrity);
}

TEST_F(StoreRowDamageTest, ADamagedRowDoesNotHideASoundOne) {
  EXPECT_OK(open(file_)->commit_and_wait(batch_of(receipt(3, 3, "two"))));
  change("UPDATE receipts SET created = created + 1 WHERE created = 1003 AND id < 40");
  EXPECT_EQ(open(file_)->find_by_instruction(instruction(3)).value()->cid,
            receipt(3, 3, "two").cid);
}

TEST_F(StoreRowDamageTest, ADamagedReceiptIsReplacedWhenItIsMadeAgain) {
  change("UPDATE receipts SET block = zeroblob(9) WHERE created = 1003");
  EXPECT_OK(open(file_)->commit_and_wait(batch_of(receipt(3, 3))));
  EXPECT_EQ(open(file_)->find_by_instruction(instruction(3)).value()->block, receipt(3, 3).block);
}

TEST_F(StoreRowDamageTest, AChangedRunIsIntegrity) {
  change("UPDATE runs SET status = 1");
  const auto found = open(file_)->find_run("r1");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kIntegrity);
}

}  // namespace
}  // namespace every::store
