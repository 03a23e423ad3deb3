#include "every/toolchain/templates.h"

#include "temporary.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "every/core/file.h"

namespace every::toolchain {
namespace {

using testing::Contains;
using testing::HasSubstr;

TEST(CheckProjectNameTest, TakesWordsOfLettersAndDigits) {
  for (const char* name : {"hello", "hello-world", "a1", "x-y2-z"})
    EXPECT_TRUE(check_project_name(name)) << name;
}

TEST(CheckProjectNameTest, RefusesWithANameThatWouldDo) {
  const std::pair<std::string_view, std::string_view> cases[] = {{"HelloWorld", "hello-world"},
                                                                 {"my_func", "my-func"},
                                                                 {"2fast", "n2fast"},
                                                                 {"", "my-function"},
                                                                 {"list", "list-function"},
                                                                 {"../up", "up"},
                                                                 {"a--b", "a-b"},
                                                                 {"a-", "a"},
                                                                 {"été", "t"}};
  for (const auto& [name, better] : cases) {
    const auto checked = check_project_name(name);
    ASSERT_FALSE(checked) << name;
    EXPECT_EQ(checked.error().code, core::ErrorCode::kInvalidArgument);
    EXPECT_THAT(checked.error().message, HasSubstr("try `" + std::string(better) + "`"));
    EXPECT_TRUE(check_project_name(better)) << better;
  }
}

TEST(NewProjectTest, FillsTheNameIntoPathsAndTexts) {
  const Temporary folder;
  const auto files = new_project("cpp", "hello-world", folder.path());
  ASSERT_TRUE(files) << files.error().message;
  EXPECT_THAT(*files, Contains("hello_world.cpp"));
  EXPECT_THAT(*files, Contains(".gitignore"));
  const auto text = core::read_file(folder / "hello-world/hello_world.cpp").value();
  EXPECT_THAT(std::string(core::as_text(text)), HasSubstr("exports_hello_world_greet("));
}

TEST(NewProjectTest, LeavesNoPlaceholderInAnyTemplate) {
  const Temporary folder;
  for (const auto& made : templates()) {
    const std::string name = "of-" + std::string(made.language);
    const auto files = new_project(made.language, name, folder.path());
    ASSERT_TRUE(files) << files.error().message;
    for (const auto& file : *files) {
      const auto text = core::read_file(folder / name / file).value();
      EXPECT_EQ(core::as_text(text).find("name}}"), std::string_view::npos) << file;
    }
  }
}

TEST(NewProjectTest, AnExistingFolderIsRefusedAndStaysAsItIs) {
  const Temporary folder;
  folder.write("hello/mine.txt", "mine");
  const auto files = new_project("rust", "hello", folder.path());
  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().code, core::ErrorCode::kConflict);
  EXPECT_FALSE(std::filesystem::exists(folder / "hello/Cargo.toml"));
}

TEST(NewProjectTest, AFolderThatCannotBeWrittenLeavesNothing) {
  const Temporary folder;
  folder.write("file", "no folder");
  EXPECT_FALSE(new_project("rust", "hello", folder / "file"));
  EXPECT_EQ(new_project("cobol", "hello", folder.path()).error().code,
            core::ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace every::toolchain
