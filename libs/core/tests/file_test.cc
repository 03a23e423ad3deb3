#include "every/core/file.h"

#include <cstdlib>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace every::core {
namespace {

class FileTest : public ::testing::Test {
 protected:
  FileTest() {
    std::string name = (std::filesystem::temp_directory_path() / "every-file-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~FileTest() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

TEST_F(FileTest, ReadsBackWhatItWrote) {
  const Bytes content(200'000, 7);
  ASSERT_TRUE(write_file_atomically(folder_ / "a", content));
  EXPECT_EQ(read_file(folder_ / "a").value(), content);
}

TEST_F(FileTest, NamesTheFileThatIsNotThere) {
  const auto result = read_file(folder_ / "missing.json");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kNotFound);
  EXPECT_NE(result.error().message.find("missing.json"), std::string::npos);
}

TEST_F(FileTest, RefusesToReadMoreThanTheLimit) {
  ASSERT_TRUE(write_file_atomically(folder_ / "big", Bytes(1000, 1)));
  EXPECT_EQ(read_file(folder_ / "big", 999).error().code, ErrorCode::kResourceExhausted);
  EXPECT_TRUE(read_file(folder_ / "big", 1000));
}

TEST_F(FileTest, LeavesNoTemporaryBehindWhenItFails) {
  ASSERT_TRUE(std::filesystem::create_directory(folder_ / "taken"));
  ASSERT_TRUE(write_file_atomically(folder_ / "taken" / "x", Bytes(1, 1)));
  EXPECT_FALSE(write_file_atomically(folder_ / "taken", Bytes(1, 1)));
  std::size_t entries = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder_)) ++entries;
  EXPECT_EQ(entries, 1u);
}

TEST_F(FileTest, TellsTheTemporaryOfAnInterruptedWriteFromANameAPersonChose) {
  EXPECT_TRUE(is_interrupted_write("/home/key.pem.aB3xYz"));
  EXPECT_TRUE(is_interrupted_write("x.entry.000000"));
  EXPECT_FALSE(is_interrupted_write("key.pem.backup"));
  EXPECT_FALSE(is_interrupted_write("key.pem.aB3xY"));
  EXPECT_FALSE(is_interrupted_write("store.db-wal"));
}

TEST_F(FileTest, RefusesADirectoryThatOthersMayWriteTo) {
  const auto open = folder_ / "open";
  ASSERT_TRUE(ensure_private_directory(open));
  ASSERT_EQ(::chmod(open.c_str(), 0777), 0);
  EXPECT_EQ(ensure_private_directory(open).error().code, ErrorCode::kPermissionDenied);
}

}  // namespace
}  // namespace every::core
