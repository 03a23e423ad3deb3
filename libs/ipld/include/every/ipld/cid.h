#pragma once

#include <atomic>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "every/core/bytes.h"
#include "every/core/error.h"
#include "every/ipld/multibase.h"
#include "every/ipld/multihash.h"

namespace every::ipld {

/// Multicodec numbers of the content a CID names. Others are carried through unharmed.
/// source: https://github.com/multiformats/multicodec table.csv
enum class Codec : std::uint64_t {
  kRaw = 0x55,
  kDagPb = 0x70,
  kDagCbor = 0x71,
  kLibp2pKey = 0x72,
  kDagJson = 0x0129
};

/// A content identifier: version, codec and multihash. Value type, totally ordered by its binary form, hashable.
///
/// Always valid: one can only be had from content or from text and bytes that parse. Rendering and parsing are inverses, as
/// are encoding and decoding. Copies share their bytes, which never change: a copy costs a count, no allocation. One that was
/// moved from can be assigned and destroyed; its binary form is empty.
/// source: https://github.com/multiformats/cid
class Cid {
 public:
  /// The CIDv1 of content.
  ///
  /// in: hash   a function known here; identity takes at most 128 bytes of content (both are checked, as bugs)
  /// errors: none; cost: one hash over the content; thread: any
  [[nodiscard]] static Cid of(Codec codec, HashCode hash, core::BytesView content);
  /// What our own data is named with: CIDv1, DAG-CBOR, sha3-256 (`bafyrmi…`).
  [[nodiscard]] static Cid of_dag_cbor(core::BytesView block) {
    return of(Codec::kDagCbor, HashCode::kSha3_256, block);
  }
  /// From its parts. errors: kInvalidArgument a version 0 that is not dag-pb with a 32-byte sha2-256
  [[nodiscard]] static core::Result<Cid> make(std::uint64_t version, Codec codec,
                                              const Multihash& hash);

  /// Strict text form: 46-character `Qm…` (version 0) or multibase text of a version 1; nothing before or after.
  /// errors: kMalformed naming what is wrong and where
  [[nodiscard]] static core::Result<Cid> parse(std::string_view text);
  /// As `parse`, and where the text holds `/ipfs/` only what follows its first occurrence up to the next `/`, `?` or `#`;
  /// `ipfs://` too. For resources and user input.
  [[nodiscard]] static core::Result<Cid> parse_reference(std::string_view text);
  /// Version 0 in base58btc, version 1 in base32 lower case.
  [[nodiscard]] std::string render() const;
  /// Version 1 in another base. errors: kInvalidArgument for version 0 in any base but base58btc
  [[nodiscard]] core::Result<std::string> render(Multibase base) const;

  /// Exactly one binary CID. errors: kMalformed, also for bytes left over
  [[nodiscard]] static core::Result<Cid> decode(core::BytesView bytes);
  /// A binary CID at the front of `bytes`, which is moved past it. errors: kMalformed
  [[nodiscard]] static core::Result<Cid> decode_prefix(core::BytesView& bytes);
  /// The binary form; valid as long as this object or a copy of it.
  [[nodiscard]] core::BytesView encode() const {
    return shared_ != nullptr ? core::BytesView(shared_->bytes(), shared_->size)
                              : core::BytesView();
  }

  [[nodiscard]] std::uint64_t version() const;
  [[nodiscard]] Codec codec() const;
  [[nodiscard]] HashCode hash_code() const;
  [[nodiscard]] core::BytesView digest() const;
  /// Whether `content` hashes to this CID. A hash function not known here is an error, never a yes.
  /// errors: kUnsupported
  [[nodiscard]] core::Result<bool> matches(core::BytesView content) const;

  Cid(const Cid& other) noexcept : shared_(other.shared_) {
    if (shared_ != nullptr) shared_->owners.fetch_add(1, std::memory_order_relaxed);
  }
  Cid(Cid&& other) noexcept : shared_(std::exchange(other.shared_, nullptr)) {}
  Cid& operator=(Cid other) noexcept {
    std::swap(shared_, other.shared_);
    return *this;
  }
  ~Cid() {
    if (shared_ != nullptr && shared_->owners.fetch_sub(1, std::memory_order_acq_rel) == 1)
      release(shared_);
  }

  friend bool operator==(const Cid& a, const Cid& b) {
    return a.shared_ == b.shared_ ||
           (a.hash() == b.hash() && core::as_text(a.encode()) == core::as_text(b.encode()));
  }
  friend std::strong_ordering operator<=>(const Cid& a, const Cid& b) {
    return core::as_text(a.encode()) <=> core::as_text(b.encode());
  }

 private:
  /// The version 1 bytes, or the bare multihash of a version 0, behind this head in the same allocation.
  struct Shared {
    std::atomic<std::uint32_t> owners;
    std::uint32_t size;
    std::size_t hash;
    [[nodiscard]] const std::uint8_t* bytes() const {
      return reinterpret_cast<const std::uint8_t*>(this + 1);
    }
  };
  explicit Cid(core::BytesView binary);
  static void release(Shared* shared) noexcept;
  [[nodiscard]] std::size_t hash() const { return shared_ != nullptr ? shared_->hash : 0; }

  Shared* shared_;
  friend struct std::hash<Cid>;
};

}  // namespace every::ipld

template <>
struct std::hash<every::ipld::Cid> {
  std::size_t operator()(const every::ipld::Cid& cid) const noexcept { return cid.hash(); }
};
