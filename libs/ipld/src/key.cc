#include "every/ipld/key.h"

#include <algorithm>
#include <array>

#include "chacha12.h"
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "every/core/random.h"
#include "every/ipld/multibase.h"
#include "every/ipld/multihash.h"
#include "every/ipld/varint.h"

namespace every::ipld {
namespace {

using core::ErrorCode;

constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kMostInlineKey = 42;  // longer keys are named by their hash
constexpr std::string_view kDidPrefix = "did:key:";

template <auto kFree>
struct Free {
  template <typename T>
  void operator()(T* pointer) const {
    kFree(pointer);
  }
};
using Pkey = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;

struct TypeRow {
  KeyType type;
  std::string_view name;
  std::uint8_t protobuf;     // libp2p's KeyType
  std::uint64_t multicodec;  // of the public key, in a DID
  std::size_t bytes;         // of the public key
};
constexpr std::array kTypes{TypeRow{KeyType::kEd25519, "ed25519", 1, 0xed, 32},
                            TypeRow{KeyType::kSecp256k1, "secp256k1", 2, 0xe7, 33}};
const TypeRow& row(KeyType type) {
  return kTypes[type == KeyType::kEd25519 ? 0 : 1];
}

core::Bytes join(std::initializer_list<core::BytesView> parts) {
  core::Bytes all;
  for (const core::BytesView part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

constexpr std::array<std::uint8_t, 7> kCurveName{0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x0a};
// SubjectPublicKeyInfo of a compressed point; what follows is the point.
constexpr std::array<std::uint8_t, 23> kPointHeader{0x30, 0x36, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86,
                                                    0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b,
                                                    0x81, 0x04, 0x00, 0x0a, 0x03, 0x22, 0x00};
// ECPrivateKey around a secret; the curve's name follows the secret.
constexpr std::array<std::uint8_t, 7> kSecretHeader{0x30, 0x2e, 0x02, 0x01, 0x01, 0x04, 0x20};
constexpr std::array<std::uint8_t, 2> kCurveHeader{0xa0, 0x07};
// PKCS#8 of an ed25519 key from its algorithm on; the secret follows. Read by hand: newer files hold the public key, too.
constexpr std::array<std::uint8_t, 11> kEd25519Header{0x30, 0x05, 0x06, 0x03, 0x2b, 0x65,
                                                      0x70, 0x04, 0x22, 0x04, 0x20};

Pkey parse_private_der(core::BytesView der) {
  const unsigned char* at = der.data();
  Pkey key(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  return key;
}

Pkey to_native(const PublicKey& key) {
  if (key.type() == KeyType::kEd25519)
    return Pkey(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.raw().data(), key.raw().size()));
  const core::Bytes der = join({kPointHeader, key.raw()});
  const unsigned char* at = der.data();
  Pkey native(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  return native;
}

core::Bytes compress(core::Bytes point) {
  if (point.size() != 65) return point;
  const std::uint8_t prefix = (point.back() & 1) != 0 ? 0x03 : 0x02;
  point.resize(33);
  point.front() = prefix;
  return point;
}

/// The raw public half of a native key; empty when it is not of this type.
core::Bytes public_of(KeyType type, EVP_PKEY* key) {
  core::Bytes raw(128);
  std::size_t size = raw.size();
  if (type == KeyType::kEd25519) {
    if (EVP_PKEY_get_base_id(key) != EVP_PKEY_ED25519 ||
        EVP_PKEY_get_raw_public_key(key, raw.data(), &size) != 1)
      return {};
    raw.resize(size);
    return raw;
  }
  std::array<char, 64> group{};
  std::size_t length = 0;
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC ||
      EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size(),
                                     &length) != 1 ||
      std::string_view(group.data(), length) != "secp256k1" ||
      EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, raw.data(), raw.size(),
                                      &size) != 1)
    return {};
  raw.resize(size);
  return compress(std::move(raw));
}

/// The DER inside a PEM file and its label; none when it is not PEM.
std::optional<std::pair<std::string, core::Bytes>> read_pem(core::BytesView content) {
  const Bio bio(BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  std::optional<std::pair<std::string, core::Bytes>> out;
  // The last one: `openssl ecparam -genkey` writes the curve's name as a document of its own before the key.
  while (PEM_read_bio(bio.get(), &name, &header, &data, &size) == 1) {
    out.emplace(name, core::Bytes(data, data + size));
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_clear_free(data, static_cast<std::size_t>(size));
  }
  ERR_clear_error();
  return out;
}

}  // namespace

struct SigningKey::Native {
  Pkey key;
};

std::string_view render_key_type(KeyType type) {
  return row(type).name;
}

std::string peer_id_of(core::BytesView protobuf_key) {
  const HashCode code =
      protobuf_key.size() <= kMostInlineKey ? HashCode::kIdentity : HashCode::kSha2_256;
  auto hash = digest(code, protobuf_key);
  EVERY_CHECK(hash.has_value());
  return encode_base(Multibase::kBase58Btc, encode(Multihash{code, std::move(*hash)}));
}

core::Result<PublicKey> PublicKey::make(KeyType type, core::Bytes raw) {
  PublicKey key(type, std::move(raw));
  if (key.raw_.size() != row(type).bytes || !to_native(key))
    return core::fail(ErrorCode::kMalformed, "these " + std::to_string(key.raw_.size()) +
                                                 " bytes are no " + std::string(row(type).name) +
                                                 " public key");
  return key;
}

core::Result<PublicKey> PublicKey::parse_did(std::string_view text) {
  if (!text.starts_with(kDidPrefix) || text.size() > 200)
    return core::fail(ErrorCode::kUnsupported, "'" + std::string(text.substr(0, 60)) +
                                                   "' is no did:key (it would look like "
                                                   "did:key:z6Mk…)");
  auto decoded = decode_multibase(text.substr(kDidPrefix.size()));
  if (!decoded)
    return core::fail(core::Error(decoded.error()).in("'" + std::string(text) + "' is no did:key"));
  core::BytesView bytes = *decoded;
  EVERY_TRY_ASSIGN(const std::uint64_t code, decode_varint(bytes));
  for (const TypeRow& known : kTypes) {
    if (known.multicodec == code) return make(known.type, core::to_bytes(bytes));
  }
  return core::fail(ErrorCode::kUnsupported,
                    "'" + std::string(text) + "' is neither an ed25519 nor a secp256k1 key");
}

std::string PublicKey::did() const {
  core::Bytes bytes;
  encode_varint(row(type_).multicodec, bytes);
  bytes.insert(bytes.end(), raw_.begin(), raw_.end());
  return std::string(kDidPrefix) + encode_multibase(Multibase::kBase58Btc, bytes);
}

std::string PublicKey::peer_id() const {
  core::Bytes message{0x08, row(type_).protobuf, 0x12, static_cast<std::uint8_t>(raw_.size())};
  message.insert(message.end(), raw_.begin(), raw_.end());
  return peer_id_of(message);
}

bool PublicKey::verifies(core::BytesView message, core::BytesView signature) const {
  const Pkey native = to_native(*this);
  const DigestContext context(EVP_MD_CTX_new());
  EVERY_CHECK(native && context);
  const EVP_MD* method = type_ == KeyType::kEd25519 ? nullptr : EVP_sha256();
  const bool valid =
      EVP_DigestVerifyInit(context.get(), nullptr, method, nullptr, native.get()) == 1 &&
      EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                       message.size()) == 1;
  ERR_clear_error();
  return valid;
}

core::Result<SigningKey> SigningKey::adopt(KeyType type, std::shared_ptr<const Native> native) {
  core::Bytes raw = native->key ? public_of(type, native->key.get()) : core::Bytes();
  if (raw.empty())
    return core::fail(ErrorCode::kMalformed, "this is no " + std::string(row(type).name) + " key");
  EVERY_TRY_ASSIGN(PublicKey public_key, PublicKey::make(type, std::move(raw)));
  return SigningKey(std::move(native), std::move(public_key));
}

core::Result<SigningKey> SigningKey::from_secret(KeyType type, core::BytesView secret) {
  if (secret.size() != kSecretBytes)
    return core::fail(ErrorCode::kMalformed,
                      "a secret key has 32 bytes, not " + std::to_string(secret.size()));
  auto native = std::make_shared<Native>();
  if (type == KeyType::kEd25519) {
    native->key.reset(
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, secret.data(), secret.size()));
  } else {
    native->key = parse_private_der(join({kSecretHeader, secret, kCurveHeader, kCurveName}));
  }
  return adopt(type, std::move(native));
}

core::Result<SigningKey> SigningKey::from_seed(KeyType type, core::BytesView seed) {
  if (seed.size() != kSecretBytes)
    return core::fail(ErrorCode::kMalformed,
                      "a seed has 32 bytes, not " + std::to_string(seed.size()));
  return from_secret(type, first_bytes_of_seed(seed));
}

SigningKey SigningKey::generate(KeyType type) {
  for (;;) {
    std::array<std::uint8_t, kSecretBytes> secret{};
    core::fill_random(secret);
    // A secp256k1 secret may lie outside of the curve's order, once in 2^128 tries.
    if (auto key = from_secret(type, secret)) return std::move(*key);
  }
}

core::Result<SigningKey> SigningKey::parse_file(KeyType type, core::BytesView content) {
  constexpr std::size_t kMostBytes = 64 << 10;
  if (content.empty() || content.size() > kMostBytes)
    return core::fail(ErrorCode::kMalformed, content.empty() ? "the key file is empty"
                                                             : "this is too large for a key file");
  core::Bytes der = core::to_bytes(content);
  if (auto pem = read_pem(content)) {
    der = std::move(pem->second);
    if (type == KeyType::kEd25519 && der.size() == kSecretBytes) return from_secret(type, der);
  }
  core::BytesView view = der;
  if (type == KeyType::kEd25519) {
    const auto at = std::ranges::search(view, kEd25519Header);
    const auto left = static_cast<std::size_t>(view.end() - at.end());
    constexpr std::ptrdiff_t kBefore = 8;  // sequence, length, version
    if (!at.empty() && at.begin() - view.begin() <= kBefore && left >= kSecretBytes)
      return from_secret(type, view.last(left).first(kSecretBytes));
  }
  if (view.size() > kCurveName.size() &&
      std::ranges::equal(view.first(kCurveName.size()), kCurveName))
    view = view.subspan(kCurveName.size());
  auto native = std::make_shared<Native>();
  native->key = parse_private_der(view);
  return adopt(type, std::move(native));
}

std::string SigningKey::render_pem() const {
  const Bio bio(BIO_new(BIO_s_mem()));
  EVERY_CHECK(bio && PEM_write_bio_PKCS8PrivateKey(bio.get(), native_->key.get(), nullptr, nullptr,
                                                   0, nullptr, nullptr) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

core::Bytes SigningKey::sign(core::BytesView message) const {
  const DigestContext context(EVP_MD_CTX_new());
  const EVP_MD* method = public_key_.type() == KeyType::kEd25519 ? nullptr : EVP_sha256();
  core::Bytes signature(128);
  std::size_t size = signature.size();
  EVERY_CHECK(
      context &&
      EVP_DigestSignInit(context.get(), nullptr, method, nullptr, native_->key.get()) == 1 &&
      EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) == 1);
  signature.resize(size);
  return signature;
}

}  // namespace every::ipld
