#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "every/core/bytes.h"
#include "every/core/error.h"

/// The keys of nodes: who signs, and the names others know a signer by.
/// source: docs/formats/keys.md
namespace every::ipld {

enum class KeyType : std::uint8_t { kEd25519, kSecp256k1 };
/// `ed25519`, `secp256k1`.
[[nodiscard]] std::string_view render_key_type(KeyType type);

/// The half of a key that everybody may know. Value type.
class PublicKey {
 public:
  /// in: raw   32 bytes (ed25519), or 33 bytes, compressed (secp256k1). errors: kMalformed no key has these bytes
  [[nodiscard]] static core::Result<PublicKey> make(KeyType type, core::Bytes raw);
  /// From `did:key:z…`. errors: kMalformed; kUnsupported another kind of DID or of key
  [[nodiscard]] static core::Result<PublicKey> parse_did(std::string_view text);
  /// `did:key:z…`: how attestations and `trusted_keys` name it. source: https://w3c-ccg.github.io/did-method-key/
  [[nodiscard]] std::string did() const;
  /// libp2p's name: base58btc of the multihash of the key's protobuf, identity up to 42 bytes, sha2-256 beyond.
  /// source: https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md
  [[nodiscard]] std::string peer_id() const;
  [[nodiscard]] KeyType type() const { return type_; }
  [[nodiscard]] core::BytesView raw() const { return raw_; }
  /// Whether the signature of `message` is this key's: ed25519, or ECDSA over sha2-256 in DER.
  [[nodiscard]] bool verifies(core::BytesView message, core::BytesView signature) const;
  friend bool operator==(const PublicKey&, const PublicKey&) = default;

 private:
  PublicKey(KeyType type, core::Bytes raw) : type_(type), raw_(std::move(raw)) {}
  KeyType type_;
  core::Bytes raw_;
};

/// libp2p's name for the protobuf form of any public key: keys over 42 bytes are hashed. errors: none
[[nodiscard]] std::string peer_id_of(core::BytesView protobuf_key);

/// A key that signs. Immutable; thread: any.
class SigningKey {
 public:
  /// in: secret   32 bytes. errors: kMalformed another length, or no valid secp256k1 secret
  [[nodiscard]] static core::Result<SigningKey> from_secret(KeyType type, core::BytesView secret);
  /// The key the original derives of a seed of 32 bytes (`random_seed`): its generator's first 32 bytes are the secret.
  /// errors: kMalformed another length
  [[nodiscard]] static core::Result<SigningKey> from_seed(KeyType type, core::BytesView seed);
  /// From fresh randomness of the operating system.
  [[nodiscard]] static SigningKey generate(KeyType type);
  /// A key file: ed25519 as PEM (PKCS#8, or the bare 32 bytes under that label); secp256k1 as SEC1 DER, with its curve's name before it
  /// or not, or PKCS#8 in either form.
  /// errors: kMalformed no such key, or one of another type
  [[nodiscard]] static core::Result<SigningKey> parse_file(KeyType type, core::BytesView content);
  /// PKCS#8 PEM. errors: none
  [[nodiscard]] std::string render_pem() const;

  [[nodiscard]] const PublicKey& public_key() const { return public_key_; }
  [[nodiscard]] core::Bytes sign(core::BytesView message) const;

 private:
  struct Native;
  SigningKey(std::shared_ptr<const Native> native, PublicKey public_key)
      : native_(std::move(native)), public_key_(std::move(public_key)) {}
  static core::Result<SigningKey> adopt(KeyType type, std::shared_ptr<const Native> native);
  std::shared_ptr<const Native> native_;
  PublicKey public_key_;
};

}  // namespace every::ipld
