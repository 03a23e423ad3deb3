#include "every/ipld/dag_cbor.h"

#include <limits>

#include "fixtures.h"
#include <gtest/gtest.h>

namespace every::ipld::dag_cbor {
namespace {

using core::ErrorCode;
using tests::from_hex;

std::string hex_of(const Value& value) {
  const auto bytes = encode(value);
  return bytes ? core::to_hex(*bytes) : bytes.error().message;
}

ErrorCode failure_of(std::string_view hex, Strictness strictness = Strictness::kBlock) {
  const auto value = decode(from_hex(hex), strictness);
  return value ? ErrorCode::kInternal : value.error().code;
}

Value nested(std::size_t depth) {
  Value value = 1;
  for (std::size_t i = 0; i < depth; ++i) value = List{std::move(value)};
  return value;
}

// source: RFC 8949 appendix A, the rows DAG-CBOR can say
TEST(DagCborTest, WritesTheExamplesOfTheRfc) {
  const std::vector<std::pair<Value, std::string>> cases{
      {0, "00"},
      {23, "17"},
      {24, "1818"},
      {100, "1864"},
      {1000, "1903e8"},
      {1000000, "1a000f4240"},
      {std::int64_t{1000000000000}, "1b000000e8d4a51000"},
      {std::uint64_t{18446744073709551615U}, "1bffffffffffffffff"},
      {Integer::from_negative(UINT64_MAX), "3bffffffffffffffff"},
      {-1, "20"},
      {-10, "29"},
      {-100, "3863"},
      {-1000, "3903e7"},
      {1.1, "fb3ff199999999999a"},
      {1.0e+300, "fb7e37e43c8800759c"},
      {-4.1, "fbc010666666666666"},
      {0.0, "fb0000000000000000"},
      {-0.0, "fb8000000000000000"},
      {2.0, "fb4000000000000000"},
      {false, "f4"},
      {true, "f5"},
      {nullptr, "f6"},
      {core::Bytes{1, 2, 3, 4}, "4401020304"},
      {"", "60"},
      {"IETF", "6449455446"},
      {"\xc3\xbc", "62c3bc"},
      {"\xf0\x90\x85\x91", "64f0908591"},
      {List{}, "80"},
      {List{1, List{2, 3}, List{4, 5}}, "8301820203820405"},
      {Map{}, "a0"},
      {Map{{"a", 1}, {"b", List{2, 3}}}, "a26161016162820203"},
  };
  for (const auto& [value, hex] : cases) {
    EXPECT_EQ(hex_of(value), hex);
    EXPECT_EQ(decode(from_hex(hex)), value) << hex;
  }
}

TEST(DagCborTest, WritesKeysByLengthThenBytewise) {
  EXPECT_EQ(hex_of(Map{{"aaa", 1}, {"b", 2}, {"\xc3\xa9", 3}, {"aa", 4}, {"a", 5}}),
            "a5"
            "616105"
            "616202"
            "62616104"
            "62c3a903"
            "6361616101");
}

TEST(DagCborTest, WritesTheKeysOfALargeMapInOrder) {
  Map map;
  for (int i = 0; i < 1000; ++i) map.set(std::to_string(i), i);
  const core::Bytes block = encode(map).value();
  EXPECT_EQ(core::to_hex(core::BytesView(block).first(9)),
            "b903e8"
            "613000"
            "613101");
  EXPECT_EQ(decode(block), Value(map));
}

TEST(DagCborTest, WritesALinkAsTag42) {
  const Cid cid = Cid::parse("bafkqabiaaebagba").value();
  EXPECT_EQ(hex_of(cid), "d82a4a00015500050001020304");
}

TEST(DagCborTest, AppendsToWhatIsThere) {
  core::Bytes out{0xff};
  ASSERT_TRUE(encode_to(true, out).has_value());
  EXPECT_EQ(core::to_hex(out), "fff5");
}

TEST(DagCborTest, LeavesTheBufferAloneOnError) {
  core::Bytes out{0xff};
  ASSERT_FALSE(encode_to(List{1, std::numeric_limits<double>::infinity()}, out).has_value());
  EXPECT_EQ(core::to_hex(out), "ff");
}

TEST(DagCborTest, NamesThePlaceOfWhatItCannotWrite) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto bytes = encode(Map{{"args", List{1, Map{{"x", nan}}}}});
  ASSERT_FALSE(bytes.has_value());
  EXPECT_EQ(bytes.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(bytes.error().find("path"), "value[\"args\"][1][\"x\"]");
}

TEST(DagCborTest, WritesNoTextThatIsNotUtf8) {
  for (const Value& value : {Value("\xff"), Value(Map{{"\xc3", 1}})}) {
    const auto bytes = encode(value);
    ASSERT_FALSE(bytes.has_value());
    EXPECT_EQ(bytes.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(DagCborTest, WritesAndReadsDownToTheDepthLimitAndNoDeeper) {
  const core::Bytes deepest = encode(nested(kMaxDepth)).value();
  EXPECT_EQ(decode(deepest), nested(kMaxDepth));
  const auto deeper = encode(nested(kMaxDepth + 1));
  ASSERT_FALSE(deeper.has_value());
  EXPECT_EQ(deeper.error().code, ErrorCode::kResourceExhausted);
  EXPECT_EQ(failure_of("81" + core::to_hex(deepest)), ErrorCode::kResourceExhausted);
  std::string maps;
  for (int i = 0; i < 100000; ++i) maps += "a160";
  EXPECT_EQ(failure_of(maps), ErrorCode::kResourceExhausted);
}

struct Refused {
  const char* name;
  const char* hex;
};

void PrintTo(const Refused& refused, std::ostream* out) {
  *out << refused.name;
}

class DagCborRefusalTest : public testing::TestWithParam<Refused> {};

TEST_P(DagCborRefusalTest, IsMalformedInABlock) {
  EXPECT_EQ(failure_of(GetParam().hex), ErrorCode::kMalformed);
}

TEST_P(DagCborRefusalTest, IsMalformedInARequest) {
  EXPECT_EQ(failure_of(GetParam().hex, Strictness::kRequest), ErrorCode::kMalformed);
}

// source: https://ipld.io/specs/codecs/dag-cbor/spec/ "Strictness"
INSTANTIATE_TEST_SUITE_P(
    Spec, DagCborRefusalTest,
    testing::Values(
        Refused{"Nothing", ""}, Refused{"BytesLeftOver", "0000"},
        Refused{"IndefiniteBytes", "5f41ff"}, Refused{"IndefiniteText", "7f6161ff"},
        Refused{"IndefiniteList", "9f01ff"}, Refused{"IndefiniteMap", "bf616101ff"},
        Refused{"Break", "ff"}, Refused{"OtherTag", "c074323031332d30332d32315432303a30343a30305a"},
        Refused{"BigNumber", "c249010000000000000000"},
        Refused{"TagNotMinimal", "d9002a4a00015500050001020304"}, Refused{"LinkOfText", "d82a6161"},
        Refused{"LinkWithoutPrefix", "d82a49015500050001020304"},
        Refused{"LinkOfNothing", "d82a40"},
        Refused{"LinkWithBytesLeftOver", "d82a4b0001550005000102030405"},
        Refused{"LinkCutOff", "d82a"}, Refused{"IntegerKey", "a10102"},
        Refused{"BytesKey", "a1416102"},
        Refused{"DuplicateKey", "a3636261720363666f6f0163666f6f02"},
        Refused{"DuplicateNeighbours", "a2616101616102"}, Refused{"NotMinimal8", "1817"},
        Refused{"NotMinimal16", "190018"}, Refused{"NotMinimal16Full", "1900ff"},
        Refused{"NotMinimal32", "1a0000ffff"}, Refused{"NotMinimal64", "1b00000000ffffffff"},
        Refused{"NotMinimalNegative", "3817"}, Refused{"NotMinimalLength", "580161"},
        Refused{"NotMinimalCount", "980101"}, Refused{"Half", "f93c00"}, Refused{"Undefined", "f7"},
        Refused{"Simple", "f0"}, Refused{"SimpleByte", "f8ff"},
        Refused{"Nan", "fb7ff8000000000000"}, Refused{"Infinity", "fb7ff0000000000000"},
        Refused{"MinusInfinity", "fbfff0000000000000"}, Refused{"InfinityOf32Bits", "fa7f800000"},
        Refused{"ReservedHead", "1c"}, Refused{"TextNotUtf8", "61ff"},
        Refused{"KeyNotUtf8", "a161ff01"}, Refused{"TextCutOff", "6261"},
        Refused{"NumberCutOff", "19ff"}, Refused{"FloatCutOff", "fb00"},
        Refused{"ListCutOff", "8201"}, Refused{"MapCutOff", "a16161"},
        Refused{"ListOfAHugeClaim", "9bffffffffffffffff"},
        Refused{"MapOfAHugeClaim", "bbffffffffffffffff"},
        Refused{"BytesOfAHugeClaim", "5bffffffffffffffff"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(DagCborTest, ForgivesRequestsTheOrderOfKeys) {
  const char* const hex = "a2616202616101";
  EXPECT_EQ(failure_of(hex), ErrorCode::kMalformed);
  EXPECT_EQ(decode(from_hex(hex), Strictness::kRequest), Value(Map{{"a", 1}, {"b", 2}}));
}

TEST(DagCborTest, ForgivesRequestsFloatsOf32Bits) {
  EXPECT_EQ(failure_of("fa47c35000"), ErrorCode::kMalformed);
  EXPECT_EQ(decode(from_hex("fa47c35000"), Strictness::kRequest), Value(100000.0));
}

TEST(DagCborTest, TellsWhereABlockIsWrong) {
  const auto value = decode(from_hex("8201f7"));
  ASSERT_FALSE(value.has_value());
  EXPECT_EQ(value.error().find("offset"), "2");
}

}  // namespace
}  // namespace every::ipld::dag_cbor
