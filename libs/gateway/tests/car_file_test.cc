#include "car_file.h"

#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "every/core/file.h"

namespace every::gateway {
namespace {

/// A folder, and a mask of the process that keeps files from others.
class CarFileTest : public ::testing::Test {
 protected:
  CarFileTest() {
    std::string name = (std::filesystem::temp_directory_path() / "every-car-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder for the test");
    folder_ = name;
  }
  ~CarFileTest() override {
    ::umask(mask_);
    std::filesystem::remove_all(folder_);
  }
  static mode_t mode_of(const std::filesystem::path& file) {
    struct stat found{};
    return ::stat(file.c_str(), &found) == 0 ? found.st_mode & 0777U : 0;
  }

  std::filesystem::path folder_;
  const mode_t mask_ = ::umask(027);
};

TEST_F(CarFileTest, IsThereOnceItIsFinishedAsTheUsersMaskWillsIt) {
  const auto file = folder_ / "all.car";
  {
    auto writer = FileWriter::open(file);
    ASSERT_TRUE(writer) << writer.error().message;
    ASSERT_TRUE((*writer)->write(core::as_bytes(std::string_view("content"))));
    EXPECT_FALSE(std::filesystem::exists(file));
    ASSERT_TRUE((*writer)->finish());
  }
  EXPECT_EQ(mode_of(file), 0640U);
  EXPECT_EQ(core::as_text(*core::read_file(file)), "content");
  EXPECT_TRUE(FileWriter::open(file)) << "what was there is replaced";
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

}  // namespace
}  // namespace every::gateway
