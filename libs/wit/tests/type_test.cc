#include "every/wit/type.h"

#include <gtest/gtest.h>

namespace every::wit {
namespace {

TypePtr p(Kind kind) {
  return make_primitive(kind);
}

struct RenderCase {
  std::string name;
  TypePtr type;
  std::string text;
};
class RenderTypeTest : public testing::TestWithParam<RenderCase> {};

TEST_P(RenderTypeTest, IsTheTextOfASignature) {
  EXPECT_EQ(render(*GetParam().type), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Types, RenderTypeTest,
    testing::Values(
        RenderCase{"Bool", p(Kind::kBool), "bool"}, RenderCase{"F64", p(Kind::kF64), "f64"},
        RenderCase{"S64", p(Kind::kS64), "s64"},
        RenderCase{"List", make_list(make_option(p(Kind::kU32))), "list<option<u32>>"},
        RenderCase{"FixedList", make_fixed_list(p(Kind::kU8), 4), "list<u8, 4>"},
        RenderCase{"Map", make_map(p(Kind::kString), p(Kind::kU32)), "map<string, u32>"},
        RenderCase{"Tuple", make_tuple({p(Kind::kU32), p(Kind::kString)}), "tuple<u32, string>"},
        RenderCase{"ResultBoth", make_result(p(Kind::kU32), p(Kind::kString)),
                   "result<u32, string>"},
        RenderCase{"ResultOk", make_result(p(Kind::kU32), nullptr), "result<u32>"},
        RenderCase{"ResultError", make_result(nullptr, p(Kind::kString)), "result<_, string>"},
        RenderCase{"ResultEmpty", make_result(nullptr, nullptr), "result"},
        RenderCase{"NamedRecord", make_record("point", {{"x", p(Kind::kS32), ""}}), "point"},
        RenderCase{"UnnamedRecord",
                   make_record("", {{"x", p(Kind::kS32), ""}, {"y", p(Kind::kS32), ""}}),
                   "record { x: s32, y: s32 }"},
        RenderCase{"UnnamedVariant",
                   make_variant("", {{"circle", p(Kind::kF64), ""}, {"nothing", nullptr, ""}}),
                   "variant { circle(f64), nothing }"},
        RenderCase{"UnnamedEnum", make_enum("", {"red", "dark-blue"}), "enum { red, dark-blue }"},
        RenderCase{"UnnamedFlags", make_flags("", {"read"}), "flags { read }"},
        RenderCase{"Future", p(Kind::kFuture), "future"},
        RenderCase{"ErrorContext", p(Kind::kErrorContext), "error-context"}),
    [](const auto& one) { return one.param.name; });

TEST(TypeTest, IsEqualToTheSameStructureElsewhere) {
  const auto make = [] { return make_record("point", {{"x", make_list(p(Kind::kS32)), ""}}); };
  EXPECT_TRUE(equal(*make(), *make()));
}

TEST(TypeTest, DiffersByNameFieldAndPayload) {
  const auto point = make_record("point", {{"x", p(Kind::kS32), ""}});
  EXPECT_FALSE(equal(*point, *make_record("pair", {{"x", p(Kind::kS32), ""}})));
  EXPECT_FALSE(equal(*point, *make_record("point", {{"y", p(Kind::kS32), ""}})));
  EXPECT_FALSE(equal(*point, *make_record("point", {{"x", p(Kind::kU32), ""}})));
  EXPECT_FALSE(equal(*make_result(p(Kind::kU8), nullptr), *make_result(nullptr, p(Kind::kU8))));
  EXPECT_FALSE(equal(*make_fixed_list(p(Kind::kU8), 3), *make_fixed_list(p(Kind::kU8), 4)));
}

TEST(FunctionTest, AtTheRootHasOneNameInEachSpelling) {
  const Function function{
      "", "add-two", {{"a", p(Kind::kF64)}, {"b", p(Kind::kF64)}}, p(Kind::kF64), ""};
  EXPECT_EQ(function.qualified_name(), "add-two");
  EXPECT_EQ(function.full_name(), "add-two");
  EXPECT_EQ(function.listed_name(), "addTwo");
  EXPECT_EQ(render(function), "func(a: f64, b: f64) -> f64");
}

TEST(FunctionTest, InAnInterfaceIsNamedWithIt) {
  const Function function{"my-ns:pkg/calc@1.2.3", "add-two", {}, nullptr, ""};
  EXPECT_EQ(function.qualified_name(), "calc#add-two");
  EXPECT_EQ(function.full_name(), "my-ns:pkg/calc@1.2.3#add-two");
  EXPECT_EQ(function.listed_name(), "calc#addTwo");
  EXPECT_EQ(render(function), "func()");
}

TEST(ToCamelTest, JoinsTheWordsOfAName) {
  EXPECT_EQ(to_camel("add"), "add");
  EXPECT_EQ(to_camel("some-name"), "someName");
  EXPECT_EQ(to_camel("f-string"), "fString");
  EXPECT_EQ(to_camel("echo-list-s32"), "echoListS32");
  EXPECT_EQ(to_camel("parse-URL"), "parseUrl");
  EXPECT_EQ(to_camel("HTTP-get"), "httpGet");
  EXPECT_EQ(to_camel(""), "");
}

TEST(ToCamelTest, LeavesCamelCaseAsItIs) {
  EXPECT_EQ(to_camel("someName"), "someName");
}

}  // namespace
}  // namespace every::wit
