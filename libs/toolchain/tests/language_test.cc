#include "every/toolchain/language.h"

#include "temporary.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace every::toolchain {
namespace {

using testing::HasSubstr;

struct FileCase {
  std::string_view file;
  Language language;
};

class LanguageOfFileTest : public testing::TestWithParam<FileCase> {};

TEST_P(LanguageOfFileTest, IsToldByItsName) {
  const Temporary folder;
  const auto source = detect_source(folder.write(GetParam().file, "x"));
  ASSERT_TRUE(source) << source.error().message;
  EXPECT_EQ(source->language, GetParam().language);
}

INSTANTIATE_TEST_SUITE_P(
    Names, LanguageOfFileTest,
    testing::Values(
        FileCase{"Cargo.toml", Language::kRust}, FileCase{"package.json", Language::kJavaScript},
        FileCase{"a.ts", Language::kTypeScript}, FileCase{"a.mts", Language::kTypeScript},
        FileCase{"a.js", Language::kJavaScript}, FileCase{"a.mjs", Language::kJavaScript},
        FileCase{"a.py", Language::kPython}, FileCase{"a.c", Language::kC},
        FileCase{"a.cpp", Language::kCpp}, FileCase{"a.cc", Language::kCpp},
        FileCase{"a.wat", Language::kWat}, FileCase{"a.wasm", Language::kWasm}),
    [](const auto& tested) {
      std::string name(tested.param.file);
      name[name.find('.')] = '_';
      return name;
    });

TEST(DetectSourceTest, AFolderIsWhatItsManifestSays) {
  const Temporary folder;
  folder.write("rust/Cargo.toml", "");
  folder.write("js/package.json", "{}");
  folder.write("py/app.py", "");
  EXPECT_EQ(detect_source(folder / "rust")->language, Language::kRust);
  EXPECT_EQ(detect_source(folder / "js")->language, Language::kJavaScript);
  EXPECT_EQ(detect_source(folder / "py")->entry, folder / "py/app.py");
}

TEST(DetectSourceTest, ARustFileMeansItsProject) {
  const Temporary folder;
  folder.write("Cargo.toml", "");
  const auto source = detect_source(folder.write("src/lib.rs", ""));
  ASSERT_TRUE(source);
  EXPECT_EQ(source->entry, folder / "Cargo.toml");
}

TEST(DetectSourceTest, TheProjectOfATypeScriptFileIsWhereItsPackageIs) {
  const Temporary folder;
  folder.write("package.json", "{}");
  const auto source = detect_source(folder.write("src/subtract.ts", ""));
  ASSERT_TRUE(source);
  EXPECT_EQ(source->project, folder.path());
  EXPECT_EQ(source->entry, folder / "src/subtract.ts");
}

TEST(DetectSourceTest, CAndCppFilesOfAFolderAreOneThing) {
  const Temporary folder;
  folder.write("a.cpp", "");
  folder.write("b.c", "");
  EXPECT_EQ(detect_source(folder.path())->entry, folder / "a.cpp");
}

TEST(DetectSourceTest, SeveralThingsInAFolderAreAskedAboutByName) {
  const Temporary folder;
  folder.write("a.ts", "");
  folder.write("b.py", "");
  const auto source = detect_source(folder.path());
  ASSERT_FALSE(source);
  EXPECT_EQ(source.error().code, core::ErrorCode::kInvalidArgument);
  EXPECT_THAT(source.error().message, HasSubstr("a.ts and b.py"));
}

TEST(DetectSourceTest, TwoManifestsAreAskedAbout) {
  const Temporary folder;
  folder.write("Cargo.toml", "");
  folder.write("package.json", "");
  EXPECT_THAT(detect_source(folder.path()).error().message,
              HasSubstr("Cargo.toml and package.json"));
}

TEST(DetectSourceTest, WhatCannotBeBuiltSaysWhatCan) {
  const Temporary folder;
  EXPECT_THAT(detect_source(folder.write("README.md", "")).error().message, HasSubstr(".py"));
  EXPECT_THAT(detect_source(folder.path()).error().message, HasSubstr("every new"));
  const auto absent = detect_source(folder / "nothing");
  EXPECT_EQ(absent.error().code, core::ErrorCode::kNotFound);
}

TEST(DetectSourceTest, ARustFileOutsideAProjectIsRefused) {
  const Temporary folder;
  EXPECT_THAT(detect_source(folder.write("lib.rs", "")).error().message,
              HasSubstr("no Cargo.toml"));
}

TEST(ParseLanguageTest, IsTheInverseOfRenderingAndTakesLongNames) {
  for (const auto language : {Language::kRust, Language::kTypeScript, Language::kJavaScript,
                              Language::kPython, Language::kC, Language::kCpp})
    EXPECT_EQ(parse_language(render_language(language)), language);
  EXPECT_EQ(parse_language("typescript"), Language::kTypeScript);
  EXPECT_THAT(parse_language("cobol").error().message, HasSubstr("rust, ts, js, python"));
}

}  // namespace
}  // namespace every::toolchain
