// The conversion alone, without a guest: what comes back is what went in, and damage is an error.
#include "flat_values.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "every/ipld/dag_json.h"

namespace every::wasm {
namespace {

using core::ErrorCode;
using ipld::List;
using ipld::Value;
using wit::Kind;
using wit::TypePtr;

TypePtr primitive(Kind kind) {
  return wit::make_primitive(kind);
}

struct Case {
  std::string name;
  TypePtr type;
  std::string in;
  std::string out;  // empty: the same
};

std::vector<Case> cases() {
  const auto u8 = primitive(Kind::kU8);
  const auto u32 = primitive(Kind::kU32);
  const auto text = primitive(Kind::kString);
  const auto option = wit::make_option(u32);
  const auto shape = wit::make_variant(
      "shape",
      {{"dot", nullptr, {}}, {"circle", primitive(Kind::kF64), {}}, {"maybe", option, {}}});
  const auto point = wit::make_record("point", {{"zz", u32, {}}, {"a", option, {}}});
  std::vector<std::string> many;
  for (int i = 0; i < 70; ++i) many.push_back("f" + std::to_string(i));
  return {
      {"IntegralFloatForAnInteger", u32, "2.0", "2"},
      {"UnsignedMaximum", primitive(Kind::kU64), "18446744073709551615", ""},
      {"SignedMinimum", primitive(Kind::kS64), "-9223372036854775808", ""},
      {"IntegerForAFloat", primitive(Kind::kF64), "3", "3.0"},
      {"ShortestF32", primitive(Kind::kF32), "3883.2", ""},
      {"SmallestF32", primitive(Kind::kF32), "1e-45", ""},
      {"FourByteChar", primitive(Kind::kChar), R"("😀")", ""},
      {"NullAsText", text, R"("null")", ""},
      {"LinkAsText", text, R"({"/":"bafkqaaa"})", R"("bafkqaaa")"},
      {"BytesAsText", text, R"({"/":{"bytes":"AQI"}})", R"("AQI")"},
      {"BytesFromIntegers", wit::make_list(u8), "[1,255]", R"({"/":{"bytes":"Af8"}})"},
      {"EmptyBytes", wit::make_list(u8), "[]", R"({"/":{"bytes":""}})"},
      {"ListThatLooksLikeAResult", wit::make_list(text), R"(["ok","b"])", ""},
      {"PairsFromAMap", wit::make_list(wit::make_tuple({text, u32})), R"({"b":2,"a":1})",
       R"([["a",1],["b",2]])"},
      {"MapFromAMapWithNumbersForKeys", wit::make_map(u32, text), R"({"2":"b"})", R"([[2,"b"]])"},
      {"MapOfNumbers", wit::make_map(u32, text), R"([[2,"b"],[1,"a"],[2,"c"]])", ""},
      {"FixedBytes", wit::make_fixed_list(u8, 2), R"({"/":{"bytes":"AQI"}})", "[1,2]"},
      {"UnknownFieldIsLeftOut", point, R"({"a":2,"zz":1,"b":3})", R"({"a":2,"zz":1})"},
      {"AbsentOptionField", point, R"({"zz":1})", R"({"a":null,"zz":1})"},
      {"VariantWithoutPayload", shape, R"({"dot":null})", ""},
      {"VariantWithPayload", shape, R"({"circle":1.5})", ""},
      {"VariantWithAbsentPayload", shape, R"({"maybe":null})", ""},
      {"Enum", wit::make_enum("color", {"red", "dark-blue"}), R"("dark-blue")", ""},
      {"FlagsInDeclarationOrder", wit::make_flags("many", many), R"(["f69","f0","f32"])",
       R"(["f0","f32","f69"])"},
      {"NestedNone", wit::make_option(option), "null", ""},
      {"NestedSomeNone", wit::make_option(option), "[null]", ""},
      {"NestedSome", wit::make_option(option), "[5]", ""},
      {"ThreeOptions", wit::make_option(wit::make_option(option)), "[[null]]", ""},
      {"Ok", wit::make_result(u32, text), "[7,null]", ""},
      {"Err", wit::make_result(u32, text), R"([null,"bad"])", ""},
      {"OkNone", wit::make_result(option, text), "[null,null]", ""},
      {"ErrNone", wit::make_result(nullptr, option), "[null,null]", ""},
      {"OkWithoutPayload", wit::make_result(nullptr, nullptr), "[1,null]", ""},
      {"ErrWithoutPayload", wit::make_result(u32, nullptr), "[null,1]", ""},
      {"ErrNoneBesideANumber", wit::make_result(u32, option), "[null,null]", ""},
      {"OkNoneOfTwoOptions", wit::make_result(option, option), "[null,null]", ""},
  };
}

class FlatValuesTest : public ::testing::TestWithParam<Case> {};

TEST_P(FlatValuesTest, GoesInAndComesOut) {
  const auto in = ipld::dag_json::decode(GetParam().in);
  const auto expected =
      ipld::dag_json::decode(GetParam().out.empty() ? GetParam().in : GetParam().out);
  ASSERT_TRUE(in && expected);
  core::Bytes flat;
  const auto status = encode_flat(*in, *GetParam().type, {}, flat);
  ASSERT_TRUE(status) << status.error().message;
  const auto out = decode_flat(flat, *GetParam().type);
  ASSERT_TRUE(out) << out.error().message;
  EXPECT_EQ(*out, *expected) << *ipld::dag_json::encode(*out);
}

TEST_P(FlatValuesTest, CutShortIsAnErrorAtEveryByte) {
  core::Bytes flat;
  ASSERT_TRUE(encode_flat(*ipld::dag_json::decode(GetParam().in), *GetParam().type, {}, flat));
  for (std::size_t size = 0; size < flat.size(); ++size) {
    EXPECT_FALSE(decode_flat(core::BytesView(flat).first(size), *GetParam().type)) << size;
  }
}

INSTANTIATE_TEST_SUITE_P(Values, FlatValuesTest, ::testing::ValuesIn(cases()),
                         [](const auto& row) { return row.param.name; });

struct Refusal {
  std::string name;
  TypePtr type;
  std::string in;
  std::string text;
};

class FlatValuesRefusalTest : public ::testing::TestWithParam<Refusal> {};

TEST_P(FlatValuesRefusalTest, NamesPathTypeAndValue) {
  core::Bytes flat;
  const auto status =
      encode_flat(*ipld::dag_json::decode(GetParam().in), *GetParam().type, {}, flat);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(status.error().message, GetParam().text);
}

std::vector<Refusal> refusals() {
  const auto u32 = primitive(Kind::kU32);
  const auto point = wit::make_record("point", {{"x", u32, {}}});
  const auto nested = wit::make_option(wit::make_option(u32));
  return {
      {"Fraction", u32, "1.5", "expected u32, got float 1.5"},
      {"Negative", u32, "-1", "expected u32, got integer -1 (out of range)"},
      {"TextForANumber", u32, R"("1")", "expected u32, got string \"1\""},
      {"NullForText", primitive(Kind::kString), "null", "expected string, got null"},
      {"NumberForABool", primitive(Kind::kBool), "1", "expected bool, got integer 1"},
      {"TwoCharacters", primitive(Kind::kChar), R"("ab")",
       "expected char, got string \"ab\" (exactly one character)"},
      {"TooLargeForF32", primitive(Kind::kF32), "1e300",
       "expected f32, got float 1e300 (out of range)"},
      {"DeepInside", wit::make_list(point), R"([{"x":1},{"x":"y"}])",
       "at /1/x: expected u32, got string \"y\""},
      {"MissingField", point, "{}", "expected point, got map {} (field `x` is missing)"},
      {"KeyOfTheWrongType", wit::make_map(u32, u32), R"({"x":1})",
       "at /x: expected u32, got string \"x\" (as a key)"},
      {"BareNestedOption", nested, "3",
       "expected option<option<u32>>, got integer 3 (null, [null] or [value])"},
      {"BothSidesOfAResult", wit::make_result(u32, u32), "[1,2]",
       "expected result<u32, u32>, got list [1,2] ([value, null] or [null, error])"},
  };
}

INSTANTIATE_TEST_SUITE_P(Values, FlatValuesRefusalTest, ::testing::ValuesIn(refusals()),
                         [](const auto& row) { return row.param.name; });

TEST(FlatResultTest, AnErrNoneThatLooksLikeAnOkNoneIsRefused) {
  const auto option = wit::make_option(primitive(Kind::kU32));
  const auto value = decode_flat(core::Bytes{1, 0}, *wit::make_result(option, option));
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code, ErrorCode::kGuestTrap);
}

TEST(FlatResultTest, MoreValuesThanTheNodeHoldsAreRefusedBeforeTheyAreMade) {
  const auto pair = wit::make_tuple({primitive(Kind::kU8), primitive(Kind::kU8)});
  core::Bytes flat(4 + 2'000'000, 0);
  flat[1] = 0x42;  // 0x0f4240 pairs
  flat[0] = 0x40;
  flat[2] = 0x0f;
  const auto value = decode_flat(flat, *wit::make_list(pair));
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code, ErrorCode::kResourceExhausted);
  EXPECT_NE(value.error().message.find("128 MiB"), std::string::npos);
  EXPECT_TRUE(decode_flat(flat, *wit::make_list(primitive(Kind::kU16))));
}

TEST(FlatCharsTest, SurrogatesAndWhatIsBeyondUnicodeAreRefused) {
  for (const core::Bytes& flat :
       {core::Bytes{0, 0xd8, 0, 0}, core::Bytes{0xff, 0xdf, 0, 0}, core::Bytes{0, 0, 0x11, 0}}) {
    const auto value = decode_flat(flat, *primitive(Kind::kChar));
    ASSERT_FALSE(value);
    EXPECT_EQ(value.error().code, ErrorCode::kInternal);
  }
}

TEST(FlatFloatsTest, NaNAndInfinityAreNamedWithTheirPlace) {
  core::Bytes flat = {2, 0, 0, 0};
  for (const double number : {1.0, std::numeric_limits<double>::quiet_NaN()}) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(&number);
    flat.insert(flat.end(), bytes, bytes + sizeof(number));
  }
  const auto value = decode_flat(flat, *wit::make_list(primitive(Kind::kF64)));
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code, ErrorCode::kGuestTrap);
  EXPECT_THAT(value.error().message, ::testing::HasSubstr("at /1 NaN"));
}

}  // namespace
}  // namespace every::wasm
