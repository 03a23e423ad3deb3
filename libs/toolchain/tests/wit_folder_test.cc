#include "every/toolchain/wit_folder.h"

#include "temporary.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace every::toolchain {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

World world(std::string name, std::vector<std::string> exports) {
  World made;
  made.name = std::move(name);
  for (auto& function : exports) {
    WitFunction added;
    added.name = std::move(function);
    made.exports.push_back(std::move(added));
  }
  return made;
}

TEST(ModerniseWitTest, RenamesTheOldFloatTypesAsWholeWordsOutsideOfComments) {
  const auto [text, count] = modernise_wit(
      "// float64 stays\n/* float32 /* nested float32 */ too */ f: func(a: float64) -> "
      "list<float32>; float64-like: func(%float32: f64);\n");
  EXPECT_EQ(text,
            "// float64 stays\n/* float32 /* nested float32 */ too */ f: func(a: f64) -> "
            "list<f32>; float64-like: func(%float32: f64);\n");
  EXPECT_EQ(count, 2U);
}

TEST(ModerniseWitTest, AnOpenCommentAtTheEndIsKept) {
  EXPECT_EQ(modernise_wit("a /* float64").first, "a /* float64");
}

TEST(ReadWitTest, TakesTheFolderAndItsDependenciesAndSaysWhatItMended) {
  const Temporary folder;
  folder.write("wit/math.wit", "package a:b;\nworld math { export add: func(a: float64); }\n");
  folder.write("wit/deps/logging/logging.wit", "package wasi:logging;\n");
  folder.write("wit/deps.lock", "no WIT");
  const auto wit = read_wit(folder / "wit");
  ASSERT_TRUE(wit) << wit.error().message;
  ASSERT_EQ(wit->files.size(), 2U);
  EXPECT_EQ(wit->files[0].path, "deps/logging/logging.wit");
  EXPECT_THAT(wit->files[1].text, HasSubstr("a: f64"));
  EXPECT_THAT(wit->notices, ElementsAre(HasSubstr("math.wit: float32 and float64")));
}

TEST(ReadWitTest, AFileBringsTheDependenciesBesideIt) {
  const Temporary folder;
  const auto file = folder.write("wit/math.wit", "package a:b;\n");
  folder.write("wit/other.wit", "package a:b;\n");
  folder.write("wit/deps/c/c.wit", "package a:c;\n");
  const auto wit = read_wit(file);
  ASSERT_TRUE(wit);
  ASSERT_EQ(wit->files.size(), 2U);
  EXPECT_EQ(wit->files[0].path, "deps/c/c.wit");
  EXPECT_EQ(wit->files[1].path, "math.wit");
}

TEST(ReadWitTest, LoggingThatIsUsedAndNotThereIsAddedWithItsVersion) {
  const auto wit =
      wit_of_text("a.wit", "package a:b;\nworld w { import wasi:logging/logging@0.1.0-draft; }\n");
  ASSERT_EQ(wit.files.size(), 2U);
  EXPECT_EQ(wit.files[1].path, "deps/wasi-logging/logging.wit");
  EXPECT_THAT(wit.files[1].text, HasSubstr("package wasi:logging@0.1.0-draft;"));
}

TEST(ReadWitTest, AFolderWithoutWitIsToldByName) {
  const Temporary folder;
  const auto wit = read_wit(folder.path());
  ASSERT_FALSE(wit);
  EXPECT_EQ(wit.error().code, core::ErrorCode::kNotFound);
  EXPECT_THAT(wit.error().message, HasSubstr(folder.path().string()));
}

TEST(FindWitTest, LooksInWitThenInTheFolderThenOneAbove) {
  const Temporary folder;
  const Source source{"x", Language::kCpp, folder / "project", folder / "project/a.cpp"};
  folder.write("project/a.cpp", "");
  EXPECT_EQ(*find_wit(source, std::nullopt), std::nullopt);
  folder.write("wit/a.wit", "package above:a;\n");
  EXPECT_THAT((*find_wit(source, std::nullopt))->files[0].text, HasSubstr("above"));
  folder.write("project/a.wit", "package beside:a;\n");
  EXPECT_THAT((*find_wit(source, std::nullopt))->files[0].text, HasSubstr("beside"));
  folder.write("project/wit/a.wit", "package own:a;\n");
  EXPECT_THAT((*find_wit(source, std::nullopt))->files[0].text, HasSubstr("own"));
  const auto given = folder.write("else/a.wit", "package given:a;\n");
  EXPECT_THAT((*find_wit(source, given))->files[0].text, HasSubstr("given"));
}

class ChooseWorldTest : public testing::Test {
 protected:
  Worlds worlds_{"a:b", {world("math", {"add-all", "divide"}), world("text", {"greet"})}};
  WitFolder folder_{"wit", {}, {}};
};

TEST_F(ChooseWorldTest, TakesTheOneWhoseExportsTheSourceHasInAnySpelling) {
  const std::vector<std::string> names{"addAll", "divide", "helper"};
  const auto chosen = choose_world(worlds_, std::nullopt, names, folder_);
  ASSERT_TRUE(chosen) << chosen.error().message;
  EXPECT_EQ((*chosen)->name, "math");
}

TEST_F(ChooseWorldTest, AsksByNameWhenSeveralFitOrNoneDoes) {
  const std::vector<std::string> all{"add_all", "divide", "greet"};
  EXPECT_THAT(choose_world(worlds_, std::nullopt, all, folder_).error().message,
              testing::AllOf(HasSubstr("more than one"), HasSubstr("--world math"),
                             HasSubstr("--world text")));
  EXPECT_THAT(choose_world(worlds_, std::nullopt, std::vector<std::string>{"divide"}, folder_)
                  .error()
                  .message,
              testing::AllOf(HasSubstr("none of them"), HasSubstr("add-all not in the source")));
}

TEST_F(ChooseWorldTest, TheNamedOneMustExistAndTheNearestIsTold) {
  EXPECT_EQ((*choose_world(worlds_, "text", {}, folder_))->name, "text");
  EXPECT_EQ((*choose_world(worlds_, "a:b/math", {}, folder_))->name, "math");
  const auto wrong = choose_world(worlds_, "maths", {}, folder_);
  EXPECT_EQ(wrong.error().code, core::ErrorCode::kNotFound);
  EXPECT_THAT(wrong.error().message, HasSubstr("Did you mean `math`?"));
}

TEST_F(ChooseWorldTest, APackageWithoutWorldSaysWhatAWorldIs) {
  EXPECT_THAT(choose_world(Worlds{"a:b", {}}, std::nullopt, {}, folder_).error().message,
              HasSubstr("world NAME {"));
}

TEST(WriteFilesTest, MakesTheFoldersTheyNeed) {
  const Temporary folder;
  const std::vector<TextFile> files{{"a.wit", "one"}, {"deps/b/b.wit", "two"}};
  ASSERT_TRUE(write_files(files, folder / "new"));
  EXPECT_TRUE(std::filesystem::exists(folder / "new/deps/b/b.wit"));
}

}  // namespace
}  // namespace every::toolchain
