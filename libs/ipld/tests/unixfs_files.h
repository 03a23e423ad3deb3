#pragma once

#include <cstdint>
#include <map>

#include "every/core/bytes.h"
#include "every/ipld/unixfs.h"

namespace every::ipld::tests {

/// The content tests/data/unixfs.json describes.
inline core::Bytes test_content(std::uint64_t size) {
  core::Bytes content(size);
  for (std::uint64_t i = 0; i < size; ++i) {
    content[i] = static_cast<std::uint8_t>(i * 31 + (i >> 8) * 17 + 7);
  }
  return content;
}

/// Blocks in memory that count how often each is asked for.
class BlockMap {
 public:
  [[nodiscard]] unixfs::BlockSink sink() {
    return [this](const Cid& cid, core::BytesView block) {
      blocks_.insert_or_assign(cid, core::to_bytes(block));
      return core::Status();
    };
  }
  [[nodiscard]] unixfs::BlockSource source() {
    return [this](const Cid& cid) -> core::Result<core::Bytes> {
      ++reads_;
      const auto at = blocks_.find(cid);
      if (at == blocks_.end()) return core::fail(core::ErrorCode::kNotFound, "no such block");
      return at->second;
    };
  }
  /// Keeps a block under the CID it has.
  Cid put(Codec codec, core::BytesView block) {
    Cid cid = Cid::of(codec, HashCode::kSha2_256, block);
    blocks_.insert_or_assign(cid, core::to_bytes(block));
    return cid;
  }
  void erase(const Cid& cid) { blocks_.erase(cid); }
  [[nodiscard]] core::Bytes& at(const Cid& cid) { return blocks_.at(cid); }
  [[nodiscard]] std::size_t size() const { return blocks_.size(); }
  [[nodiscard]] std::size_t reads() const { return reads_; }

 private:
  std::map<Cid, core::Bytes> blocks_;
  std::size_t reads_ = 0;
};

}  // namespace every::ipld::tests
