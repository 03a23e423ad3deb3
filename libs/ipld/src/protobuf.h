#pragma once

#include <cstdint>
#include <string>

#include "every/core/bytes.h"
#include "every/core/error.h"

/// The two wire types of Protocol Buffers that DAG-PB and UnixFS use.
/// source: https://protobuf.dev/programming-guides/encoding/
namespace every::ipld::protobuf {

enum class Wire : std::uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

inline std::size_t varint_size(std::uint64_t value) {
  std::size_t size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}

inline void write_varint(std::uint64_t value, core::Bytes& out) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<std::uint8_t>(value | 0x80));
  out.push_back(static_cast<std::uint8_t>(value));
}

inline void write_key(std::uint64_t field, Wire wire, core::Bytes& out) {
  write_varint((field << 3) | static_cast<std::uint64_t>(wire), out);
}

inline void write_number(std::uint64_t field, std::uint64_t value, core::Bytes& out) {
  write_key(field, Wire::kVarint, out);
  write_varint(value, out);
}

inline void write_bytes(std::uint64_t field, core::BytesView value, core::Bytes& out) {
  write_key(field, Wire::kBytes, out);
  write_varint(value.size(), out);
  out.insert(out.end(), value.begin(), value.end());
}

/// One field of a message: a number or bytes, by its wire type.
struct Field {
  std::size_t at = 0;  ///< offset of its key
  std::uint64_t number = 0;
  Wire wire = Wire::kVarint;
  std::uint64_t value = 0;
  core::BytesView bytes;
};

/// Walks the fields of a message. Varints must be minimal.
class Reader {
 public:
  /// in: base   where the message lies in the block, for errors
  Reader(std::string_view codec, core::BytesView bytes, std::size_t base)
      : codec_(codec), bytes_(bytes), base_(base) {}

  [[nodiscard]] bool done() const { return at_ == bytes_.size(); }

  [[nodiscard]] core::Result<Field> next() {
    Field field;
    field.at = base_ + at_;
    EVERY_TRY_ASSIGN(const std::uint64_t key, varint());
    field.number = key >> 3;
    field.wire = Wire{static_cast<std::uint8_t>(key & 7)};
    switch (field.wire) {
      case Wire::kVarint: {
        EVERY_TRY_ASSIGN(field.value, varint());
        return field;
      }
      case Wire::kBytes: {
        EVERY_TRY_ASSIGN(const std::uint64_t size, varint());
        EVERY_TRY_ASSIGN(field.bytes, take(size));
        return field;
      }
      case Wire::kFixed64: {
        EVERY_TRY_ASSIGN(field.bytes, take(8));
        return field;
      }
      case Wire::kFixed32: {
        EVERY_TRY_ASSIGN(field.bytes, take(4));
        return field;
      }
    }
    return fail(field.at, "wire type " + std::to_string(key & 7) + " is not known");
  }

  /// The next bare varint, for packed numbers.
  [[nodiscard]] core::Result<std::uint64_t> varint() {
    const std::size_t start = base_ + at_;
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
      if (done()) return fail(start, "cut off inside a number");
      const std::uint8_t byte = bytes_[at_++];
      if (shift == 63 && byte > 1) break;
      value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
      if ((byte & 0x80U) != 0) continue;
      if (byte == 0 && shift > 0) return fail(start, "a number that is not in its shortest form");
      return value;
    }
    return fail(start, "a number over 64 bits");
  }

  /// Where the bytes of a field lie in the block.
  [[nodiscard]] std::size_t offset_of(core::BytesView inner) const {
    return base_ + static_cast<std::size_t>(inner.data() - bytes_.data());
  }

  [[nodiscard]] std::unexpected<core::Error> fail(std::size_t offset,
                                                  const std::string& why) const {
    return core::fail(core::ErrorCode::kMalformed,
                      std::string(codec_) + ": byte " + std::to_string(offset) + ": " + why);
  }

 private:
  core::Result<core::BytesView> take(std::uint64_t size) {
    const std::size_t left = bytes_.size() - at_;
    if (size > left) {
      return fail(base_ + at_, "cut off, " + std::to_string(left) + " of " + std::to_string(size) +
                                   " bytes are there");
    }
    const core::BytesView taken = bytes_.subspan(at_, size);
    at_ += size;
    return taken;
  }

  std::string_view codec_;
  core::BytesView bytes_;
  std::size_t base_;
  std::size_t at_ = 0;
};

}  // namespace every::ipld::protobuf
