#include "functions.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace every::cli
