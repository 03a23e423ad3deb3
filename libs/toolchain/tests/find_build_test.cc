#include "every/toolchain/find_build.h"

#include <filesystem>

#include "temporary.h"
#include <gtest/gtest.h>

#include "every/core/file.h"

namespace every::toolchain {
namespace {

class FindBuildTest : public ::testing::Test {
 protected:
  BuildInputs inputs(const std::string& source) {
    BuildInputs made{.language = "rust"};
    made.add_file("src/lib.rs", core::as_bytes(source));
    made.tools = {{"rustc", "1.89"}};
    made.options = {{"profile", "release"}};
    return made;
  }
  static core::BytesView component() { return core::as_bytes(std::string_view("component")); }
  Temporary folder_;
  std::filesystem::path builds_ = folder_ / "builds";
};

TEST_F(FindBuildTest, TellsWhatAComponentWasBuiltFrom) {
  const auto records = BuildRecords::open(builds_);
  ASSERT_TRUE(records && (*records)->put(inputs("a"), component()));
  const auto found = find_build_of(builds_, cid_of_component(component()));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->inputs.key(), inputs("a").key());
  EXPECT_EQ(found->inputs.language, "rust");
  EXPECT_GT(found->written, 0);
}

TEST_F(FindBuildTest, FindsNothingOfOthersAndMakesNoFolder) {
  EXPECT_FALSE(find_build_of(builds_, cid_of_component(component())));
  EXPECT_FALSE(std::filesystem::exists(builds_));
  const auto records = BuildRecords::open(builds_);
  ASSERT_TRUE(records && (*records)->put(inputs("a"), component()));
  EXPECT_FALSE(find_build_of(builds_, cid_of_component(core::as_bytes(std::string_view("other")))));
}

TEST_F(FindBuildTest, ADamagedRecordIsNone) {
  const auto records = BuildRecords::open(builds_);
  ASSERT_TRUE(records && (*records)->put(inputs("a"), component()));
  for (const auto& entry : std::filesystem::directory_iterator(builds_ / "records"))
    ASSERT_TRUE(
        core::write_file_atomically(entry.path(), core::as_bytes(std::string_view("x")), 0600));
  EXPECT_FALSE(find_build_of(builds_, cid_of_component(component())));
}

}  // namespace
}  // namespace every::toolchain
