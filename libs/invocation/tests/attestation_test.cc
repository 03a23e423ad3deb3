#include "every/invocation/attestation.h"

#include <gtest/gtest.h>

#include "every/ipld/dag_cbor.h"
#include "every/ipld/multibase.h"

namespace every::invocation {
namespace {

using core::ErrorCode;
using ipld::KeyType;
using ipld::Map;
using ipld::SigningKey;
using ipld::Value;

constexpr std::string_view kWorkedBlock =
    "a56369737378386469643a6b65793a7a364d6b6954427a31796d7565704151344845485953463148"
    "3871754735474c5656515233646a6458336d446f6f5770637369675840550f4b566d4bb722a59430"
    "98b044f83b969f2a0ac7ef22f0bf383493038ec6177a12b635464ade41a5068abbd17de0a14188ee"
    "ff48408339af1cf01884d33a0766656e67696e656b7761736d74696d652034386770726f66696c65"
    "016772656365697074d82a5825000171162062b61596eed340d8db56f5a63a10f8e2f044640d144c"
    "ffc5bf80e963ecaf7dcc";
constexpr std::string_view kWorkedCid =
    "bafyrmieciz44mzhlx5grkt3c7h6oawz6waxs5wdw4hnrmawmufkgietrr4";

ipld::Cid some_receipt(const std::string& text = "a receipt") {
  return *ipld::dag_cbor::cid_of(Value(text));
}
SigningKey zero_key(KeyType type = KeyType::kEd25519) {
  core::Bytes secret(32, 0);
  if (type == KeyType::kSecp256k1) secret.back() = 1;
  return *SigningKey::from_secret(type, secret);
}
Attestation made(KeyType type = KeyType::kEd25519) {
  return Attestation::make(zero_key(type), some_receipt(), 1, "wasmtime 48");
}
/// An attestation with one key's value replaced.
Value changed(const std::string& key, Value value) {
  Map map = *made().render().if_map();
  map.set(key, std::move(value));
  return Value(std::move(map));
}

TEST(AttestationTest, SaysWhoVouchesForWhatAfterARoundTrip) {
  for (const KeyType type : {KeyType::kEd25519, KeyType::kSecp256k1}) {
    const core::Bytes block = made(type).encode();
    const auto back = Attestation::decode(block, ipld::Cid::of_dag_cbor(block));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(back->issuer(), zero_key(type).public_key());
    EXPECT_EQ(back->receipt(), some_receipt());
    EXPECT_EQ(back->profile(), 1u);
    EXPECT_EQ(back->engine(), "wasmtime 48");
    EXPECT_EQ(back->encode(), block);
  }
}

TEST(AttestationTest, OneKeyHasOneBlockForTheSameWords) {
  EXPECT_EQ(made().encode(), made().encode());
}

// The worked bytes of docs/formats/attestation.md.
TEST(AttestationTest, TheWorkedBytesAreThese) {
  const core::Bytes block = made().encode();
  EXPECT_EQ(ipld::encode_base(ipld::Multibase::kBase16, block), kWorkedBlock);
  EXPECT_EQ(ipld::Cid::of_dag_cbor(block).render(), kWorkedCid);
}

TEST(AttestationTest, AnyChangedWordIsForged) {
  for (const auto& [key, value] : std::initializer_list<std::pair<std::string, Value>>{
           {"engine", Value("wasmtime 49")},
           {"profile", Value(2)},
           {"receipt", Value(some_receipt("another"))},
           {"iss", Value(SigningKey::generate(KeyType::kEd25519).public_key().did())},
           {"sig", Value(core::Bytes(64, 0))},
           {"sig", Value(core::Bytes())}}) {
    const auto refused = Attestation::parse(changed(key, value));
    ASSERT_FALSE(refused) << key;
    EXPECT_EQ(refused.error().code, ErrorCode::kIntegrity) << key;
    EXPECT_NE(refused.error().message.find("forged"), std::string::npos);
  }
}

TEST(AttestationTest, WhatIsNoAttestationIsRefusedByName) {
  for (const auto& [key, value] : std::initializer_list<std::pair<std::string, Value>>{
           {"engine", Value(7)},
           {"profile", Value(-1)},
           {"profile", Value(ipld::Integer(std::int64_t{1} << 32))},
           {"receipt", Value("bafy")},
           {"iss", Value("did:web:example.org")},
           {"iss", Value(1)},
           {"sig", Value("text")},
           {"more", Value(1)}}) {
    const auto refused = Attestation::parse(changed(key, value));
    ASSERT_FALSE(refused) << key;
    EXPECT_NE(refused.error().code, ErrorCode::kIntegrity) << key;
  }
  EXPECT_FALSE(Attestation::parse(Value(1)));
  EXPECT_FALSE(Attestation::looks_like_one(Value(Map{{"iss", Value(1)}})));
}

TEST(AttestationTest, BytesUnderAnotherCidAreRefused) {
  const auto refused = Attestation::decode(made().encode(), some_receipt());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kIntegrity);
}

}  // namespace
}  // namespace every::invocation
