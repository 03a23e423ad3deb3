#include "every/ipld/varint.h"

#include "fixtures.h"
#include <gtest/gtest.h>

namespace every::ipld {
namespace {

using tests::from_hex;

// source: https://github.com/multiformats/unsigned-varint, README and its limit of 9 bytes
TEST(VarintTest, WritesTheExamplesOfTheSpecification) {
  const std::vector<std::pair<std::uint64_t, std::string>> cases{
      {0, "00"},     {1, "01"},     {127, "7f"},       {128, "8001"},
      {255, "ff01"}, {300, "ac02"}, {16384, "808001"}, {(1ULL << 63) - 1, "ffffffffffffffff7f"},
  };
  for (const auto& [number, hex] : cases) {
    core::Bytes bytes;
    encode_varint(number, bytes);
    EXPECT_EQ(bytes, from_hex(hex)) << number;
    core::BytesView rest = bytes;
    EXPECT_EQ(decode_varint(rest), number);
  }
}

TEST(VarintTest, LeavesWhatFollows) {
  const core::Bytes bytes = from_hex("ac0207");
  core::BytesView rest = bytes;
  EXPECT_EQ(decode_varint(rest), 300);
  EXPECT_EQ(core::to_bytes(rest), core::Bytes{7});
}

TEST(VarintTest, RefusesWhatIsCutOffTooLongOrNotMinimal) {
  for (const char* hex : {"", "80", "ff", "8000", "818000",
                          "808080808080808080"
                          "01",
                          "ffffffffffffffffff01"}) {
    const core::Bytes bytes = from_hex(hex);
    core::BytesView rest = bytes;
    const auto number = decode_varint(rest);
    ASSERT_FALSE(number.has_value()) << hex;
    EXPECT_EQ(number.error().code, core::ErrorCode::kMalformed);
    EXPECT_EQ(rest.size(), bytes.size()) << "moved past " << hex;
  }
}

}  // namespace
}  // namespace every::ipld
