#include "every/ipld/multibase.h"

#include <gtest/gtest.h>

namespace every::ipld {
namespace {

struct Vector {
  Multibase base;
  std::string bytes;
  std::string text;
};

const std::string kPlain = "yes mani !";
const std::string kZero = std::string(1, '\0') + kPlain;
const std::string kZeros = std::string(2, '\0') + kPlain;

// source: https://github.com/multiformats/multibase, tests/basic.csv, leading_zero.csv, two_leading_zeros.csv
const std::vector<Vector> kVectors{
    {Multibase::kBase16, kPlain, "f796573206d616e692021"},
    {Multibase::kBase32, kPlain, "bpfsxgidnmfxgsibb"},
    {Multibase::kBase32Hex, kPlain, "vf5in683dc5n6i811"},
    {Multibase::kBase36, kPlain, "k2lcpzo5yikidynfl"},
    {Multibase::kBase58Btc, kPlain, "z7paNL19xttacUY"},
    {Multibase::kBase64Url, kPlain, "ueWVzIG1hbmkgIQ"},
    {Multibase::kBase16, kZero, "f00796573206d616e692021"},
    {Multibase::kBase32, kZero, "bab4wk4zanvqw42jaee"},
    {Multibase::kBase32Hex, kZero, "v01smasp0dlgmsq9044"},
    {Multibase::kBase36, kZero, "k02lcpzo5yikidynfl"},
    {Multibase::kBase58Btc, kZero, "z17paNL19xttacUY"},
    {Multibase::kBase64Url, kZero, "uAHllcyBtYW5pICE"},
    {Multibase::kBase16, kZeros, "f0000796573206d616e692021"},
    {Multibase::kBase32, kZeros, "baaahszltebwwc3tjeaqq"},
    {Multibase::kBase32Hex, kZeros, "v0007ipbj41mm2rj940gg"},
    {Multibase::kBase36, kZeros, "k002lcpzo5yikidynfl"},
    {Multibase::kBase58Btc, kZeros, "z117paNL19xttacUY"},
    {Multibase::kBase64Url, kZeros, "uAAB5ZXMgbWFuaSAh"},
};

core::ErrorCode failure_of(const core::Result<core::Bytes>& result) {
  return result ? core::ErrorCode::kInternal : result.error().code;
}

TEST(MultibaseTest, WritesTheVectorsOfTheSpecification) {
  for (const Vector& v : kVectors)
    EXPECT_EQ(encode_multibase(v.base, core::as_bytes(v.bytes)), v.text);
}

TEST(MultibaseTest, ReadsTheVectorsOfTheSpecification) {
  for (const Vector& v : kVectors)
    EXPECT_EQ(decode_multibase(v.text), core::to_bytes(v.bytes)) << v.text;
}

TEST(MultibaseTest, ReadsUpperCase) {
  for (const char* text : {"F796573206D616E692021", "BPFSXGIDNMFXGSIBB", "K2LCPZO5YIKIDYNFL"}) {
    EXPECT_EQ(decode_multibase(text), core::to_bytes(kPlain)) << text;
  }
}

TEST(MultibaseTest, WritesAndReadsNothing) {
  for (const Vector& v : kVectors) {
    EXPECT_EQ(encode_base(v.base, {}), "");
    EXPECT_EQ(decode_base(v.base, ""), core::Bytes());
  }
}

TEST(MultibaseTest, RefusesWhatIsNotInTheBase) {
  for (const char* text : {"", "x00", "f0g", "f0", "fAB", "bA", "b1", "F0a", "z0OIl", "k-", "u+/",
                           "uA=", "ba", "bab4wk4zanvqw42jaef", "uA", "uAB", "f\xc3\xa9"}) {
    EXPECT_EQ(failure_of(decode_multibase(text)), core::ErrorCode::kMalformed) << text;
  }
}

TEST(MultibaseTest, TellsWhichCharacterIsWrong) {
  const auto bytes = decode_base(Multibase::kBase32, "abc1");
  ASSERT_FALSE(bytes.has_value());
  EXPECT_NE(bytes.error().message.find("'1' at position 3"), std::string::npos)
      << bytes.error().message;
}

// source: RFC 4648 section 10
TEST(Base64Test, WritesAndReadsTheVectorsOfTheRfcWithoutPadding) {
  const std::vector<std::pair<std::string, std::string>> vectors{
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff", "+/8"}};
  for (const auto& [plain, text] : vectors) {
    EXPECT_EQ(encode_base64(core::as_bytes(plain)), text);
    EXPECT_EQ(decode_base64(text), core::to_bytes(plain));
  }
}

TEST(Base64Test, TakesPaddingAndTheUrlAlphabetOnlyWhenAsked) {
  for (const auto& [text, plain] :
       std::vector<std::pair<std::string, std::string>>{{"Zg==", "f"},
                                                        {"Zm8=", "fo"},
                                                        {"Zm8", "fo"},
                                                        {"-_8", "\xfb\xff"},
                                                        {"-_8=", "\xfb\xff"},
                                                        {"+/8=", "\xfb\xff"}}) {
    EXPECT_EQ(decode_base64_any(text), core::to_bytes(plain)) << text;
  }
  for (const char* text : {"Zg==", "-_8"})
    EXPECT_EQ(failure_of(decode_base64(text)), core::ErrorCode::kMalformed);
}

TEST(Base64Test, RefusesBrokenPadding) {
  for (const char* text : {"Zg=", "Zg===", "=", "====", "Z===", "Zm9v=", "Zg==Zg==", "Zh=="}) {
    EXPECT_EQ(failure_of(decode_base64_any(text)), core::ErrorCode::kMalformed) << text;
  }
}

}  // namespace
}  // namespace every::ipld
