#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <span>

#include "dag_cbor_format.h"
#include "text.h"
#include "value_path.h"

#include "every/ipld/dag_cbor.h"

namespace every::ipld::dag_cbor {
namespace {

constexpr std::size_t kLinkHeadSize = 2;  // d8 2a

constexpr std::size_t head_size(std::uint64_t n) {
  if (n < kInfo8) return 1;
  if (n <= UINT8_MAX) return 2;
  if (n <= UINT16_MAX) return 3;
  return n <= UINT32_MAX ? 5 : 9;
}

/// First pass: how many bytes the value takes, and whether it can be said at all.
class Measurer {
 public:
  explicit Measurer(std::size_t depth_limit) : depth_left_(depth_limit) {}

  /// False when the value cannot be encoded; failure() then tells why.
  bool measure(const Value& value) {
    switch (value.kind()) {
      case Kind::kNull:
      case Kind::kBool:
        size_ += 1;
        return true;
      case Kind::kInteger:
        size_ += head_size(value.if_integer()->n());
        return true;
      case Kind::kFloat:
        return measure_float(*value.if_float());
      case Kind::kString:
        return measure_text(*value.if_string());
      case Kind::kBytes:
        add_string(value.if_bytes()->size());
        return true;
      case Kind::kList:
        return measure_list(*value.if_list());
      case Kind::kMap:
        return measure_map(*value.if_map());
      case Kind::kLink:
        size_ += kLinkHeadSize;
        add_string(value.if_link()->encode().size() + 1);
        return true;
    }
    return true;
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::unexpected<core::Error> failure() && {
    return std::move(path_).failure("dag-cbor");
  }

 private:
  void add_string(std::size_t length) { size_ += head_size(length) + length; }

  bool measure_float(double number) {
    size_ += 1 + sizeof number;
    return std::isfinite(number) ||
           path_.fail(core::ErrorCode::kInvalidArgument,
                      "NaN and infinities have no DAG-CBOR form; give a finite number");
  }

  bool measure_text(std::string_view text) {
    add_string(text.size());
    return is_text(text) || path_.fail(core::ErrorCode::kInvalidArgument,
                                       "the string is not UTF-8; give it as bytes");
  }

  bool enter() {
    if (depth_left_ == 0) {
      return path_.fail(core::ErrorCode::kResourceExhausted,
                        "nested deeper than " + std::to_string(kMaxDepth) + " levels");
    }
    --depth_left_;
    return true;
  }

  bool measure_list(const List& list) {
    if (!enter()) return false;
    size_ += head_size(list.size());
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (!measure(list[i])) return path_.inside(i);
    }
    ++depth_left_;
    return true;
  }

  bool measure_map(const Map& map) {
    if (!enter()) return false;
    size_ += head_size(map.size());
    for (const MapEntry& entry : map) {
      if (!measure_text(entry.key) || !measure(entry.value)) return path_.inside(entry.key);
    }
    ++depth_left_;
    return true;
  }

  std::size_t depth_left_;
  std::size_t size_ = 0;
  ValuePath path_;
};

/// Second pass: writes into room that is known to suffice; cannot fail.
class Writer {
 public:
  explicit Writer(std::uint8_t* out) : out_(out) {}

  void write(const Value& value) {
    switch (value.kind()) {
      case Kind::kNull:
        *out_++ = kNull;
        return;
      case Kind::kBool:
        *out_++ = *value.if_bool() ? kTrue : kFalse;
        return;
      case Kind::kInteger: {
        const Integer& integer = *value.if_integer();
        write_head(integer.negative() ? Major::kNegative : Major::kUnsigned, integer.n());
        return;
      }
      case Kind::kFloat:
        *out_++ = kFloat64;
        write_big_endian(std::bit_cast<std::uint64_t>(*value.if_float()), 8);
        return;
      case Kind::kString:
        write_string(Major::kText, core::as_bytes(*value.if_string()));
        return;
      case Kind::kBytes:
        write_string(Major::kBytes, *value.if_bytes());
        return;
      case Kind::kList:
        write_head(Major::kArray, value.if_list()->size());
        for (const Value& item : *value.if_list()) write(item);
        return;
      case Kind::kMap:
        write_map(*value.if_map());
        return;
      case Kind::kLink:
        write_link(*value.if_link());
        return;
    }
  }

  [[nodiscard]] const std::uint8_t* end() const { return out_; }

 private:
  void write_big_endian(std::uint64_t value, unsigned size) {
    for (unsigned left = size; left > 0; --left) {
      *out_++ = static_cast<std::uint8_t>(value >> (8 * (left - 1)));
    }
  }

  void write_head(Major major, std::uint64_t n) {
    const auto top = static_cast<std::uint8_t>(static_cast<unsigned>(major) << kMajorShift);
    if (n < kInfo8) {
      *out_++ = static_cast<std::uint8_t>(top | n);
      return;
    }
    const auto size = static_cast<unsigned>(head_size(n)) - 1;
    *out_++ =
        static_cast<std::uint8_t>(top | (kInfo8 + static_cast<unsigned>(std::countr_zero(size))));
    write_big_endian(n, size);
  }

  void write_raw(core::BytesView bytes) {
    if (!bytes.empty()) std::memcpy(out_, bytes.data(), bytes.size());
    out_ += bytes.size();
  }

  void write_string(Major major, core::BytesView bytes) {
    write_head(major, bytes.size());
    write_raw(bytes);
  }

  void write_link(const Cid& link) {
    write_head(Major::kTag, kLinkTag);
    const core::BytesView binary = link.encode();
    write_head(Major::kBytes, binary.size() + 1);
    *out_++ = kLinkPrefix;
    write_raw(binary);
  }

  void write_entry(const MapEntry& entry) {
    write_string(Major::kText, core::as_bytes(entry.key));
    write(entry.value);
  }

  /// Keys go out by length, then bytewise; the map holds them bytewise, so no key is compared.
  void write_map(const Map& map) {
    write_head(Major::kMap, map.size());
    const auto shorter = [](const MapEntry& a, const MapEntry& b) {
      return a.key.size() < b.key.size();
    };
    if (std::is_sorted(map.begin(), map.end(), shorter)) {
      for (const MapEntry& entry : map) write_entry(entry);
      return;
    }
    constexpr std::size_t kFew = 16;
    std::array<const MapEntry*, kFew> few{};
    std::vector<const MapEntry*> many;
    std::span<const MapEntry*> order(few.data(), std::min(map.size(), kFew));
    if (map.size() > kFew) {
      many.resize(map.size());
      order = many;
    }
    std::transform(map.begin(), map.end(), order.begin(), [](const MapEntry& e) { return &e; });
    // The entries lie in one array, so among keys of one length their addresses are in bytewise order.
    std::sort(order.begin(), order.end(), [](const MapEntry* a, const MapEntry* b) {
      return a->key.size() != b->key.size() ? a->key.size() < b->key.size() : a < b;
    });
    for (const MapEntry* entry : order) write_entry(*entry);
  }

  std::uint8_t* out_;
};

}  // namespace

core::Status encode_to(const Value& value, core::Bytes& out, std::size_t depth) {
  Measurer measurer(kMaxDepth - std::min(depth, kMaxDepth));
  if (!measurer.measure(value)) return std::move(measurer).failure();
  const std::size_t start = out.size();
  out.resize(start + measurer.size());
  Writer writer(out.data() + start);
  writer.write(value);
  EVERY_CHECK(writer.end() == out.data() + out.size());
  return {};
}

core::Result<core::Bytes> encode(const Value& value) {
  core::Bytes out;
  EVERY_TRY(encode_to(value, out));
  return out;
}

std::size_t encoded_size(const Value& value) {
  Measurer measurer(kMaxDepth);
  return measurer.measure(value) ? measurer.size() : 0;
}

core::Result<Cid> cid_of(const Value& value) {
  EVERY_TRY_ASSIGN(const core::Bytes block, encode(value));
  return Cid::of_dag_cbor(block);
}

}  // namespace every::ipld::dag_cbor
