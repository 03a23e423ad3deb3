#include "every/ipld/dag_json.h"

#include <limits>

#include <gtest/gtest.h>

namespace every::ipld::dag_json {
namespace {

using core::ErrorCode;

constexpr const char* kCid = "bafkqabiaaebagba";

ErrorCode failure_of(std::string_view text, Strictness strictness = Strictness::kRequest) {
  const auto value = decode(text, strictness);
  return value ? ErrorCode::kInternal : value.error().code;
}

std::string text_of(const Value& value) {
  const auto text = encode(value);
  return text ? *text : text.error().message;
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

// Floats as the original prints them: a point up to 10^16 and down to 10^-5, shortest digits.
TEST(DagJsonTest, WritesFloatsAsTheOriginal) {
  const std::vector<std::pair<double, std::string>> cases{
      {5, "5.0"},
      {0, "0.0"},
      {-0.0, "-0.0"},
      {8.3, "8.3"},
      {-4.25, "-4.25"},
      {3.9000000000000004, "3.9000000000000004"},
      {18446744073709551616.0, "1.8446744073709552e19"},
      {1e15, "1000000000000000.0"},
      {1e16, "1e16"},
      {1234567890123456.0, "1234567890123456.0"},
      {12345678901234568.0, "1.2345678901234568e16"},
      {0.001234, "0.001234"},
      {0.0001, "0.0001"},
      {0.00001, "0.00001"},
      {0.000001, "1e-6"},
      {1.5e-7, "1.5e-7"},
      {5e-324, "5e-324"},
      {1.7976931348623157e308, "1.7976931348623157e308"},
      {1e21, "1e21"},
  };
  for (const auto& [number, text] : cases) {
    EXPECT_EQ(text_of(number), text);
    EXPECT_EQ(decode(text, Strictness::kBlock), Value(number)) << text;
  }
}

TEST(DagJsonTest, WritesAndReadsEveryKind) {
  const Cid cid = Cid::parse(kCid).value();
  const std::vector<std::pair<Value, std::string>> cases{
      {nullptr, "null"},
      {true, "true"},
      {false, "false"},
      {std::uint64_t{18446744073709551615U}, "18446744073709551615"},
      {Integer::from_negative(UINT64_MAX), "-18446744073709551616"},
      {"", R"("")"},
      {"a\"\\/\b\f\n\r\t\x01\x1f\x7f", R"("a\"\\/\b\f\n\r\t\u0001\u001f)"
                                       "\x7f\""},
      {"\xc3\xa9\xf0\x9f\x98\x80", "\"\xc3\xa9\xf0\x9f\x98\x80\""},
      {core::Bytes{}, R"({"/":{"bytes":""}})"},
      {core::Bytes{0, 1, 0xfe, 0xff}, R"({"/":{"bytes":"AAH+/w"}})"},
      {cid, R"({"/":"bafkqabiaaebagba"})"},
      {List{1, List{}, "x"}, R"([1,[],"x"])"},
      {Map{{"b", 1}, {"aa", Map{}}}, R"({"aa":{},"b":1})"},
      {Map{{"/", 1}}, R"({"/":1})"},
      {Map{{"/", Map{{"x", "y"}}}}, R"({"/":{"x":"y"}})"},
      {Map{{"/", Map{{"bytes", 1}}}}, R"({"/":{"bytes":1}})"},
      {Map{{"", 1}, {"/", "text"}}, R"({"":1,"/":"text"})"},
      {Map{{"/", Map{{"a", 1}, {"bytes", "AA"}}}}, R"({"/":{"a":1,"bytes":"AA"}})"},
  };
  for (const auto& [value, text] : cases) {
    EXPECT_EQ(text_of(value), text);
    EXPECT_EQ(decode(text, Strictness::kBlock), value) << text;
  }
}

TEST(DagJsonTest, TellsIntegersFromFloatsByTheirText) {
  const std::vector<std::pair<std::string, Value>> cases{
      {"0", 0},
      {"-0", -0.0},
      {"2.0", 2.0},
      {"1e2", 100.0},
      {"1E+2", 100.0},
      {"25e-1", 2.5},
      {"9223372036854775808", std::uint64_t{1} << 63},
      {"18446744073709551616", 18446744073709551616.0},
      {"18446744073709552000", 18446744073709551616.0},
      {"-9223372036854775808", INT64_MIN},
      {"-9223372036854775809", -9223372036854775808.0},
      {"100000000000000000000000000000", 1e29},
      {"1e-400", 0.0},
      {"0e999999999999999999999", 0.0},
      {"0." + std::string(400, '0') + "1e401", 1.0},
      {"1" + std::string(400, '0') + "e-400", 1.0},
  };
  for (const auto& [text, value] : cases) EXPECT_EQ(decode(text), value) << text;
}

TEST(DagJsonTest, ReadsLargeNegativeIntegersAsTheOriginalOnlyInRequests) {
  EXPECT_EQ(decode("-9223372036854775809"), Value(-9223372036854775808.0));
  EXPECT_EQ(decode("-9223372036854775809", Strictness::kBlock),
            Value(Integer::from_negative(std::uint64_t{1} << 63)));
}

TEST(DagJsonTest, ReadsEscapes) {
  EXPECT_EQ(decode(R"("\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac\ud83d\ude00\u0000")"),
            Value(std::string("\"\\/\b\f\n\r\tA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\0", 19)));
}

TEST(DagJsonTest, ForgivesRequestsSpaceOrderAndPadding) {
  const std::string text =
      " {\r\n\t\"b\" : [ 1 , 2.50 ] , \"a\" : {\"/\" : { \"bytes\" : \"AA==\" } } } ";
  EXPECT_EQ(decode(text), Value(Map{{"a", core::Bytes{0}}, {"b", List{1, 2.5}}}));
  EXPECT_EQ(failure_of(text, Strictness::kBlock), ErrorCode::kMalformed);
}

TEST(DagJsonTest, ReadsOnlyCanonicalTextAsABlock) {
  for (const char* text :
       {" 1", "1 ", "[1, 2]", R"({"b":1,"a":2})", "1.50", "1e2", "1E16", "-0", R"("\/")",
        R"("\u0041")", R"({"/":{"bytes":"AA=="}})", R"({"/":"z2yYDV"})", "100000000000000000000"}) {
    EXPECT_EQ(failure_of(text, Strictness::kBlock), ErrorCode::kMalformed) << text;
  }
}

TEST(DagJsonTest, RefusesWhatIsNotJson) {
  const std::vector<std::string> cases{"",
                                       " ",
                                       "nul",
                                       "nulL",
                                       "True",
                                       "1 2",
                                       "[1,]",
                                       "[,1]",
                                       "[1",
                                       "[1}",
                                       "{",
                                       "{}}",
                                       "{\"a\"}",
                                       "{\"a\":}",
                                       "{\"a\":1,}",
                                       "{a:1}",
                                       "{1:1}",
                                       "'a'",
                                       "\"a",
                                       "\"\\x\"",
                                       "\"\\u12\"",
                                       "\"\\u12g4\"",
                                       "\"\\ud800\"",
                                       "\"\\ud800\\u0041\"",
                                       "\"\\udc00\"",
                                       "\"a\nb\"",
                                       "\"a\x01\"",
                                       "\"\xff\"",
                                       "\"\\",
                                       "01",
                                       "-01",
                                       "-",
                                       "+1",
                                       ".5",
                                       "1.",
                                       "1.e1",
                                       "1e",
                                       "1e+",
                                       "NaN",
                                       "Infinity",
                                       "-Infinity",
                                       "0x10",
                                       "1_000",
                                       "// c\n1",
                                       "\xef\xbb\xbf"
                                       "1",
                                       std::string("1\0", 2)};
  for (const std::string& text : cases) EXPECT_EQ(failure_of(text), ErrorCode::kMalformed) << text;
}

TEST(DagJsonTest, RefusesNumbersThatOverflowADouble) {
  for (const std::string& text :
       {std::string("1e309"), std::string("-1e400"), "1" + std::string(400, '0'),
        std::string("1e99999999999999999999"), std::string("1.7976931348623159e308")}) {
    EXPECT_EQ(failure_of(text), ErrorCode::kMalformed) << text;
  }
}

TEST(DagJsonTest, RefusesDuplicateKeys) {
  EXPECT_EQ(failure_of(R"({"foo":1,"foo":2,"bar":3})"), ErrorCode::kMalformed);
  EXPECT_EQ(failure_of("{\"a\":1,\"\\u0061\":2}"), ErrorCode::kMalformed);
}

// source: https://ipld.io/specs/codecs/dag-json/spec/ "The Reserved Namespace"
TEST(DagJsonTest, RefusesReservedObjectsThatAreNeitherLinkNorBytes) {
  for (const char* text :
       {R"({"/":"foo"})", R"({"/":""})", R"({"/":"foo","bar":"baz"})",
        R"({"/":{"bytes":"AA","zar":"baz"}})", R"({"/":{"bytes":"AA"},"bar":"baz"})",
        R"({"/":{"bytes":"A"}})", R"({"/":{"bytes":"-_8"}})", R"({"/":"bafkqabiaaebagba","x":1})",
        R"({"/":" bafkqabiaaebagba"})"}) {
    EXPECT_EQ(failure_of(text), ErrorCode::kMalformed) << text;
  }
}

TEST(DagJsonTest, JudgesReservedObjectsByTheOrderOfTheirKeysNotOfTheText) {
  const char* const text = R"({"/":{"bytes":"foo","bar":"baz"}})";
  EXPECT_EQ(decode(text), Value(Map{{"/", Map{{"bar", "baz"}, {"bytes", "foo"}}}}));
  EXPECT_EQ(failure_of(text, Strictness::kBlock), ErrorCode::kMalformed);
}

TEST(DagJsonTest, WritesNoMapThatWouldReadAsALinkOrBytes) {
  for (const Value& value : {Value(Map{{"/", "text"}}), Value(Map{{"/", "text"}, {"a", 1}}),
                             Value(Map{{"/", Map{{"bytes", "AA"}}}}),
                             Value(Map{{"/", Map{{"bytes", "AA"}, {"c", 1}}}})}) {
    const auto text = encode(value);
    ASSERT_FALSE(text.has_value()) << *text;
    EXPECT_EQ(text.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(DagJsonTest, WritesNeitherNanNorInfinitiesNorBrokenText) {
  using Limits = std::numeric_limits<double>;
  for (const Value& value : {Value(Limits::quiet_NaN()), Value(-Limits::infinity()), Value("\xff"),
                             Value(Map{{"\xff", 1}})}) {
    const auto text = encode(List{value});
    ASSERT_FALSE(text.has_value()) << *text;
    EXPECT_EQ(text.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(DagJsonTest, ReadsDownToTheDepthLimitAndNoDeeper) {
  // A value and how many lists and maps it is itself.
  const std::vector<std::pair<std::string, std::size_t>> inner{
      {"1", 0},
      {R"({"/":{"bytes":"AA"}})", 0},
      {R"({"/":"bafkqabiaaebagba"})", 0},
      {"[]", 1},
      {"{}", 1},
      {R"({"bytes":"AA"})", 1},
      {R"({"/":1})", 1},
      {R"([{"bytes":"AA"}])", 2},
      {R"({"x":{"bytes":"AA"}})", 2},
      {R"({"/":{"bytes":1}})", 2},
      {R"({"/":{"/":{"bytes":"AA"}}})", 1},
      {R"({"/":{"/":{"bytes":"AA","a":1}}})", 3},
      {R"({"/":[{"bytes":"AA"}]})", 3},
  };
  const auto lists = [](std::size_t depth, std::string_view text) {
    return repeated("[", depth) + std::string(text) + repeated("]", depth);
  };
  const auto maps = [](std::size_t depth, std::string_view text) {
    return repeated("{\"a\":", depth) + std::string(text) + repeated("}", depth);
  };
  for (const auto& [text, own] : inner) {
    for (std::size_t depth = kMaxDepth - 5; depth < kMaxDepth + 5; ++depth) {
      for (const std::string& nested : {lists(depth, text), maps(depth, text)}) {
        const auto value = decode(nested);
        if (depth + own > kMaxDepth) {
          EXPECT_EQ(failure_of(nested), ErrorCode::kResourceExhausted) << depth << text;
        } else {
          ASSERT_TRUE(value.has_value()) << depth << text << value.error().message;
          EXPECT_TRUE(encode(*value).has_value()) << depth << text;
        }
      }
    }
  }
}

TEST(DagJsonTest, RefusesNestingThatWouldExhaustTheStack) {
  EXPECT_EQ(failure_of(repeated("[", 1000000)), ErrorCode::kResourceExhausted);
  EXPECT_EQ(failure_of(repeated("{\"a\":", 1000000)), ErrorCode::kResourceExhausted);
}

TEST(DagJsonTest, WritesNothingDeeperThanItReads) {
  Value value = 1;
  for (std::size_t i = 0; i <= kMaxDepth; ++i) value = Map{{"a", std::move(value)}};
  const auto text = encode(value);
  ASSERT_FALSE(text.has_value());
  EXPECT_EQ(text.error().code, ErrorCode::kResourceExhausted);
}

TEST(DagJsonTest, TellsLineAndColumn) {
  const auto value = decode("{\n  \"a\": 1,\n  \"b\": tru\n}");
  ASSERT_FALSE(value.has_value());
  EXPECT_EQ(value.error().find("line"), "3");
  EXPECT_EQ(value.error().find("column"), "8");
}

}  // namespace
}  // namespace every::ipld::dag_json
