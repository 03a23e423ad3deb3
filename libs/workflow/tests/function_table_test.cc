#include "support.h"
#include <gtest/gtest.h>

#include "every/workflow/short_form.h"

namespace every::workflow {
namespace {

using namespace test;

TEST(FunctionTableTest, FindsAFunctionOfAnInterfaceByEverySpelling) {
  const FunctionTable table({function("add-two", {}, kMath, "calc", "my:pkg/calc@1.0.0")});
  for (const char* name :
       {"calc#addTwo", "calc#add-two", "calc#add_two", "calc.addTwo", "calc.add-two",
        "calc.add_two", "calc::calc.addTwo", "my:pkg/calc@1.0.0#add-two", "calc::calc#addTwo"}) {
    const auto found = table.find(name);
    ASSERT_TRUE(found.has_value()) << name << ": " << found.error().message;
    EXPECT_EQ((*found)->listed_name, "calc#addTwo");
  }
}

TEST(FunctionTableTest, AnUnknownNameSaysWhatThereIs) {
  const auto found = functions().find("subtrakt");
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().code, core::ErrorCode::kNotFound);
  EXPECT_NE(found.error().message.find("did you mean `subtract`?"), std::string::npos);
  EXPECT_NE(found.error().message.find("makePoint"), std::string::npos);
}

TEST(FunctionTableTest, AnEmptyTableSaysSo) {
  EXPECT_NE(FunctionTable().find("add").error().message.find("no functions are loaded"),
            std::string::npos);
}

TEST(FunctionTableTest, AnAmbiguousNameIsAConflictThatALabelSolves) {
  const FunctionTable table(
      {function("add", {}, kMath, "math"), function("add", {}, kTypes, "types")});
  const auto found = table.find("add");
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().code, core::ErrorCode::kConflict);
  EXPECT_EQ((*table.find("types::add"))->component, cid(kTypes));
}

TEST(FunctionTableTest, TheSameComponentTwiceIsNoConflict) {
  const FunctionTable table({function("add", {}, kMath, "a"), function("add", {}, kMath, "b")});
  EXPECT_TRUE(table.find("add").has_value());
  EXPECT_EQ(table.listed_names(), std::vector<std::string>{"add"});
}

TEST(FunctionTableTest, FindsInOneComponent) {
  const FunctionTable table(
      {function("add-two", {}, kMath, "math"), function("add-two", {}, kTypes, "types")});
  EXPECT_EQ(table.find_in(cid(kTypes), "add_two")->component, cid(kTypes));
  EXPECT_EQ(table.find_in(cid(kSubtract), "add_two"), nullptr);
  EXPECT_EQ(table.find_in(cid(kTypes), "other"), nullptr);
}

TEST(FunctionTableTest, SpellsAFunctionWithItsLabelOnlyWhereThatIsNeeded) {
  const FunctionTable table({function("add", {}, kMath, "math"),
                             function("add", {}, kTypes, "types"),
                             function("add-two", {}, kMath, "math")});
  EXPECT_EQ(table.spelling(table.all()[0]), "math::add");
  EXPECT_EQ(table.spelling(table.all()[1]), "types::add");
  EXPECT_EQ(table.spelling(table.all()[2]), "addTwo");
  for (const NamedFunction& one : table.all()) EXPECT_EQ(*table.find(table.spelling(one)), &one);
}

}  // namespace
}  // namespace every::workflow
