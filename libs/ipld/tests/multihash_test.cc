#include "every/ipld/multihash.h"

#include "fixtures.h"
#include <gtest/gtest.h>

namespace every::ipld {
namespace {

using tests::from_hex;

struct Vector {
  HashCode code;
  std::string content;
  std::string digest;
};

// source: FIPS 180-4 and FIPS 202 examples
const std::vector<Vector> kVectors{
    {HashCode::kIdentity, "abc", "616263"},
    {HashCode::kSha2_256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {HashCode::kSha2_256, "abc",
     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {HashCode::kSha2_512, "abc",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3fee"
     "bbd454d4423643ce80e2a9ac94fa54ca49f"},
    {HashCode::kSha3_256, "", "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a"},
    {HashCode::kSha3_256, "abc",
     "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"},
};

TEST(MultihashTest, HashesTheExamplesOfTheStandards) {
  for (const Vector& v : kVectors)
    EXPECT_EQ(digest(v.code, core::as_bytes(v.content)), from_hex(v.digest));
}

TEST(MultihashTest, HashesContentInPiecesAndStartsAgain) {
  for (const Vector& v : kVectors) {
    if (v.code == HashCode::kIdentity) continue;
    Hasher hasher(v.code);
    for (int round = 0; round < 2; ++round) {
      for (const char c : v.content) hasher.update(core::as_bytes(std::string_view(&c, 1)));
      EXPECT_EQ(hasher.finish(), from_hex(v.digest));
    }
  }
}

TEST(MultihashTest, NamesTheFunctionsItKnows) {
  EXPECT_EQ(hash_name(HashCode::kSha3_256), "sha3-256");
  EXPECT_EQ(hash_name(HashCode::kIdentity), "identity");
  EXPECT_EQ(hash_name(HashCode{0x1e}), "");
}

TEST(MultihashTest, HashesWithNoFunctionItDoesNotKnow) {
  const auto hash = digest(HashCode{0x1e}, {});
  ASSERT_FALSE(hash.has_value());
  EXPECT_EQ(hash.error().code, core::ErrorCode::kUnsupported);
}

TEST(MultihashTest, KeepsNoMoreThan128BytesByIdentity) {
  EXPECT_TRUE(digest(HashCode::kIdentity, core::Bytes(128)).has_value());
  const auto hash = digest(HashCode::kIdentity, core::Bytes(129));
  ASSERT_FALSE(hash.has_value());
  EXPECT_EQ(hash.error().code, core::ErrorCode::kResourceExhausted);
}

TEST(MultihashTest, DecodesWhatItEncodes) {
  const Multihash hash{HashCode::kSha2_256, digest(HashCode::kSha2_256, {}).value()};
  const core::Bytes bytes = encode(hash);
  core::BytesView rest = bytes;
  EXPECT_EQ(decode_multihash(rest), hash);
  EXPECT_TRUE(rest.empty());
}

TEST(MultihashTest, CarriesFunctionsItDoesNotKnow) {
  const core::Bytes bytes = from_hex("1e03010203");
  core::BytesView rest = bytes;
  EXPECT_EQ(decode_multihash(rest), (Multihash{HashCode{0x1e}, {1, 2, 3}}));
}

TEST(MultihashTest, RefusesWhatIsCutOffOrOfTheWrongLength) {
  const std::vector<std::string> cases{"",
                                       "12",
                                       "1220",
                                       "1220" + std::string(62, '0'),
                                       "1214" + std::string(40, '0'),
                                       "1e02ff",
                                       "1e8101" + std::string(2 * 129, '0')};
  for (const std::string& hex : cases) {
    const core::Bytes bytes = from_hex(hex);
    core::BytesView rest = bytes;
    const auto hash = decode_multihash(rest);
    ASSERT_FALSE(hash.has_value()) << hex;
    EXPECT_EQ(hash.error().code, core::ErrorCode::kMalformed);
  }
}

}  // namespace
}  // namespace every::ipld
