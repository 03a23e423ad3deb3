#include <cmath>
#include <limits>

#include "support.h"

namespace every::wit {
namespace {

using namespace test;
using ipld::Value;

const char* const kLink = R"({"/":"bafkreifpuvdozlzwzpc2yhvf5aqzad7rnzme7ynqobfpokcqjdnohurjui"})";

struct Accepted {
  std::string name;
  TypePtr type;
  std::string given;
  Value normalised;
};
void PrintTo(const Accepted& one, std::ostream* out) {
  *out << one.given << " as " << render(*one.type);
}

class NormaliseTest : public testing::TestWithParam<Accepted> {};

TEST_P(NormaliseTest, GivesTheOneFormThatIsHashed) {
  const auto out = normalise(json(GetParam().given), *GetParam().type, "/0", nullptr);
  ASSERT_TRUE(out.has_value()) << out.error().front().path << " " << out.error().front().message;
  EXPECT_EQ(*out, GetParam().normalised);
}

TEST_P(NormaliseTest, LeavesThatFormAsItIs) {
  const auto again = normalise(GetParam().normalised, *GetParam().type, "/0", nullptr);
  ASSERT_TRUE(again.has_value()) << again.error().front().path << " "
                                 << again.error().front().message;
  EXPECT_EQ(*again, GetParam().normalised);
}

TEST_P(NormaliseTest, GivesWhatCanBecomeTheType) {
  const auto status = check(GetParam().normalised, *GetParam().type, "0");
  EXPECT_TRUE(status.has_value()) << status.error().message;
}

const auto named = [](const auto& one) { return one.param.name; };

INSTANTIATE_TEST_SUITE_P(
    Numbers, NormaliseTest,
    testing::Values(
        Accepted{"True", p(Kind::kBool), "true", true}, Accepted{"U8Max", p(Kind::kU8), "255", 255},
        Accepted{"S8Min", p(Kind::kS8), "-128", -128},
        Accepted{"U16Max", p(Kind::kU16), "65535", 65535},
        Accepted{"S16Min", p(Kind::kS16), "-32768", -32768},
        Accepted{"U32Max", p(Kind::kU32), "4294967295", std::int64_t{4294967295}},
        Accepted{"S32Min", p(Kind::kS32), "-2147483648", std::int64_t{-2147483648}},
        Accepted{"U64Max", p(Kind::kU64), "18446744073709551615", std::uint64_t{UINT64_MAX}},
        Accepted{"S64Min", p(Kind::kS64), "-9223372036854775808", std::int64_t{INT64_MIN}},
        Accepted{"IntegerAsFloat", p(Kind::kU8), "2.0", 2},
        Accepted{"IntegerWithExponent", p(Kind::kU32), "1e3", 1000},
        Accepted{"NegativeZero", p(Kind::kS32), "-0", 0},
        Accepted{"LargeIntegralFloat", p(Kind::kU64), "1e18", std::int64_t{1000000000000000000}},
        Accepted{"WholeF64", p(Kind::kF64), "2.0", 2}, Accepted{"F64", p(Kind::kF64), "3.1", 3.1},
        Accepted{"F64NegativeZero", p(Kind::kF64), "-0.0", 0},
        Accepted{"F64Exponent", p(Kind::kF64), "1e3", 1000},
        Accepted{"F64Safe", p(Kind::kF64), "9007199254740991", std::int64_t{9007199254740991}},
        Accepted{"F64SafeAsFloat", p(Kind::kF64), "9007199254740991.0",
                 std::int64_t{9007199254740991}},
        Accepted{"F64BeyondSafe", p(Kind::kF64), "9007199254740992", 9007199254740992.0},
        Accepted{"F64NegativeBeyondSafe", p(Kind::kF64), "-9007199254740993", -9007199254740992.0},
        Accepted{"F64Big", p(Kind::kF64), "1e300", 1e300},
        Accepted{"F32", p(Kind::kF32), "0.1", 0.1},
        Accepted{"F32Max", p(Kind::kF32), "3.4028234663852886e38", 3.4028234663852886e38}),
    named);

INSTANTIATE_TEST_SUITE_P(
    Text, NormaliseTest,
    testing::Values(Accepted{"String", p(Kind::kString), R"("héllo")", "héllo"},
                    Accepted{"EmptyString", p(Kind::kString), R"("")", ""},
                    Accepted{"NullAsText", p(Kind::kString), R"("null")", "null"},
                    Accepted{"Char", p(Kind::kChar), R"("é")", "é"},
                    Accepted{"Emoji", p(Kind::kChar), R"("😀")", "😀"},
                    Accepted{"Enum", color(), R"("dark-blue")", "dark-blue"},
                    Accepted{"EnumInCamelCase", color(), R"("darkBlue")", "dark-blue"}),
    named);

INSTANTIATE_TEST_SUITE_P(
    Bytes, NormaliseTest,
    testing::Values(
        Accepted{"AsBytes", bytes_type(), R"({"/":{"bytes":"AAH+/w"}})",
                 bytes(std::string_view("\0\1\xfe\xff", 4))},
        Accepted{"AsNumbers", bytes_type(), "[0,1.0,254,255]",
                 bytes(std::string_view("\0\1\xfe\xff", 4))},
        Accepted{"AsBase64", bytes_type(), R"("AAH+/w==")",
                 bytes(std::string_view("\0\1\xfe\xff", 4))},
        Accepted{"AsUrlSafeBase64", bytes_type(), R"("AAH-_w")",
                 bytes(std::string_view("\0\1\xfe\xff", 4))},
        Accepted{"AsDataUri", bytes_type(), R"("data:image/png;base64,AAH+/w==")",
                 bytes(std::string_view("\0\1\xfe\xff", 4))},
        Accepted{"AsPercentDataUri", bytes_type(), R"("data:text/plain,a%20b%C3%A9")",
                 bytes("a bé")},
        Accepted{"AsBareDataUri", bytes_type(), R"("data:,")", bytes("")},
        Accepted{"EmptyList", bytes_type(), "[]", bytes("")},
        Accepted{"EmptyText", bytes_type(), R"("")", bytes("")},
        Accepted{"AsLink", bytes_type(), kLink, json(kLink)},
        Accepted{"FixedOfNumbers", make_fixed_list(p(Kind::kU8), 2), "[1,2]", json("[1,2]")},
        Accepted{"FixedOfBytes", make_fixed_list(p(Kind::kU8), 2), R"({"/":{"bytes":"AQI"}})",
                 json("[1,2]")},
        Accepted{"FixedOfText", make_fixed_list(p(Kind::kU8), 2), R"("AQI=")", json("[1,2]")}),
    named);

INSTANTIATE_TEST_SUITE_P(
    Lists, NormaliseTest,
    testing::Values(
        Accepted{"List", make_list(p(Kind::kS32)), "[3,-1.0,2]", json("[3,-1,2]")},
        Accepted{"EmptyList", make_list(p(Kind::kS32)), "[]", json("[]")},
        Accepted{"TaggedLookingList", make_list(p(Kind::kString)), R"(["ok","b"])",
                 json(R"(["ok","b"])")},
        Accepted{"Matrix", make_list(make_list(p(Kind::kF64))), "[[1.0,2.5],[]]",
                 json("[[1,2.5],[]]")},
        Accepted{"FixedList", make_fixed_list(p(Kind::kU16), 3), "[1,2,3]", json("[1,2,3]")},
        Accepted{"Nullable", make_list(make_option(p(Kind::kU32))), "[1,null]", json("[1,null]")},
        Accepted{"Tuple", make_tuple({p(Kind::kU32), p(Kind::kString), p(Kind::kBool)}),
                 R"([7.0,"x",true])", json(R"([7,"x",true])")},
        Accepted{"PairsAsMap", string_pairs(), R"({"b":2.0,"a":1})", json(R"([["a",1],["b",2]])")},
        Accepted{"PairsAsPairs", string_pairs(), R"([["b",2],["a",1],["b",3]])",
                 json(R"([["b",2],["a",1],["b",3]])")},
        Accepted{"NumberPairs", make_list(make_tuple({p(Kind::kU8), p(Kind::kU8)})), "[[1,2]]",
                 json("[[1,2]]")},
        Accepted{"MapAsMap", make_map(p(Kind::kString), p(Kind::kBool)), R"({"x":true})",
                 json(R"([["x",true]])")},
        Accepted{"MapAsPairs", make_map(p(Kind::kString), p(Kind::kBool)), R"([["x",true]])",
                 json(R"([["x",true]])")},
        Accepted{"MapWithNumberKeys", make_map(p(Kind::kU32), p(Kind::kBool)), R"({"12":true})",
                 json("[[12,true]]")}),
    named);

INSTANTIATE_TEST_SUITE_P(
    Records, NormaliseTest,
    testing::Values(
        Accepted{"CamelCase", point(), R"({"xAt":1,"y":-2})", json(R"({"x-at":1,"y":-2})")},
        Accepted{"KebabCase", point(), R"({"x-at":1.0,"y":-2})", json(R"({"x-at":1,"y":-2})")},
        Accepted{"AbsentOption", person(), R"({"name":"A","homeTown":{"xAt":1,"y":2}})",
                 json(R"({"name":"A","age":null,"home-town":{"x-at":1,"y":2}})")},
        Accepted{"GivenOption", person(), R"({"name":"A","age":3.0,"home-town":{"x-at":1,"y":2}})",
                 json(R"({"name":"A","age":3,"home-town":{"x-at":1,"y":2}})")}),
    named);

INSTANTIATE_TEST_SUITE_P(
    Variants, NormaliseTest,
    testing::Values(
        Accepted{"TagAndValue", shape(), R"({"tag":"circle","val":2.0})", json(R"({"circle":2})")},
        Accepted{"CaseAsKey", shape(), R"({"circle":1.5})", json(R"({"circle":1.5})")},
        Accepted{"CamelCaseTag", shape(), R"({"tag":"twoPart","val":[{"xAt":1,"y":2}]})",
                 json(R"({"two-part":[{"x-at":1,"y":2}]})")},
        Accepted{"CamelCaseKey", shape(), R"({"twoPart":[]})", json(R"({"two-part":[]})")},
        Accepted{"TagWithoutPayload", shape(), R"({"tag":"nothing"})", json(R"({"nothing":null})")},
        Accepted{"KeyWithoutPayload", shape(), R"({"nothing":null})", json(R"({"nothing":null})")},
        Accepted{"NameWithoutPayload", shape(), R"("nothing")", json(R"({"nothing":null})")},
        Accepted{"AbsentOptionalPayload", shape(), R"({"tag":"maybe"})", json(R"({"maybe":null})")},
        Accepted{"CaseCalledTag",
                 make_variant("v", {{"tag", p(Kind::kString), ""}, {"x", nullptr, ""}}),
                 R"({"tag":"x"})", json(R"({"tag":"x"})")},
        Accepted{"CaseCalledTagInTagForm",
                 make_variant("v", {{"tag", p(Kind::kString), ""}, {"x", nullptr, ""}}),
                 R"({"tag":"tag","val":"y"})", json(R"({"tag":"y"})")}),
    named);

INSTANTIATE_TEST_SUITE_P(
    Flags, NormaliseTest,
    testing::Values(
        Accepted{"Object", permissions(), R"({"writeAll":true,"read":true,"execute":false})",
                 json(R"(["read","write-all"])")},
        Accepted{"List", permissions(), R"(["execute","read","execute"])",
                 json(R"(["read","execute"])")},
        Accepted{"CamelCaseList", permissions(), R"(["writeAll"])", json(R"(["write-all"])")},
        Accepted{"None", permissions(), "[]", json("[]")},
        Accepted{"EmptyObject", permissions(), "{}", json("[]")}),
    named);

INSTANTIATE_TEST_SUITE_P(
    Options, NormaliseTest,
    testing::Values(Accepted{"None", make_option(p(Kind::kU32)), "null", nullptr},
                    Accepted{"Some", make_option(p(Kind::kU32)), "3.0", 3},
                    Accepted{"NestedNone", nested_option(), "null", nullptr},
                    Accepted{"NestedSomeNone", nested_option(), "[null]", json("[null]")},
                    Accepted{"NestedSome", nested_option(), "[3.0]", json("[3]")},
                    Accepted{"ThreeDeep", make_option(nested_option()), "[[null]]",
                             json("[[null]]")}),
    named);

const auto both = [] { return make_result(p(Kind::kU32), p(Kind::kString)); };
const auto ok_only = [] { return make_result(p(Kind::kU32), nullptr); };
const auto error_only = [] { return make_result(nullptr, p(Kind::kString)); };
const auto neither = [] { return make_result(nullptr, nullptr); };

INSTANTIATE_TEST_SUITE_P(
    Results, NormaliseTest,
    testing::Values(Accepted{"OkPair", both(), "[7.0,null]", json("[7,null]")},
                    Accepted{"ErrPair", both(), R"([null,"bad"])", json(R"([null,"bad"])")},
                    Accepted{"OkObject", both(), R"({"ok":7})", json("[7,null]")},
                    Accepted{"ErrObject", both(), R"({"err":"bad"})", json(R"([null,"bad"])")},
                    Accepted{"OkTag", both(), R"({"tag":"ok","val":7})", json("[7,null]")},
                    Accepted{"ErrTag", both(), R"({"tag":"err","val":"bad"})",
                             json(R"([null,"bad"])")},
                    Accepted{"OkOnlyErr", ok_only(), R"({"err":null})", json("[null,1]")},
                    Accepted{"OkOnlyErrTag", ok_only(), R"({"tag":"err"})", json("[null,1]")},
                    Accepted{"OkOnlyErrPair", ok_only(), "[null,1.0]", json("[null,1]")},
                    Accepted{"ErrOnlyOk", error_only(), R"({"ok":null})", json("[1,null]")},
                    Accepted{"NeitherOk", neither(), "[1,null]", json("[1,null]")},
                    Accepted{"NeitherErr", neither(), R"({"tag":"err"})", json("[null,1]")},
                    Accepted{"OkNone", make_result(make_option(p(Kind::kU8)), p(Kind::kString)),
                             R"({"ok":null})", json("[null,null]")}),
    named);

struct Refused {
  std::string name;
  TypePtr type;
  std::string given;
  std::string path;
  std::string keyword;
  std::string message;
};
void PrintTo(const Refused& one, std::ostream* out) {
  *out << one.given << " as " << render(*one.type);
}

class RefusedTest : public testing::TestWithParam<Refused> {};

TEST_P(RefusedTest, SaysWhatIsWrongWhere) {
  const auto out = normalise(json(GetParam().given), *GetParam().type, "/0", nullptr);
  ASSERT_FALSE(out.has_value());
  EXPECT_EQ(out.error().front().path, GetParam().path);
  EXPECT_EQ(out.error().front().keyword, GetParam().keyword);
  EXPECT_EQ(out.error().front().message, GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Scalars, RefusedTest,
    testing::Values(
        Refused{"BoolFromNumber", p(Kind::kBool), "1", "/0", "type", "must be boolean"},
        Refused{"U8Over", p(Kind::kU8), "256", "/0", "maximum", "must be <= 255"},
        Refused{"U8Under", p(Kind::kU8), "-1", "/0", "minimum", "must be >= 0"},
        Refused{"S8Under", p(Kind::kS8), "-129", "/0", "minimum", "must be >= -128"},
        Refused{"U64Over", p(Kind::kU64), "18446744073709551616", "/0", "maximum",
                "must be <= 18446744073709551615"},
        Refused{"S64Over", p(Kind::kS64), "9223372036854775808", "/0", "maximum",
                "must be <= 9223372036854775807"},
        Refused{"HugeNegative", p(Kind::kS64), "-1e300", "/0", "minimum",
                "must be >= -9223372036854775808"},
        Refused{"Fraction", p(Kind::kS32), "1.5", "/0", "type", "must be integer"},
        Refused{"TextAsNumber", p(Kind::kS32), R"("1")", "/0", "type", "must be number"},
        Refused{"NullAsNumber", p(Kind::kF64), "null", "/0", "type", "must be number"},
        Refused{"BoolAsF64", p(Kind::kF64), "true", "/0", "type", "must be number"},
        Refused{"F32Over", p(Kind::kF32), "3.5e38", "/0", "maximum",
                "must be <= 3.4028234663852886e+38"},
        Refused{"F32Under", p(Kind::kF32), "-1e300", "/0", "minimum",
                "must be >= -3.4028234663852886e+38"},
        Refused{"NumberAsString", p(Kind::kString), "1", "/0", "type", "must be string"},
        Refused{"LinkAsString", p(Kind::kString), kLink, "/0", "type", "must be string"},
        Refused{"TwoCharacters", p(Kind::kChar), R"("ab")", "/0", "maxLength",
                "must NOT have more than 1 characters"},
        Refused{"NoCharacter", p(Kind::kChar), R"("")", "/0", "minLength",
                "must NOT have fewer than 1 characters"},
        Refused{"UnknownEnum", color(), R"("mauve")", "/0", "enum",
                "must be equal to one of the allowed values"},
        Refused{"EnumFromNumber", color(), "1", "/0", "type", "must be string"},
        Refused{"Future", p(Kind::kFuture), "1", "/0", "unsupported",
                "no value can be given for future"}),
    named);

INSTANTIATE_TEST_SUITE_P(
    Compounds, RefusedTest,
    testing::Values(
        Refused{"NotBase64", bytes_type(), R"("a b!")", "/0", "format",
                "must be base64 text, a data: URI or an array of numbers"},
        Refused{"NotADataUri", bytes_type(), R"("data:nothing")", "/0", "format",
                "must be base64 text, a data: URI or an array of numbers"},
        Refused{"NoByte", bytes_type(), "[1,256]", "/0/1", "maximum", "must be <= 255"},
        Refused{"BytesFromNumber", bytes_type(), "5", "/0", "type", "must be array"},
        Refused{"ListFromText", make_list(p(Kind::kS32)), R"("1,2")", "/0", "type",
                "must be array"},
        Refused{"WrongElement", make_list(make_list(p(Kind::kS32))), R"([[1],[2,"x"]])", "/0/1/1",
                "type", "must be number"},
        Refused{"FixedTooShort", make_fixed_list(p(Kind::kU16), 3), "[1]", "/0", "minItems",
                "must NOT have fewer than 3 items"},
        Refused{"FixedTooLong", make_fixed_list(p(Kind::kU8), 1), "[1,2]", "/0", "maxItems",
                "must NOT have more than 1 items"},
        Refused{"TupleTooShort", make_tuple({p(Kind::kU8), p(Kind::kU8)}), "[1]", "/0", "minItems",
                "must NOT have fewer than 2 items"},
        Refused{"TupleTooLong", make_tuple({p(Kind::kU8)}), "[1,2]", "/0", "maxItems",
                "must NOT have more than 1 items"},
        Refused{"PairTooLong", string_pairs(), R"([["a",1,2]])", "/0/0", "maxItems",
                "must NOT have more than 2 items"},
        Refused{"MapValue", string_pairs(), R"({"a/b":"x"})", "/0/a~1b", "type", "must be number"},
        Refused{"MapKey", make_map(p(Kind::kU8), p(Kind::kBool)), R"({"x":true})", "/0/x",
                "propertyNames", "property name must be valid: must be number"},
        Refused{"MapKeyRange", make_map(p(Kind::kU8), p(Kind::kBool)), R"({"300":true})", "/0/300",
                "maximum", "must be <= 255"},
        Refused{"RecordFromList", point(), "[1,2]", "/0", "type", "must be object"},
        Refused{"MissingField", point(), R"({"y":1})", "/0", "required",
                "must have required property 'xAt'"},
        Refused{"SurplusField", point(), R"({"xAt":1,"y":1,"z":1})", "/0", "additionalProperties",
                "must NOT have additional properties"},
        Refused{"FieldTwice", point(), R"({"xAt":1,"x-at":1,"y":1})", "/0", "additionalProperties",
                "must NOT have additional properties"},
        Refused{"WrongField", person(), R"({"name":"A","homeTown":{"xAt":true,"y":1}})",
                "/0/homeTown/xAt", "type", "must be number"},
        Refused{"UnknownCase", shape(), R"({"tag":"oval","val":1})", "/0/tag", "enum",
                "must be equal to one of the allowed values"},
        Refused{"UnknownCaseKey", shape(), R"({"oval":1})", "/0", "enum",
                "must be equal to one of the allowed values"},
        Refused{"UnknownCaseName", shape(), R"("oval")", "/0", "enum",
                "must be equal to one of the allowed values"},
        Refused{"CaseWithoutPayload", shape(), R"({"tag":"circle"})", "/0", "required",
                "must have required property 'val'"},
        Refused{"PayloadForNone", shape(), R"({"nothing":1})", "/0/nothing", "type",
                "must be null"},
        Refused{"WrongPayload", shape(), R"({"tag":"circle","val":"x"})", "/0/val", "type",
                "must be number"},
        Refused{
            "TwoCases", shape(), R"({"circle":1,"nothing":null})", "/0", "oneOf",
            "must be {\"tag\": …, \"val\": …} or an object with the case's name as its one key"},
        Refused{"UnknownFlag", permissions(), R"(["fly"])", "/0/0", "enum",
                "must be equal to one of the allowed values"},
        Refused{"UnknownFlagKey", permissions(), R"({"fly":true})", "/0", "additionalProperties",
                "must NOT have additional properties"},
        Refused{"FlagNoBoolean", permissions(), R"({"read":1})", "/0/read", "type",
                "must be boolean"},
        Refused{"FlagsFromText", permissions(), R"("read")", "/0", "type", "must be object"},
        Refused{"BareNestedOption", nested_option(), "3", "/0", "type",
                "must be null, [null] or [value], as an option inside an option"},
        Refused{"ResultOfThree", both(), "[1,null,null]", "/0", "maxItems",
                "must NOT have more than 2 items"},
        Refused{"ResultOfBoth", both(), R"([1,"x"])", "/0", "oneOf",
                "must be [value, null] for ok or [null, value] for err; a side without payload is "
                "written 1"},
        Refused{"ResultOfNothing", neither(), "[null,null]", "/0", "oneOf",
                "must be [value, null] for ok or [null, value] for err; a side without payload is "
                "written 1"},
        Refused{"ResultWrongSide", both(), R"({"ok":"x"})", "/0/ok", "type", "must be number"},
        Refused{"ResultOtherKey", both(), R"({"okay":1})", "/0", "oneOf",
                "must be {\"ok\": …} or {\"err\": …}"},
        Refused{"ResultFromNumber", both(), "5", "/0", "type", "must be object"},
        Refused{"ResultPayloadForNone", ok_only(), R"({"err":"x"})", "/0/err", "type",
                "must be null"}),
    named);

TEST(NormaliseTest, EveryViolationIsFoundUpToAHundred) {
  EXPECT_EQ(normalise(json(R"(["a",1,"b"])"), *make_list(p(Kind::kU8)), "", nullptr).error().size(),
            2U);
  EXPECT_EQ(
      normalise(ipld::List(1000, Value("x")), *make_list(p(Kind::kU8)), "", nullptr).error().size(),
      100U);
}

TEST(NormaliseTest, ParametersOfAViolationAreTheOriginals) {
  EXPECT_EQ(normalise(json("256"), *p(Kind::kU8), "", nullptr).error()[0].params,
            (ipld::Map{{"comparison", "<="}, {"limit", 255}}));
  EXPECT_EQ(normalise(json("[]"), *make_tuple({p(Kind::kU8)}), "", nullptr).error()[0].params,
            (ipld::Map{{"limit", 1}}));
  EXPECT_EQ(normalise(json(R"("x")"), *color(), "", nullptr).error()[0].params,
            (ipld::Map{{"allowedValues", ipld::List{"red", "dark-blue"}}}));
}

TEST(NormaliseTest, NumbersThatAreNoneAreRefused) {
  for (const double number : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    EXPECT_FALSE(normalise(number, *p(Kind::kF64), "", nullptr).has_value());
    EXPECT_FALSE(normalise(number, *p(Kind::kS32), "", nullptr).has_value());
  }
}

/// Awaits stand in for any value, at any level.
class DeferredTest
    : public testing::TestWithParam<std::pair<TypePtr, std::pair<const char*, const char*>>> {};
TEST_P(DeferredTest, IsLeftUntouched) {
  const IsDeferred deferred = [](const Value& value) {
    return value.if_map() != nullptr && value.if_map()->find("await/ok") != nullptr;
  };
  const auto out = normalise(json(GetParam().second.first), *GetParam().first, "", deferred);
  ASSERT_TRUE(out.has_value()) << out.error().front().message;
  EXPECT_EQ(*out, json(GetParam().second.second));
}
#define A R"({"await/ok":1})"
INSTANTIATE_TEST_SUITE_P(
    Places, DeferredTest,
    testing::Values(
        std::pair(p(Kind::kF64), std::pair(A, A)), std::pair(bytes_type(), std::pair(A, A)),
        std::pair(bytes_type(), std::pair("[1.0," A ",2]", "[1," A ",2]")),
        std::pair(make_list(p(Kind::kS32)), std::pair("[1.0," A "]", "[1," A "]")),
        std::pair(string_pairs(), std::pair(R"({"k":)" A "}", R"([["k",)" A "]]")),
        std::pair(string_pairs(), std::pair("[" A "]", "[" A "]")),
        std::pair(string_pairs(), std::pair(A, A)),
        std::pair(point(), std::pair(R"({"xAt":)" A R"(,"y":1})", R"({"x-at":)" A R"(,"y":1})")),
        std::pair(shape(), std::pair(R"({"tag":"circle","val":)" A "}", R"({"circle":)" A "}")),
        std::pair(permissions(), std::pair(R"(["writeAll",)" A "]", R"(["write-all",)" A "]")),
        std::pair(nested_option(), std::pair("[" A "]", "[" A "]")),
        std::pair(both(), std::pair(R"({"ok":)" A "}", "[" A ",null]")),
        std::pair(make_tuple({p(Kind::kU8), p(Kind::kU8)}),
                  std::pair("[" A ",2.0]", "[" A ",2]"))));

}  // namespace
}  // namespace every::wit
