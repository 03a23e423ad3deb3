#pragma once

#include <cstdint>
#include <string>

#include "every/core/bytes.h"
#include "every/core/error.h"
#include "every/ipld/cid.h"
#include "every/ipld/key.h"
#include "every/ipld/value.h"

/// Signed words for receipts: a hash proves bytes, not truth; an attestation says who vouches for them.
/// source: docs/formats/attestation.md
namespace every::invocation {

/// Somebody's word that a receipt is true: its task was executed by them, in this sandbox, and gave this result.
///
/// Always signed: one can only be made with a key, or decoded from a block whose signature is good. Value type.
class Attestation {
 public:
  /// in: profile   the determinism profile it was made under; engine   name and version, UTF-8
  [[nodiscard]] static Attestation make(const ipld::SigningKey& key, const ipld::Cid& receipt,
                                        std::uint32_t profile, std::string engine);
  /// Whether a value has the five keys of an attestation, whatever they hold.
  [[nodiscard]] static bool looks_like_one(const ipld::Value& value);
  /// errors: kMalformed not the five keys with what belongs there, an issuer that is no key; kIntegrity the signature is not the issuer's
  [[nodiscard]] static core::Result<Attestation> parse(const ipld::Value& value);
  /// errors: kIntegrity the bytes do not hash to `cid`; those of parse
  [[nodiscard]] static core::Result<Attestation> decode(core::BytesView block,
                                                        const ipld::Cid& cid);
  [[nodiscard]] ipld::Value render() const;
  /// The DAG-CBOR block. Ed25519 signatures repeat: one issuer has one block for the same words.
  [[nodiscard]] core::Bytes encode() const;

  [[nodiscard]] const ipld::PublicKey& issuer() const { return issuer_; }
  [[nodiscard]] const ipld::Cid& receipt() const { return receipt_; }
  [[nodiscard]] std::uint32_t profile() const { return profile_; }
  [[nodiscard]] const std::string& engine() const { return engine_; }

 private:
  Attestation(ipld::PublicKey issuer, ipld::Cid receipt, std::uint32_t profile, std::string engine)
      : issuer_(std::move(issuer)),
        receipt_(std::move(receipt)),
        profile_(profile),
        engine_(std::move(engine)) {}
  [[nodiscard]] ipld::Map words() const;
  [[nodiscard]] core::Bytes message() const;

  ipld::PublicKey issuer_;
  ipld::Cid receipt_;
  std::uint32_t profile_;
  std::string engine_;
  core::Bytes signature_;
};

}  // namespace every::invocation
