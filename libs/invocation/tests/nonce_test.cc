#include "support.h"
#include <gtest/gtest.h>

#include "every/core/text.h"
#include "every/invocation/invocation.h"

namespace every::invocation {
namespace {

using test::json;

TEST(NonceTest, TextOfTwelveBytesKeepsItsForm) {
  const auto nonce = Nonce::parse("1sod60ml6g26mfhsrsa0");
  ASSERT_TRUE(nonce.has_value());
  EXPECT_FALSE(nonce->empty());
  EXPECT_EQ(nonce->render(), ipld::Value("1sod60ml6g26mfhsrsa0"));
}

TEST(NonceTest, TextAndBytesOfTheSameNonceDiffer) {
  const core::Bytes bytes = {0x0f, 0x30, 0xd3, 0x02, 0xd5, 0x34,
                             0x04, 0x6b, 0x3e, 0x3c, 0xdf, 0x14};
  const auto from_bytes = Nonce::parse(bytes);
  ASSERT_TRUE(from_bytes.has_value());
  EXPECT_EQ(from_bytes->render(), ipld::Value(bytes));
  EXPECT_NE(*from_bytes, *Nonce::parse("1sod60ml6g26mfhsrsa0"));
  EXPECT_EQ(*Nonce::make(bytes, Nonce::Form::kText), *Nonce::parse("1sod60ml6g26mfhsrsa0"));
}

TEST(NonceTest, SixteenBytesAreTakenToo) {
  const core::Bytes bytes(16, 7);
  const auto text = Nonce::make(bytes, Nonce::Form::kText);
  ASSERT_TRUE(text.has_value());
  EXPECT_EQ(*Nonce::parse(text->render()), *text);
}

TEST(NonceTest, BytesOfAnotherLengthAreRefused) {
  for (const std::size_t length : {0U, 1U, 11U, 13U, 15U, 17U}) {
    const auto nonce = Nonce::parse(core::Bytes(length, 1));
    ASSERT_FALSE(nonce.has_value()) << length;
    EXPECT_EQ(nonce.error().code, core::ErrorCode::kInvalidArgument);
  }
}

TEST(NonceTest, TextThatIsNotBase32HexIsRefused) {
  for (const char* text : {"1SOD60ML6G26MFHSRSA0", "1sod60ml6g26mfhsrsa0====",
                           "zzzzzzzzzzzzzzzzzzzz", "1sod60ml6g26mfhsrsa1"}) {
    const auto nonce = Nonce::parse(text);
    ASSERT_FALSE(nonce.has_value()) << text;
    EXPECT_EQ(nonce.error().code, core::ErrorCode::kMalformed) << text;
  }
}

TEST(NonceTest, TextOfAnotherLengthIsRefused) {
  const auto nonce = Nonce::parse("1sod60ml6g");
  ASSERT_FALSE(nonce.has_value());
}

class EmptyNonceTest : public testing::TestWithParam<const char*> {};
TEST_P(EmptyNonceTest, ReadsAsEmptyAndIsWrittenAsEmptyText) {
  const auto nonce = Nonce::parse(json(GetParam()));
  ASSERT_TRUE(nonce.has_value());
  EXPECT_TRUE(nonce->empty());
  EXPECT_EQ(nonce->render(), ipld::Value(""));
}
INSTANTIATE_TEST_SUITE_P(OtherKinds, EmptyNonceTest,
                         testing::Values("\"\"", "null", "5", "[1]", "{\"a\":1}", "true"));

TEST(NonceTest, RandomBytesMakeTheGatewaysText) {
  const auto nonce =
      Nonce::from_random({0x0f, 0x30, 0xd3, 0x02, 0xd5, 0x34, 0x04, 0x6b, 0x3e, 0x3c, 0xdf, 0x14});
  EXPECT_EQ(nonce.render(), ipld::Value("1sod60ml6g26mfhsrsa0"));
}

}  // namespace
}  // namespace every::invocation
