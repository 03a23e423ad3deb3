#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include "every/wit/json_schema.h"

namespace every::wit {
namespace {

std::string text(const Type& type, Side side) {
  return boost::json::serialize(schema_2020(type, side));
}

TypePtr point() {
  return make_record("point", {{"left-edge", make_primitive(Kind::kU8), {}},
                               {"label", make_option(make_primitive(Kind::kString)), {}}});
}

TEST(Schema2020Test, BoundsIntegersByTheirType) {
  EXPECT_EQ(text(*make_primitive(Kind::kS8), Side::kGiven),
            R"({"type":"integer","minimum":-128,"maximum":127})");
  EXPECT_EQ(text(*make_primitive(Kind::kU64), Side::kGiven),
            R"({"type":"integer","minimum":0,"maximum":18446744073709551615})");
}

TEST(Schema2020Test, WritesTuplesByPosition) {
  EXPECT_EQ(
      text(*make_tuple({make_primitive(Kind::kBool), make_primitive(Kind::kString)}), Side::kGiven),
      R"({"type":"array","prefixItems":[{"type":"boolean"},{"type":"string"}],"items":false,"minItems":2,"maxItems":2})");
}

TEST(Schema2020Test, TakesRecordsInCamelCaseAndReturnsThemAsInTheWit) {
  EXPECT_EQ(
      text(*point(), Side::kGiven),
      R"({"type":"object","properties":{"leftEdge":{"type":"integer","minimum":0,"maximum":255},"label":{"anyOf":[{"type":"string"},{"type":"null"}]}},"required":["leftEdge"],"additionalProperties":false})");
  EXPECT_EQ(
      text(*point(), Side::kReturned),
      R"({"type":"object","properties":{"left-edge":{"type":"integer","minimum":0,"maximum":255},"label":{"anyOf":[{"type":"string"},{"type":"null"}]}},"required":["left-edge","label"],"additionalProperties":false})");
}

TEST(Schema2020Test, LetsAnAwaitStandAtEveryLevel) {
  EXPECT_EQ(
      text(*make_list(make_primitive(Kind::kBool)), Side::kGivenOrAwait),
      R"({"anyOf":[{"type":"array","items":{"anyOf":[{"type":"boolean"},{"$ref":"#/$defs/await"}]}},{"$ref":"#/$defs/await"}]})");
}

TEST(Schema2020Test, ReturnsBytesInsideAsDagJson) {
  const std::string schema = text(*make_list(make_primitive(Kind::kU8)), Side::kReturned);
  EXPECT_NE(schema.find(R"("/":{"type":"object","properties":{"bytes")"), std::string::npos)
      << schema;
}

TEST(Schema2020Test, AVariantHasItsCasesByTagByKeyAndByName) {
  const auto type =
      make_variant("shape", {{"none", nullptr, {}}, {"circle", make_primitive(Kind::kBool), {}}});
  const std::string given = text(*type, Side::kGiven);
  EXPECT_NE(given.find(R"({"enum":["none"]})"), std::string::npos) << given;
  EXPECT_NE(given.find(R"("tag":{"const":"circle"},"val":{"type":"boolean"})"), std::string::npos);
  EXPECT_EQ(
      text(*type, Side::kReturned),
      R"({"anyOf":[{"type":"object","properties":{"none":{"type":"null"}},"required":["none"],"additionalProperties":false},{"type":"object","properties":{"circle":{"type":"boolean"}},"required":["circle"],"additionalProperties":false}]})");
}

TEST(Schema2020Test, DoesNotRequireOptions) {
  Function function;
  function.name = "hello";
  function.params = {{"some-name", make_primitive(Kind::kString)},
                     {"greeting", make_option(make_primitive(Kind::kString))}};
  EXPECT_EQ(boost::json::serialize(parameters_schema_2020(function, Side::kGiven).at("required")),
            R"(["someName"])");
}

TEST(Schema2020Test, GivesExamplesOfEveryType) {
  EXPECT_EQ(boost::json::serialize(example(*point(), 0)), R"({"leftEdge":1,"label":"text"})");
  EXPECT_EQ(boost::json::serialize(
                example(*make_tuple({make_primitive(Kind::kF64), make_primitive(Kind::kChar)}), 0)),
            R"([1,"b"])");
  EXPECT_EQ(boost::json::serialize(example(*make_result(nullptr, nullptr), 0)), R"({"ok":null})");
  EXPECT_EQ(boost::json::serialize(example(*make_enum("colour", {"red", "dark-blue"}), 0)),
            R"("red")");
}

}  // namespace
}  // namespace every::wit
