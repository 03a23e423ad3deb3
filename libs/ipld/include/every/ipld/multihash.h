#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "every/core/bytes.h"
#include "every/core/error.h"

namespace every::ipld {

/// Hash functions known here. source: https://github.com/multiformats/multicodec table.csv
enum class HashCode : std::uint64_t {
  kIdentity = 0x00,
  kSha2_256 = 0x12,
  kSha2_512 = 0x13,
  kSha3_256 = 0x16
};

/// A digest and the function that made it.
struct Multihash {
  HashCode code = HashCode::kSha2_256;
  core::Bytes digest;
  friend bool operator==(const Multihash&, const Multihash&) = default;
};

/// `sha2-256`, `sha3-256`, `identity`, …; empty for a function not known here.
[[nodiscard]] std::string_view hash_name(HashCode code);

/// Hashes content. in: code   a known function
/// errors: kUnsupported for a function not known here; kResourceExhausted identity of more than 128 bytes
/// cost: linear; no allocation but the digest. thread: any
[[nodiscard]] core::Result<core::Bytes> digest(HashCode code, core::BytesView content);

/// Hashing content that comes in pieces. Not thread-safe; one object, one content.
class Hasher {
 public:
  /// in: code   kSha2_256, kSha2_512 or kSha3_256
  explicit Hasher(HashCode code);
  ~Hasher();
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;
  void update(core::BytesView piece);
  /// The digest; the object is then as new.
  [[nodiscard]] core::Bytes finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Binary multihash: varint code, varint length, digest. Decoding takes one from the front of `bytes` and moves past it.
/// errors: kMalformed truncated, or a length that does not fit the function; digests over 128 bytes
[[nodiscard]] core::Bytes encode(const Multihash& hash);
[[nodiscard]] core::Result<Multihash> decode_multihash(core::BytesView& bytes);

}  // namespace every::ipld
