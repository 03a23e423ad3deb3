#include <cmath>
#include <limits>

#include "support.h"

namespace every::wit {
namespace {

using namespace test;

const char* const kLink = R"({"/":"bafkreifpuvdozlzwzpc2yhvf5aqzad7rnzme7ynqobfpokcqjdnohurjui"})";

struct Fits {
  std::string name;
  TypePtr type;
  std::string given;
};
class CheckTest : public testing::TestWithParam<Fits> {};
TEST_P(CheckTest, TakesTheFullForm) {
  const auto status = check(json(GetParam().given), *GetParam().type, "0");
  EXPECT_TRUE(status.has_value()) << status.error().message;
}
INSTANTIATE_TEST_SUITE_P(
    Values, CheckTest,
    testing::Values(
        Fits{"IntegralFloat", p(Kind::kU8), "2.0"}, Fits{"IntegerForF32", p(Kind::kF32), "7"},
        Fits{"FloatForF64", p(Kind::kF64), "2.0"},
        Fits{"BigU64", p(Kind::kU64), "18446744073709551615"},
        Fits{"BytesAsList", bytes_type(), "[1,2]"}, Fits{"EmptyBytesAsList", bytes_type(), "[]"},
        Fits{"BytesAsLink", bytes_type(), kLink}, Fits{"PairsAsMap", string_pairs(), R"({"a":1})"},
        Fits{"AbsentOption", person(), R"({"name":"A","home-town":{"x-at":1,"y":2}})"},
        Fits{"SurplusField", point(), R"({"x-at":1,"y":2,"z":3})"},
        Fits{"NestedOption", nested_option(), "[null]"},
        Fits{"FixedBytes", make_fixed_list(p(Kind::kU8), 2), R"({"/":{"bytes":"AQI"}})"},
        Fits{"IgnoredPayload", shape(), R"({"nothing":1})"},
        Fits{"ResultWithoutPayload", make_result(nullptr, nullptr), "[true,null]"}),
    [](const auto& one) { return one.param.name; });

struct Misfit {
  std::string name;
  TypePtr type;
  std::string given;
  std::string message;
};
class MisfitTest : public testing::TestWithParam<Misfit> {};
TEST_P(MisfitTest, IsNamedWithPathTypeAndValue) {
  const auto status = check(json(GetParam().given), *GetParam().type, "/1");
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, core::ErrorCode::kInvalidArgument);
  EXPECT_EQ(status.error().message, GetParam().message);
}
INSTANTIATE_TEST_SUITE_P(
    Values, MisfitTest,
    testing::Values(
        Misfit{"Over", p(Kind::kU8), "256", "at /1: expected u8, got integer 256 (0 to 255)"},
        Misfit{"Negative", p(Kind::kU8), "-1", "at /1: expected u8, got integer -1 (0 to 255)"},
        Misfit{"Fraction", p(Kind::kS32), "1.5",
               "at /1: expected s32, got float 1.5 (a whole number)"},
        Misfit{"HugeFloat", p(Kind::kU64), "1e300",
               "at /1: expected u64, got float 1e300 (0 to 18446744073709551615)"},
        Misfit{"TextForNumber", p(Kind::kS32), R"("1")", "at /1: expected s32, got string \"1\""},
        Misfit{"NullForBool", p(Kind::kBool), "null", "at /1: expected bool, got null"},
        Misfit{"F32Over", p(Kind::kF32), "1e39",
               "at /1: expected f32, got float 1e39 (too large for 32 bits)"},
        Misfit{"TwoCharacters", p(Kind::kChar), R"("ab")",
               "at /1: expected char, got string \"ab\" (a char is exactly one character)"},
        Misfit{"Enum", color(), R"("darkBlue")",
               "at /1: expected color, got string \"darkBlue\" (one of red and dark-blue)"},
        Misfit{"Base64ForBytes", bytes_type(), R"("AQI=")",
               "at /1: expected list<u8>, got string \"AQI=\""},
        Misfit{"Element", make_list(p(Kind::kS32)), R"([1,"x"])",
               "at /1/1: expected s32, got string \"x\""},
        Misfit{"CamelCaseField", point(), R"({"xAt":1,"y":1})",
               "at /1: expected point, got map {\"xAt\":1,\"y\":1} (the field `x-at` is missing)"},
        Misfit{"Field", point(), R"({"x-at":1,"y":true})", "at /1/y: expected s32, got bool true"},
        Misfit{"TagForm", shape(), R"({"tag":"circle","val":1})",
               "at /1: expected shape, got map {\"tag\":\"circle\",\"val\":1} (a map with the case "
               "as its one key)"},
        Misfit{"Case", shape(), R"({"oval":1})",
               "at /1: expected shape, got map {\"oval\":1} (one of circle, two-part, nothing and "
               "maybe)"},
        Misfit{"Flag", permissions(), R"(["fly"])",
               "at /1/0: expected a flag of permissions, got string \"fly\" (one of read, "
               "write-all and execute)"},
        Misfit{"NestedOption", nested_option(), "3",
               "at /1: expected option<option<u32>>, got integer 3 (null, [null] or [value])"},
        Misfit{"Result", make_result(p(Kind::kU8), nullptr), "[1,2]",
               "at /1: expected result<u8>, got list [1,2] ([value, null] or [null, value])"},
        Misfit{"ResultPayload", make_result(p(Kind::kU8), nullptr), R"(["x",null])",
               "at /1/0: expected u8, got string \"x\""},
        Misfit{"Tuple", make_tuple({p(Kind::kU8), p(Kind::kU8)}), "[1]",
               "at /1: expected tuple<u8, u8>, got list [1] (a list of 2)"},
        Misfit{"Pair", string_pairs(), R"([["a"]])",
               "at /1/0: expected a list of 2, got list [\"a\"]"},
        Misfit{"MapKey", make_map(p(Kind::kU8), p(Kind::kU8)), R"({"x":1})",
               "at /1/x: expected a key of type u8, got string \"x\""},
        Misfit{"FixedLength", make_fixed_list(p(Kind::kU16), 2), "[1]",
               "at /1: expected list<u16, 2>, got list [1]"},
        Misfit{"LinkForString", p(Kind::kString), kLink,
               "at /1: expected string, got link " + std::string(kLink)}),
    [](const auto& one) { return one.param.name; });

TEST(CheckTest, NotANumberAndInfinitiesAreNamed) {
  EXPECT_EQ(check(std::nan(""), *p(Kind::kF64), "/0").error().message,
            "at /0: expected f64, got float NaN (a finite number)");
  EXPECT_EQ(check(-std::numeric_limits<double>::infinity(), *p(Kind::kF64), "/0").error().message,
            "at /0: expected f64, got float -Infinity (a finite number)");
}

TEST(CheckTest, LongValuesAreNotPrinted) {
  EXPECT_EQ(check(core::Bytes(1000), *p(Kind::kString), "/0").error().message,
            "at /0: expected string, got bytes of length 1000");
  EXPECT_LT(check(std::string(1000, 'x'), *p(Kind::kU8), "/0").error().message.size(), 200U);
}

}  // namespace
}  // namespace every::wit
