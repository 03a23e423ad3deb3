#include "every/wit/json_schema.h"

#include "support.h"
#include <boost/json/serialize.hpp>

namespace every::wit {
namespace {

using namespace test;

struct Schema {
  std::string name;
  TypePtr type;
  std::string text;
};
class JsonSchemaTest : public testing::TestWithParam<Schema> {};
TEST_P(JsonSchemaTest, IsTheTextOfTheTable) {
  EXPECT_EQ(boost::json::serialize(json_schema(*GetParam().type)), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Types, JsonSchemaTest,
    testing::Values(
        Schema{"Bool", p(Kind::kBool), R"({"type":"boolean"})"},
        Schema{"U8", p(Kind::kU8), R"({"type":"number"})"},
        Schema{"S64", p(Kind::kS64), R"({"type":"number"})"},
        Schema{"F32", p(Kind::kF32), R"({"type":"number"})"},
        Schema{"Char", p(Kind::kChar), R"({"type":"string"})"},
        Schema{"String", p(Kind::kString), R"({"type":"string"})"},
        Schema{"List", make_list(p(Kind::kU16)), R"({"type":"array","items":{"type":"number"}})"},
        Schema{
            "Bytes", bytes_type(),
            R"({"anyOf":[{"type":"array","items":{"type":"number"}},{"type":"string","contentEncoding":"base64","description":"base64 text or a data: URI"},)"
            R"({"type":"object","properties":{"/":{"type":"object","properties":{"bytes":{"type":"string"}},"required":["bytes"],"additionalProperties":false}},)"
            R"("required":["/"],"additionalProperties":false}]})"},
        Schema{"FixedList", make_fixed_list(p(Kind::kF64), 3),
               R"({"type":"array","minItems":3,"items":{"type":"number"},"maxItems":3})"},
        Schema{
            "Tuple", make_tuple({p(Kind::kU32), p(Kind::kString)}),
            R"({"type":"array","minItems":2,"items":[{"type":"number"},{"type":"string"}],"maxItems":2})"},
        Schema{"Option", make_option(p(Kind::kU32)),
               R"({"anyOf":[{"type":"number"},{"type":"null"}]})"},
        Schema{
            "NestedOption", nested_option(),
            R"({"anyOf":[{"type":"array","minItems":1,"items":{"anyOf":[{"type":"number"},{"type":"null"}]},"maxItems":1},{"type":"null"}]})"},
        Schema{
            "Result", make_result(p(Kind::kU8), p(Kind::kString)),
            R"({"oneOf":[{"type":"object","properties":{"ok":{"type":"number"}},"required":["ok"],"additionalProperties":false},)"
            R"({"type":"object","properties":{"err":{"type":"string"}},"required":["err"],"additionalProperties":false}]})"},
        Schema{
            "ResultWithoutPayloads", make_result(nullptr, nullptr),
            R"({"oneOf":[{"type":"object","properties":{"ok":{"type":"null"}},"required":["ok"],"additionalProperties":false},)"
            R"({"type":"object","properties":{"err":{"type":"null"}},"required":["err"],"additionalProperties":false}]})"},
        Schema{
            "Record",
            make_record("r",
                        {{"x-at", p(Kind::kS32), "where"}, {"age", make_option(p(Kind::kU8)), ""}}),
            R"({"type":"object","properties":{"xAt":{"type":"number","description":"where"},"age":{"anyOf":[{"type":"number"},{"type":"null"}]}},)"
            R"("required":["xAt"],"additionalProperties":false})"},
        Schema{
            "Variant", make_variant("v", {{"two-part", p(Kind::kF64), ""}, {"none", nullptr, ""}}),
            R"({"oneOf":[{"type":"object","properties":{"tag":{"type":"string","const":"two-part"},"val":{"type":"number"}},"required":["tag","val"],)"
            R"("additionalProperties":false},{"type":"object","properties":{"tag":{"type":"string","const":"none"}},"required":["tag"],"additionalProperties":false}]})"},
        Schema{"Enum", color(), R"({"type":"string","enum":["red","dark-blue"]})"},
        Schema{
            "Flags", permissions(),
            R"({"anyOf":[{"type":"object","properties":{"read":{"type":"boolean"},"writeAll":{"type":"boolean"},"execute":{"type":"boolean"}},)"
            R"("additionalProperties":false},{"type":"array","items":{"type":"string","enum":["read","write-all","execute"]}}]})"},
        Schema{
            "Map", make_map(p(Kind::kString), p(Kind::kBool)),
            R"({"anyOf":[{"type":"array","items":{"type":"array","minItems":2,"items":[{"type":"string"},{"type":"boolean"}],"maxItems":2}},)"
            R"({"type":"object","additionalProperties":{"type":"boolean"}}]})"},
        Schema{"Future", p(Kind::kFuture), R"({"not":{}})"}),
    [](const auto& one) { return one.param.name; });

std::string parameters(std::vector<Param> params) {
  return boost::json::serialize(parameters_schema({"", "f", std::move(params), nullptr, ""}));
}

TEST(ParametersSchemaTest, IsTheOriginalsTextForScalars) {
  EXPECT_EQ(
      parameters({{"a", p(Kind::kF64)}, {"b", p(Kind::kF64)}}),
      R"({"type":"object","properties":{"a":{"type":"number"},"b":{"type":"number"}},"required":["a","b"],"additionalProperties":false})");
}

TEST(ParametersSchemaTest, HasNoPropertiesWithoutParameters) {
  EXPECT_EQ(parameters({}), R"({"type":"object","additionalProperties":false})");
}

TEST(ParametersSchemaTest, NamesAreCamelCaseAndOptionsNotRequired) {
  EXPECT_EQ(
      parameters({{"some-name", make_option(p(Kind::kString))}}),
      R"({"type":"object","properties":{"someName":{"anyOf":[{"type":"string"},{"type":"null"}]}},"additionalProperties":false})");
}

}  // namespace
}  // namespace every::wit
