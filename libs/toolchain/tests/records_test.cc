#include "every/toolchain/records.h"

#include "temporary.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "every/core/file.h"

namespace every::toolchain {
namespace {

namespace fs = std::filesystem;

BuildInputs inputs(std::string_view source) {
  BuildInputs made;
  made.language = "python";
  made.options = {{"profile", "release"}, {"world", "math"}};
  made.tools = {{"componentize-py", "0.25.1"}};
  made.add_file("app.py", core::as_bytes(source));
  return made;
}

/// Flips a byte in every file of a folder.
void damage(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    auto bytes = core::read_file(entry.path()).value();
    bytes[bytes.size() / 2] ^= 1;
    ASSERT_TRUE(core::write_file_atomically(entry.path(), bytes));
  }
}

class BuildRecordsTest : public testing::Test {
 protected:
  Temporary folder_;
  std::unique_ptr<BuildRecords> records_ = BuildRecords::open(folder_ / "builds").value();
  core::Bytes component_ = core::to_bytes("component bytes");
};

TEST_F(BuildRecordsTest, GivesBackWhatTheSameInputsGave) {
  ASSERT_EQ(records_->find(inputs("a"))->has_value(), false);
  ASSERT_TRUE(records_->put(inputs("a"), component_));
  const auto found = records_->find(inputs("a"));
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->bytes, component_);
  EXPECT_EQ((*found)->component, cid_of_component(component_));
  EXPECT_EQ(records_->find(inputs("b"))->has_value(), false);
}

TEST_F(BuildRecordsTest, TheKeyDoesNotDependOnTheOrderOfAdding) {
  BuildInputs one = inputs("a");
  one.add_file("b.py", {});
  BuildInputs other = inputs("a");
  other.add_file("b.py", {});
  std::swap(other.files[0], other.files[1]);
  std::swap(other.options[0], other.options[1]);
  EXPECT_EQ(one.key(), other.key());
  other.tools[0].second = "0.25.2";
  EXPECT_NE(one.key(), other.key());
}

TEST_F(BuildRecordsTest, ADamagedComponentIsNoRecord) {
  ASSERT_TRUE(records_->put(inputs("a"), component_));
  damage(folder_ / "builds/components");
  EXPECT_EQ(records_->find(inputs("a"))->has_value(), false);
  ASSERT_TRUE(records_->put(inputs("a"), component_));
  EXPECT_TRUE(records_->find(inputs("a"))->has_value());
}

TEST_F(BuildRecordsTest, ADamagedRecordIsNoRecord) {
  ASSERT_TRUE(records_->put(inputs("a"), component_));
  damage(folder_ / "builds/records");
  EXPECT_EQ(records_->find(inputs("a"))->has_value(), false);
}

TEST_F(BuildRecordsTest, MoveToAnotherPlaceAsOneFile) {
  ASSERT_TRUE(records_->put(inputs("a"), component_));
  ASSERT_TRUE(records_->put(inputs("b"), component_));
  EXPECT_EQ(records_->export_to(folder_ / "records.cbor"), 2U);
  const auto other = BuildRecords::open(folder_ / "other").value();
  EXPECT_EQ(other->import_from(folder_ / "records.cbor"), 2U);
  EXPECT_EQ((*other->find(inputs("b")))->bytes, component_);
  EXPECT_EQ(other->import_from(folder_ / "records.cbor"), 0U);
}

TEST_F(BuildRecordsTest, ADamagedFileOfRecordsIsRefusedWhole) {
  ASSERT_TRUE(records_->put(inputs("a"), component_));
  ASSERT_TRUE(records_->export_to(folder_ / "records.cbor"));
  auto bytes = core::read_file(folder_ / "records.cbor").value();
  const auto other = BuildRecords::open(folder_ / "other").value();
  const std::string_view text = core::as_text(bytes);
  bytes[text.find("component bytes")] ^= 1;
  ASSERT_TRUE(core::write_file_atomically(folder_ / "records.cbor", bytes));
  EXPECT_EQ(other->import_from(folder_ / "records.cbor").error().code, core::ErrorCode::kIntegrity);
  EXPECT_EQ(other->find(inputs("a"))->has_value(), false);
  folder_.write("records.cbor", "no records");
  EXPECT_EQ(other->import_from(folder_ / "records.cbor").error().code, core::ErrorCode::kMalformed);
}

}  // namespace
}  // namespace every::toolchain
