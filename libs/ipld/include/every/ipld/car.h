#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "every/core/bytes.h"
#include "every/core/error.h"
#include "every/ipld/cid.h"

/// CAR, blocks with their CIDs in one stream: version 1 is written, 1 and 2 are read.
/// source: https://ipld.io/specs/transport/car/ and docs/formats/car.md
namespace every::ipld::car {

/// Fills a buffer and says how many bytes it put there; 0 is the end.
using Source = std::function<core::Result<std::size_t>(std::span<std::uint8_t>)>;
/// A source of bytes that are all there; they outlive it.
[[nodiscard]] Source source_of(core::BytesView bytes);

struct Block {
  Cid cid;
  core::Bytes bytes;
};

struct ReadLimits {
  std::size_t header_bytes = std::size_t{1} << 20;  ///< at most 32,768 roots fit, about
  std::size_t block_bytes = std::size_t{128} << 20;
};

/// Reads block after block; memory: one block. Not thread-safe.
class Reader {
 public:
  /// Reads the header. errors: kMalformed no CAR (the offset is named); kUnsupported another version than 1 and 2; kResourceExhausted; those of the source
  [[nodiscard]] static core::Result<Reader> open(Source source, const ReadLimits& limits = {});
  ~Reader();
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;

  [[nodiscard]] const std::vector<Cid>& roots() const;
  /// The next block, checked against its CID; none at the end. Blocks may come more than once, in any order.
  /// errors: kMalformed, kIntegrity a block that does not hash to its CID, kUnsupported a hash not known here, kResourceExhausted; those of the source.
  /// After an error the reader is at its end.
  [[nodiscard]] core::Result<std::optional<Block>> next();

 private:
  class Impl;
  explicit Reader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// The header of a version 1 file.
[[nodiscard]] core::Bytes encode_header(std::span<const Cid> roots);
/// What stands before a block's bytes: the length of the section and the CID.
[[nodiscard]] core::Bytes encode_block_header(const Cid& cid, std::size_t block_bytes);
/// Appends a whole section.
void append_block(core::Bytes& out, const Cid& cid, core::BytesView block);

}  // namespace every::ipld::car
