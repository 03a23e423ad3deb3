#include "support.h"

namespace every::wit {
namespace {

using namespace test;
using ipld::Value;

struct Typed {
  std::string name;
  TypePtr type;
  std::string text;
  Value normalised;
};
class QueryTextTest : public testing::TestWithParam<Typed> {};
TEST_P(QueryTextTest, BecomesAValueOfTheType) {
  const auto parsed = parse_query_text(GetParam().text, *GetParam().type, "/a");
  ASSERT_TRUE(parsed.has_value()) << parsed.error().front().message;
  const auto out = normalise(*parsed, *GetParam().type, "/a", nullptr);
  ASSERT_TRUE(out.has_value()) << out.error().front().message;
  EXPECT_EQ(*out, GetParam().normalised);
}
INSTANTIATE_TEST_SUITE_P(
    Texts, QueryTextTest,
    testing::Values(
        Typed{"Number", p(Kind::kF64), "3.1", 3.1}, Typed{"Whole", p(Kind::kF64), "3.0", 3},
        Typed{"Exponent", p(Kind::kU32), "1e3", 1000}, Typed{"Negative", p(Kind::kS8), "-5", -5},
        Typed{"NegativeZero", p(Kind::kS8), "-0", 0},
        Typed{"BigU64", p(Kind::kU64), "18446744073709551615", std::uint64_t{UINT64_MAX}},
        Typed{"S64Min", p(Kind::kS64), "-9223372036854775808", std::int64_t{INT64_MIN}},
        Typed{"True", p(Kind::kBool), "true", true}, Typed{"False", p(Kind::kBool), "false", false},
        Typed{"TextThatIsANumber", p(Kind::kString), "5", "5"},
        Typed{"NoText", p(Kind::kString), "", ""}, Typed{"Char", p(Kind::kChar), "é", "é"},
        Typed{"Enum", color(), "darkBlue", "dark-blue"},
        Typed{"Base64", bytes_type(), "AQI=", bytes("\1\2")},
        Typed{"DataUri", bytes_type(), "data:,hi", bytes("hi")},
        Typed{"BytesAsJson", bytes_type(), "[1,2]", bytes("\1\2")},
        Typed{"BytesAsDagJson", bytes_type(), R"({"/":{"bytes":"AQI"}})", bytes("\1\2")},
        Typed{"List", make_list(p(Kind::kS32)), "[1,2.0]", json("[1,2]")},
        Typed{"Record", point(), R"({"xAt":1,"y":2})", json(R"({"x-at":1,"y":2})")},
        Typed{"Flags", permissions(), "writeAll,read", json(R"(["read","write-all"])")},
        Typed{"NoFlags", permissions(), "", json("[]")},
        Typed{"FlagsAsJson", permissions(), R"({"read":true})", json(R"(["read"])")},
        Typed{"Case", shape(), "nothing", json(R"({"nothing":null})")},
        Typed{"VariantAsJson", shape(), R"({"circle":1})", json(R"({"circle":1})")},
        Typed{"Option", make_option(p(Kind::kU8)), "5", 5},
        Typed{"None", make_option(p(Kind::kU8)), "null", nullptr},
        Typed{"OptionalText", make_option(p(Kind::kString)), "null", "null"},
        Typed{"NestedOption", nested_option(), "[null]", json("[null]")},
        Typed{"Result", make_result(p(Kind::kU8), nullptr), R"({"ok":1})", json("[1,null]")}),
    [](const auto& one) { return one.param.name; });

struct Untyped {
  std::string name;
  TypePtr type;
  std::string text;
  std::string keyword;
};
class BadQueryTextTest : public testing::TestWithParam<Untyped> {};
TEST_P(BadQueryTextTest, IsAViolationAtItsPath) {
  const auto parsed = parse_query_text(GetParam().text, *GetParam().type, "/a");
  ASSERT_FALSE(parsed.has_value());
  EXPECT_EQ(parsed.error().front().path, "/a");
  EXPECT_EQ(parsed.error().front().keyword, GetParam().keyword);
}
INSTANTIATE_TEST_SUITE_P(Texts, BadQueryTextTest,
                         testing::Values(Untyped{"NoNumber", p(Kind::kF64), "abc", "type"},
                                         Untyped{"Empty", p(Kind::kF64), "", "type"},
                                         Untyped{"Trailing", p(Kind::kU8), "5 ", "type"},
                                         Untyped{"Plus", p(Kind::kU8), "+5", "type"},
                                         Untyped{"NaN", p(Kind::kF64), "nan", "type"},
                                         Untyped{"Infinity", p(Kind::kF64), "inf", "type"},
                                         Untyped{"Overflow", p(Kind::kF64), "1e999", "type"},
                                         Untyped{"NoBoolean", p(Kind::kBool), "yes", "type"},
                                         Untyped{"NoJson", make_list(p(Kind::kS32)), "1,2",
                                                 "format"},
                                         Untyped{"BrokenJson", point(), "{", "format"}),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace every::wit
