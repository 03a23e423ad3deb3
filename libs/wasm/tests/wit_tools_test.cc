#include "every/wasm/wit_tools.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace every::wasm {
namespace {

using testing::HasSubstr;

NamedFile file(std::string path, std::string_view text) {
  return {std::move(path), core::to_bytes(text)};
}

TEST(WitToolsTest, TellsTheWorldsOfAPackageWithWhatTheyImportAndExport) {
  const std::vector files{
      file("math.wit",
           "package a:math;\n/// Sums.\nworld math { import a:log/out; export add: func(a: f64) -> "
           "f64; }\n"),
      file("deps/log/log.wit", "package a:log;\ninterface out { say: func(text: string); }\n")};
  const auto json = wit_worlds(files);
  ASSERT_TRUE(json) << json.error().message;
  EXPECT_THAT(*json, HasSubstr(R"("package":"a:math")"));
  EXPECT_THAT(*json, HasSubstr(R"("interface":"a:log/out","name":"say")"));
  EXPECT_THAT(*json, HasSubstr(R"("name":"add")"));
}

TEST(WitToolsTest, AMistakeInWitIsToldWithFileAndLine) {
  const std::vector files{file("math.wit", "package a:math;\nworld math { exprot x; }\n")};
  const auto json = wit_worlds(files);
  ASSERT_FALSE(json);
  EXPECT_EQ(json.error().code, core::ErrorCode::kMalformed);
  EXPECT_THAT(json.error().message, HasSubstr("math.wit:2:14"));
}

TEST(WitToolsTest, MakesCBindingsWithTheObjectThatCarriesTheType) {
  const std::vector files{
      file("math.wit", "package a:math;\nworld math { export add: func(a: f64, b: f64) -> f64; }")};
  const auto bindings = c_bindings(files, "math");
  ASSERT_TRUE(bindings) << bindings.error().message;
  std::vector<std::string> names;
  for (const auto& made : *bindings) names.push_back(made.path);
  EXPECT_THAT(names, testing::UnorderedElementsAre("math.c", "math.h", "math_component_type.o"));
}

TEST(WitToolsTest, AWorldThatIsNotThereIsRefused) {
  const std::vector files{file("math.wit", "package a:math;\nworld math { }")};
  const auto bindings = c_bindings(files, "maths");
  ASSERT_FALSE(bindings);
  EXPECT_THAT(bindings.error().message, HasSubstr("maths"));
}

TEST(WitToolsTest, TellsTheWorldOfAComponentAndRefusesWhatIsNone) {
  const auto component =
      make_component(core::as_bytes("(component (import \"a:b/c\" (instance)))"));
  ASSERT_TRUE(component) << component.error().message;
  const auto world = component_world(*component);
  ASSERT_TRUE(world) << world.error().message;
  EXPECT_THAT(*world, HasSubstr(R"("interfaces":["a:b/c"])"));
  EXPECT_FALSE(component_world(core::as_bytes("no component")));
}

}  // namespace
}  // namespace every::wasm
