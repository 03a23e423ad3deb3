#include "every/ipld/varint.h"

#include <string>

namespace every::ipld {
namespace {

constexpr unsigned kPayloadBits = 7;
constexpr std::uint8_t kMore = 0x80;
constexpr std::size_t kMaxBytes = 9;

}  // namespace

void encode_varint(std::uint64_t value, core::Bytes& out) {
  while (value >= kMore) {
    out.push_back(static_cast<std::uint8_t>(value | kMore));
    value >>= kPayloadBits;
  }
  out.push_back(static_cast<std::uint8_t>(value));
}

core::Result<std::uint64_t> decode_varint(core::BytesView& bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < kMaxBytes; ++i) {
    if (i == bytes.size()) {
      return core::fail(core::ErrorCode::kMalformed,
                        "varint: cut off after " + std::to_string(i) + " bytes");
    }
    const std::uint8_t byte = bytes[i];
    value |= static_cast<std::uint64_t>(byte & (kMore - 1U)) << (kPayloadBits * i);
    if ((byte & kMore) != 0) continue;
    if (byte == 0 && i > 0) {
      return core::fail(core::ErrorCode::kMalformed, "varint: not minimal, it ends in a zero byte");
    }
    bytes = bytes.subspan(i + 1);
    return value;
  }
  return core::fail(core::ErrorCode::kMalformed, "varint: longer than 9 bytes");
}

}  // namespace every::ipld
