#include "every/ipld/key.h"

#include <algorithm>
#include <array>

#include <gtest/gtest.h>

#include "every/core/text.h"
#include "every/ipld/multibase.h"

namespace every::ipld {
namespace {

using core::ErrorCode;

core::Bytes hex(std::string_view text) {
  auto bytes = decode_base(Multibase::kBase16, text);
  EXPECT_TRUE(bytes);
  return bytes.value_or(core::Bytes());
}

SigningKey key_of(KeyType type, std::string_view secret) {
  auto key = SigningKey::from_secret(type, hex(secret));
  EXPECT_TRUE(key) << key.error().message;
  return std::move(*key);
}

constexpr std::string_view kZeros =
    "0000000000000000000000000000000000000000000000000000000000000000";
// RFC 8032 §7.1, test 1.
constexpr std::string_view kRfcSecret =
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";

TEST(KeyTest, NamesAnEd25519KeyAsLibp2pDoes) {
  EXPECT_EQ(key_of(KeyType::kEd25519, kZeros).public_key().peer_id(),
            "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN");
}

TEST(KeyTest, NamesASecp256k1KeyAsLibp2pDoes) {
  // The key of libp2p's specification of peer ids.
  const SigningKey key = key_of(KeyType::kSecp256k1,
                                "53dadf1d5a164d6b4acdb15e24aa4c5b1d3461bdbd42abedb0a4404d56ced8fb");
  EXPECT_EQ(core::to_hex(key.public_key().raw()),
            "037777e994e452c21604f91de093ce415f5432f701dd8cd1a7a6fea0e630bfca99");
  EXPECT_TRUE(key.public_key().peer_id().starts_with("16Uiu2HA"));
}

TEST(KeyTest, HashesALongKeyIntoItsName) {
  const core::Bytes protobuf(43, 1);
  EXPECT_TRUE(peer_id_of(protobuf).starts_with("Qm"));
  EXPECT_EQ(peer_id_of(protobuf).size(), 46u);
  EXPECT_FALSE(peer_id_of(core::Bytes(42, 1)).starts_with("Qm"));
}

TEST(KeyTest, SignsAsTheRfcSays) {
  const SigningKey key = key_of(KeyType::kEd25519, kRfcSecret);
  EXPECT_EQ(core::to_hex(key.public_key().raw()),
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  EXPECT_EQ(
      core::to_hex(key.sign({})),
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701c"
      "f9b46bd25bf5f0595bbe24655141438e7a100b");
}

TEST(KeyTest, WritesADidAsTheMethodSays) {
  const SigningKey key = key_of(KeyType::kEd25519, kZeros);
  const std::string did = key.public_key().did();
  EXPECT_TRUE(did.starts_with("did:key:z6Mk")) << did;
  const auto back = PublicKey::parse_did(did);
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, key.public_key());
  const SigningKey other = SigningKey::generate(KeyType::kSecp256k1);
  EXPECT_TRUE(other.public_key().did().starts_with("did:key:zQ3s"));
  EXPECT_EQ(PublicKey::parse_did(other.public_key().did()).value(), other.public_key());
}

TEST(KeyTest, RefusesADidThatIsNone) {
  EXPECT_EQ(PublicKey::parse_did("did:web:example.org").error().code, ErrorCode::kUnsupported);
  EXPECT_FALSE(PublicKey::parse_did("did:key:z6Mk"));
  EXPECT_FALSE(PublicKey::parse_did("did:key:"));
  // An x25519 key agrees on secrets and signs nothing.
  core::Bytes agreeing{0xec, 0x01};
  agreeing.resize(34, 9);
  const std::string did = "did:key:" + encode_multibase(Multibase::kBase58Btc, agreeing);
  EXPECT_EQ(PublicKey::parse_did(did).error().code, ErrorCode::kUnsupported);
}

struct SeedCase {
  const char* name;
  core::Bytes seed;
  const char* secret;  // by rand 0.8
};
class KeySeedTest : public testing::TestWithParam<SeedCase> {};

TEST_P(KeySeedTest, GivesTheKeyTheOriginalDerives) {
  const auto seeded = SigningKey::from_seed(KeyType::kEd25519, GetParam().seed);
  ASSERT_TRUE(seeded);
  EXPECT_EQ(seeded->public_key(), key_of(KeyType::kEd25519, GetParam().secret).public_key());
}

core::Bytes counting() {
  core::Bytes bytes(32);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i);
  return bytes;
}
INSTANTIATE_TEST_SUITE_P(
    Seeds, KeySeedTest,
    testing::Values(SeedCase{"zeros", core::Bytes(32, 0),
                             "9b07815f04497e2e05d22cac3aa061410b20868cc619154c42a1c61be9902717"},
                    SeedCase{"sevens", core::Bytes(32, 7),
                             "f685a36a367e097381a1a05850b18d1d8e70cf1a9fcf6825032efa0e6b25410c"},
                    SeedCase{"counting", counting(),
                             "f2d144d749c2e9d959c2298561e6e5466c83db3d352e047e22580d15d9487fe7"}),
    [](const auto& param) { return param.param.name; });

TEST(KeyTest, RefusesASecretOfAnotherLength) {
  EXPECT_EQ(SigningKey::from_secret(KeyType::kEd25519, core::Bytes(31)).error().code,
            ErrorCode::kMalformed);
  EXPECT_EQ(SigningKey::from_seed(KeyType::kEd25519, core::Bytes(33)).error().code,
            ErrorCode::kMalformed);
  EXPECT_EQ(SigningKey::from_secret(KeyType::kSecp256k1, core::Bytes(32, 0)).error().code,
            ErrorCode::kMalformed);
}

class KeyTypeTest : public testing::TestWithParam<KeyType> {};

TEST_P(KeyTypeTest, SurvivesItsFile) {
  const SigningKey key = SigningKey::generate(GetParam());
  const std::string pem = key.render_pem();
  EXPECT_TRUE(pem.starts_with("-----BEGIN PRIVATE KEY-----"));
  const auto back = SigningKey::parse_file(GetParam(), core::as_bytes(pem));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->public_key(), key.public_key());
}

TEST_P(KeyTypeTest, VerifiesItsOwnSignaturesOnly) {
  const SigningKey key = SigningKey::generate(GetParam());
  const core::Bytes message = core::to_bytes("what was said");
  core::Bytes signature = key.sign(message);
  EXPECT_TRUE(key.public_key().verifies(message, signature));
  EXPECT_FALSE(key.public_key().verifies(core::to_bytes("something else"), signature));
  EXPECT_FALSE(SigningKey::generate(GetParam()).public_key().verifies(message, signature));
  signature[signature.size() / 2] ^= 1;
  EXPECT_FALSE(key.public_key().verifies(message, signature));
  EXPECT_FALSE(key.public_key().verifies(message, {}));
}
INSTANTIATE_TEST_SUITE_P(Types, KeyTypeTest,
                         testing::Values(KeyType::kEd25519, KeyType::kSecp256k1),
                         [](const auto& param) {
                           return std::string(render_key_type(param.param));
                         });

TEST(KeyFileTest, ReadsABareSeedUnderThePemLabel) {
  const std::string pem =
      "-----BEGIN PRIVATE KEY-----\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n-----END PRIVATE "
      "KEY-----\n";
  const auto key = SigningKey::parse_file(KeyType::kEd25519, core::as_bytes(pem));
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_EQ(key->public_key(), key_of(KeyType::kEd25519, kZeros).public_key());
}

TEST(KeyFileTest, ReadsAnEd25519FileThatHoldsThePublicKeyToo) {
  core::Bytes der = hex("3051020101300506032b657004220420");
  const core::Bytes secret = hex(kRfcSecret);
  der.insert(der.end(), secret.begin(), secret.end());
  const core::Bytes rest =
      hex("812100d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  der.insert(der.end(), rest.begin(), rest.end());
  const auto key = SigningKey::parse_file(KeyType::kEd25519, der);
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_EQ(key->public_key(), key_of(KeyType::kEd25519, kRfcSecret).public_key());
}

TEST(KeyFileTest, ReadsSec1WithAndWithoutTheCurvesName) {
  const std::string_view secret =
      "53dadf1d5a164d6b4acdb15e24aa4c5b1d3461bdbd42abedb0a4404d56ced8fb";
  core::Bytes der = hex("302e0201010420");
  const core::Bytes bytes = hex(secret);
  der.insert(der.end(), bytes.begin(), bytes.end());
  const core::Bytes curve = hex("a00706052b8104000a");
  der.insert(der.end(), curve.begin(), curve.end());
  const auto bare = SigningKey::parse_file(KeyType::kSecp256k1, der);
  ASSERT_TRUE(bare) << bare.error().message;
  core::Bytes named = hex("06052b8104000a");
  named.insert(named.end(), der.begin(), der.end());
  const auto both = SigningKey::parse_file(KeyType::kSecp256k1, named);
  ASSERT_TRUE(both) << both.error().message;
  EXPECT_EQ(bare->public_key(), key_of(KeyType::kSecp256k1, secret).public_key());
  EXPECT_EQ(both->public_key(), bare->public_key());
}

TEST(KeyFileTest, RefusesWhatIsNoKeyOfItsType) {
  const std::string ed25519 = SigningKey::generate(KeyType::kEd25519).render_pem();
  for (const std::string_view content : {std::string_view(), std::string_view("key"),
                                         std::string_view("-----BEGIN PRIVATE KEY-----\n")}) {
    for (const KeyType type : {KeyType::kEd25519, KeyType::kSecp256k1})
      EXPECT_EQ(SigningKey::parse_file(type, core::as_bytes(content)).error().code,
                ErrorCode::kMalformed);
  }
  EXPECT_EQ(SigningKey::parse_file(KeyType::kSecp256k1, core::as_bytes(ed25519)).error().code,
            ErrorCode::kMalformed);
  const std::string other = SigningKey::generate(KeyType::kSecp256k1).render_pem();
  EXPECT_EQ(SigningKey::parse_file(KeyType::kEd25519, core::as_bytes(other)).error().code,
            ErrorCode::kMalformed);
}

}  // namespace
}  // namespace every::ipld
