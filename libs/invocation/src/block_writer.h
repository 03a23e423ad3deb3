#pragma once

#include <cstdint>
#include <string_view>

#include "every/core/bytes.h"
#include "every/core/error.h"
#include "every/invocation/invocation.h"
#include "every/ipld/dag_cbor.h"

namespace every::invocation::detail {

/// Writes a block of a known shape piece by piece, without a Value of it.
///
/// Whoever uses it writes what heads announce, and keys in DAG-CBOR's order: by length, then bytewise.
/// source: RFC 8949; docs/formats/dag-cbor.md
class BlockWriter {
 public:
  explicit BlockWriter(core::Bytes& out) : out_(out) {}

  void map(std::uint64_t entries) { head(kMap, entries); }
  void list(std::uint64_t items) { head(kList, items); }
  void null() { out_.push_back(kNull); }
  void text(std::string_view value) {
    head(kText, value.size());
    raw(core::as_bytes(value));
  }
  void link(const ipld::Cid& cid) {
    head(kTag, kLinkTag);
    head(kByteString, cid.encode().size() + 1);
    out_.push_back(kLinkPrefix);
    raw(cid.encode());
  }
  /// What is encoded already.
  void raw(core::BytesView bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }

  /// in: depth   how many lists and maps are around it. errors: those of dag_cbor::encode
  [[nodiscard]] core::Status value(const ipld::Value& value, std::size_t depth) {
    return ipld::dag_cbor::encode_to(value, out_, depth);
  }

 private:
  // Major types, shifted into place.
  static constexpr std::uint8_t kByteString = 0x40;
  static constexpr std::uint8_t kText = 0x60;
  static constexpr std::uint8_t kList = 0x80;
  static constexpr std::uint8_t kMap = 0xa0;
  static constexpr std::uint8_t kTag = 0xc0;
  static constexpr std::uint8_t kNull = 0xf6;
  static constexpr std::uint8_t kLinkTag = 42;
  static constexpr std::uint8_t kLinkPrefix = 0;

  void head(std::uint8_t major, std::uint64_t n) {
    int width = 0;
    if (n < 24) return out_.push_back(static_cast<std::uint8_t>(major | n));
    if (n <= UINT8_MAX) {
      out_.push_back(major | 24), width = 1;
    } else if (n <= UINT16_MAX) {
      out_.push_back(major | 25), width = 2;
    } else if (n <= UINT32_MAX) {
      out_.push_back(major | 26), width = 4;
    } else {
      out_.push_back(major | 27), width = 8;
    }
    for (int shift = (width - 1) * 8; shift >= 0; shift -= 8)
      out_.push_back(static_cast<std::uint8_t>(n >> shift));
  }

  core::Bytes& out_;
};

/// What render() gives, as canonical DAG-CBOR. in: depth   as above
/// errors: it has no such form; the error of encoding what render() gives says where
[[nodiscard]] core::Status write(BlockWriter& writer, const Instruction& instruction,
                                 std::size_t depth);
[[nodiscard]] core::Status write(BlockWriter& writer, const Task& task, std::size_t depth);

}  // namespace every::invocation::detail
