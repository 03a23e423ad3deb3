#include "support.h"
#include <gtest/gtest.h>

#include "every/invocation/invocation.h"
#include "every/ipld/dag_cbor.h"

namespace every::invocation {
namespace {

using test::cid;
using test::json;

constexpr std::string_view kRan = "bafyrmia2frkwkus2sy7qjmok5lm7mnlbnoyfqa5mqm27op6qkgo7reryqa";

Receipt receipt(ipld::Value out, std::string op = "add_one") {
  return {cid(kRan),
          {Outcome::Tag::kOk, std::move(out)},
          ipld::Map{{"op", std::move(op)}},
          std::nullopt,
          {}};
}

TEST(OutcomeTest, ParseAndRenderAreInverses) {
  for (const char* text :
       {R"(["ok",null])", R"(["error",{"code":"guest_trap","message":"m"}])", R"(["just",[1]])"}) {
    const auto parsed = Outcome::parse(json(text));
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->render(), json(text));
  }
}

TEST(OutcomeTest, AnythingElseIsRefused) {
  for (const char* text :
       {R"(["ok"])", R"(["ok",1,2])", R"(["maybe",1])", R"({"ok":1})", "[1,2]"}) {
    const auto parsed = Outcome::parse(json(text));
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_EQ(parsed.error().code, core::ErrorCode::kMalformed);
  }
}

TEST(ReceiptTest, ParseAndRenderAreInverses) {
  Receipt full = receipt(2);
  full.iss = "did:key:z6Mk";
  full.prf = {cid(kRan)};
  for (const Receipt& one : {receipt(2), full}) {
    EXPECT_EQ(Receipt::parse(one.render())->render(), one.render());
  }
}

TEST(ReceiptTest, EncodeAndDecodeAreInverses) {
  const core::Bytes block = receipt(json(R"([{"a":2.5},null])")).encode().value();
  const auto decoded = Receipt::decode(block, ipld::Cid::of_dag_cbor(block));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  EXPECT_EQ(decoded->encode().value(), block);
}

TEST(ReceiptTest, BytesThatDoNotHashToTheCidAreAnIntegrityError) {
  core::Bytes block = receipt(2).encode().value();
  const ipld::Cid good = ipld::Cid::of_dag_cbor(block);
  block.back() ^= 1;
  const auto decoded = Receipt::decode(block, good);
  ASSERT_FALSE(decoded.has_value());
  EXPECT_EQ(decoded.error().code, core::ErrorCode::kIntegrity);
}

class NotAReceiptTest : public testing::TestWithParam<const char*> {};
TEST_P(NotAReceiptTest, IsMalformed) {
  const core::Bytes block = ipld::dag_cbor::encode(json(GetParam())).value();
  const auto decoded = Receipt::decode(block, ipld::Cid::of_dag_cbor(block));
  ASSERT_FALSE(decoded.has_value());
  EXPECT_EQ(decoded.error().code, core::ErrorCode::kMalformed);
}
#define RAN R"("ran":{"/":"bafyrmia2frkwkus2sy7qjmok5lm7mnlbnoyfqa5mqm27op6qkgo7reryqa"})"
INSTANTIATE_TEST_SUITE_P(
    Blocks, NotAReceiptTest,
    testing::Values("5", "{}", R"({"iss":null,"meta":{},"out":["ok",1],"prf":[]})",
                    R"({"iss":null,"meta":{},"out":["ok",1],"prf":[],"ran":"x"})",
                    R"({"iss":null,"meta":{},"out":["fine",1],"prf":[],)" RAN "}",
                    R"({"iss":null,"meta":{},"out":["ok",1],"prf":[],"version":"0.2.0",)" RAN "}",
                    R"({"iss":5,"meta":{},"out":["ok",1],"prf":[],)" RAN "}",
                    R"({"meta":{},"out":["ok",1],"prf":[],)" RAN "}",
                    R"({"iss":null,"meta":{},"out":["ok",1],"prf":null,)" RAN "}"));

TEST(ReceiptTest, AnIssuerThatIsNoTextReadsAsNone) {
  const auto parsed =
      Receipt::parse(json(R"({"iss":7,"meta":{},"out":["ok",1],"prf":[],)" RAN "}"));
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->iss, std::nullopt);
}

TEST(SpliceReceiptTest, TakesCidsOfAnyLength) {
  const ipld::Cid other = cid("QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n");
  Receipt whole = receipt(1, "f");
  whole.ran = other;
  EXPECT_EQ(splice_receipt(Outcome::Tag::kOk, ipld::dag_cbor::encode(1).value(), other, "f").bytes,
            whole.encode().value());
}

}  // namespace
}  // namespace every::invocation
