#include "functions.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

namespace every::cli {
namespace {

TEST(FunctionsTest, AreLabelledByTheirFileNames) {
  EXPECT_EQ(make_labels({"out/math.wasm", "subtract-j54di3rspj2eewjro4.wasm"}),
            (std::vector<std::string>{"math", "subtract-j54di3rspj2eewjro4"}));
}

TEST(FunctionsTest, AreToldApartWhenTheirNamesAreEqual) {
  EXPECT_EQ(make_labels({"a/math.wasm", "b/math.wasm", "math-2.wasm"}),
            (std::vector<std::string>{"math", "math-2", "math-2-2"}));
}

TEST(FunctionsTest, AreNotSourceFiles) {
  const auto file = read_function("src/hello.ts", "hello");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, core::ErrorCode::kUnsupported);
  EXPECT_NE(file.error().message.find("hello.ts is source code"), std::string::npos);
}

TEST(FunctionsTest, NameTheFileThatIsNotThere) {
  const auto file = read_function("/nonexistent/math.wasm", "math");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, core::ErrorCode::kNotFound);
  EXPECT_NE(file.error().message.find("/nonexistent/math.wasm"), std::string::npos);
}

class NoFunctionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("every-functions-" + std::to_string(::getpid()) + "-" +
               ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string write(const std::string& name, const std::string& content) {
    std::ofstream(folder_ / name, std::ios::binary) << content;
    return (folder_ / name).string();
  }
  std::filesystem::path folder_;
};

TEST_F(NoFunctionTest, IsADirectoryWhoseComponentsAreNamed) {
  const std::string component = write("math.wasm", "x");
  const auto file = read_function(folder_.string(), "x");
  ASSERT_FALSE(file);
  EXPECT_NE(file.error().message.find("is a directory"), std::string::npos);
  EXPECT_NE(file.error().message.find(component), std::string::npos) << file.error().message;
}

TEST_F(NoFunctionTest, IsATextWhoseBeginningIsShown) {
  const auto file = read_function(write("README", "# Title\nmore"), "x");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, core::ErrorCode::kMalformed);
  EXPECT_NE(file.error().message.find("text that begins with '# Title'"), std::string::npos);
}

TEST_F(NoFunctionTest, IsAnEmptyFileOrOtherBytes) {
  EXPECT_NE(read_function(write("a", ""), "x").error().message.find("is empty"), std::string::npos);
  EXPECT_NE(read_function(write("b", std::string("\x7f"
                                                 "ELF\0",
                                                 5)),
                          "x")
                .error()
                .message.find("not WebAssembly"),
            std::string::npos);
}

TEST_F(NoFunctionTest, IsNotTheTextFormat) {
  EXPECT_TRUE(read_function(write("a.wat", "\n ;; text\n(component)"), "x"));
  EXPECT_TRUE(read_function(write("b.wat", "(component)"), "x"));
}

}  // namespace
}  // namespace every::cli
