#include "trust.h"

#include <algorithm>

#include "every/invocation/attestation.h"
#include "every/wasm/executor.h"

namespace every::runtime {

core::Result<ipld::SigningKey> Trust::own_key() const {
  std::call_once(once_, [this] {
    if (!load_own_) return;
    auto key = load_own_();
    if (key) {
      own_ = std::move(*key);
    } else {
      own_ = std::unexpected(std::move(key).error());
    }
  });
  if (!own_) return std::unexpected(own_.error());
  if (!*own_) return core::fail(core::ErrorCode::kUnavailable, "this node has no key to sign with");
  return **own_;
}

const std::string& Trust::own_peer() const {
  std::call_once(peer_once_, [this] {
    if (const auto key = own_key()) peer_ = key->public_key().peer_id();
  });
  return peer_;
}

std::string maker_of(store::Store& store, const store::ReceiptRecord& record) {
  if (record.provenance == store::Provenance::kLocal) return {};
  const auto attestations = store.attestations_of(record.cid);
  if (!attestations) return {};
  for (const store::AttestationRecord& kept : *attestations) {
    const auto attestation = invocation::Attestation::decode(kept.block, kept.cid);
    if (attestation && attestation->receipt() == record.cid) return attestation->issuer().peer_id();
  }
  return {};
}

bool Trust::is_trusted(const ipld::PublicKey& key) const {
  if (std::ranges::find(trusted_, key) != trusted_.end()) return true;
  const auto own = own_key();
  return own && own->public_key() == key;
}

std::optional<invocation::Miss> miss_of(Origin::Use use) {
  switch (use) {
    case Origin::Use::kForgotten:
      return invocation::Miss::kForgotten;
    case Origin::Use::kUntrusted:
      return invocation::Miss::kUntrusted;
    case Origin::Use::kOtherProfile:
      return invocation::Miss::kOtherProfile;
    case Origin::Use::kHit:
      break;
  }
  return std::nullopt;
}

Origin::Use Trust::judge(const store::ReceiptRecord& record) const {
  using Use = Origin::Use;
  const bool fits = record.profile == 0 || record.profile == wasm::kDeterminismProfile;
  if (record.standing == store::Standing::kForgotten) return Use::kForgotten;
  if (record.provenance == store::Provenance::kLocal) return Use::kHit;
  if (record.standing == store::Standing::kVerified) return Use::kHit;
  if (record.standing == store::Standing::kTrusted) return fits ? Use::kHit : Use::kOtherProfile;
  const auto attestations = store_.attestations_of(record.cid);
  if (!attestations) return Use::kUntrusted;
  Use use = Use::kUntrusted;
  for (const store::AttestationRecord& kept : *attestations) {
    const auto attestation = invocation::Attestation::decode(kept.block, kept.cid);
    if (!attestation || attestation->receipt() != record.cid || !is_trusted(attestation->issuer()))
      continue;
    if (attestation->profile() == wasm::kDeterminismProfile) return Use::kHit;
    use = Use::kOtherProfile;
  }
  return use;
}

}  // namespace every::runtime
