#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "every/invocation/trace.h"
#include "every/ipld/key.h"
#include "every/runtime/sharing.h"
#include "every/store/store.h"

namespace every::runtime {

/// Why a receipt so judged is no hit; none: it is one.
[[nodiscard]] std::optional<invocation::Miss> miss_of(Origin::Use use);

/// Which receipts may be hits. A hash proves bytes, not truth: what was not made here needs somebody's word. thread: any.
class Trust {
 public:
  using OwnKey = std::function<core::Result<ipld::SigningKey>()>;
  /// in: own   the node's key, asked for once, when it is needed; may be empty. The store outlives this
  Trust(store::Store& store, std::vector<ipld::PublicKey> trusted, OwnKey own)
      : store_(store), trusted_(std::move(trusted)), load_own_(std::move(own)) {}

  /// cost: local receipts none; imported ones one query, and a signature for each attestation by a trusted key
  [[nodiscard]] Origin::Use judge(const store::ReceiptRecord& record) const;
  [[nodiscard]] bool is_trusted(const ipld::PublicKey& key) const;
  /// The node's own key. errors: those of where it is kept; kUnavailable there is none
  [[nodiscard]] core::Result<ipld::SigningKey> own_key() const;
  /// The node's own peer id; empty when it has no key.
  [[nodiscard]] const std::string& own_peer() const;

 private:
  store::Store& store_;
  const std::vector<ipld::PublicKey> trusted_;
  const OwnKey load_own_;
  mutable std::once_flag once_;
  mutable core::Result<std::optional<ipld::SigningKey>> own_{std::nullopt};
  mutable std::once_flag peer_once_;
  mutable std::string peer_;
};

/// Peer id of who executed for a receipt that came from elsewhere: the issuer of its first attestation. Empty: nobody attests it, or it was made here.
/// cost: one query for an imported receipt. thread: any
[[nodiscard]] std::string maker_of(store::Store& store, const store::ReceiptRecord& record);

}  // namespace every::runtime
