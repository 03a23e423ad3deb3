#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>

#include "dag_cbor_format.h"
#include "text.h"

#include "every/ipld/dag_cbor.h"

namespace every::ipld::dag_cbor {
namespace {

/// The canonical order of keys: by length, then bytewise.
bool key_before(std::string_view a, std::string_view b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

class Reader {
 public:
  Reader(core::BytesView bytes, Strictness strictness) : bytes_(bytes), strictness_(strictness) {}

  core::Result<Value> read_all() {
    Value value;
    if (!read(value)) return core::fail(std::move(error_));
    if (at_ != bytes_.size()) {
      fail(at_, std::to_string(left()) + " bytes left over after the value");
      return core::fail(std::move(error_));
    }
    return value;
  }

 private:
  struct Head {
    std::size_t at = 0;  // offset of its first byte
    std::uint8_t first = 0;
    Major major = Major::kUnsigned;
    std::uint64_t n = 0;
  };

  [[nodiscard]] std::size_t left() const { return bytes_.size() - at_; }

  bool fail(std::size_t offset, const std::string& why,
            core::ErrorCode code = core::ErrorCode::kMalformed) {
    error_ = core::Error{code, "dag-cbor: byte " + std::to_string(offset) + ": " + why, {}};
    error_.context.emplace_back("offset", std::to_string(offset));
    return false;
  }

  bool read_head(Head& head) {
    if (left() == 0) return fail(at_, "cut off, a value was expected");
    head.at = at_;
    head.first = bytes_[at_++];
    head.major = Major{static_cast<std::uint8_t>(head.first >> kMajorShift)};
    const auto info = static_cast<std::uint8_t>(head.first & kInfoMask);
    if (head.major == Major::kSimple || info < kInfo8) {
      head.n = info;
      return true;
    }
    if (info == kInfoIndefinite) return fail(head.at, "indefinite lengths are not DAG-CBOR");
    if (info > kInfo64) return fail(head.at, "reserved head " + core::to_hex({&head.first, 1}));
    const std::size_t size = std::size_t{1} << (info - kInfo8);
    if (!read_big_endian(size, head.n)) return false;
    const std::uint64_t smallest = size == 1 ? kInfo8 : std::uint64_t{1} << (4 * size);
    if (head.n < smallest) return fail(head.at, "the number is not written in its shortest form");
    return true;
  }

  bool read_big_endian(std::size_t size, std::uint64_t& value) {
    if (left() < size) return fail(bytes_.size(), "cut off inside a number");
    value = 0;
    for (std::size_t i = 0; i < size; ++i) value = (value << 8) | bytes_[at_++];
    return true;
  }

  bool read(Value& out) {
    Head head;
    return read_head(head) && read_body(head, out);
  }

  bool read_body(const Head& head, Value& out) {
    switch (head.major) {
      case Major::kUnsigned:
        out = Integer::from_unsigned(head.n);
        return true;
      case Major::kNegative:
        out = Integer::from_negative(head.n);
        return true;
      case Major::kBytes: {
        core::BytesView view;
        if (!read_string(head, view)) return false;
        out = core::to_bytes(view);
        return true;
      }
      case Major::kText: {
        std::string text;
        if (!read_text(head, text)) return false;
        out = std::move(text);
        return true;
      }
      case Major::kArray:
        return read_list(head, out);
      case Major::kMap:
        return read_map(head, out);
      case Major::kTag:
        return read_link(head, out);
      case Major::kSimple:
        return read_simple(head, out);
    }
    return true;
  }

  bool read_string(const Head& head, core::BytesView& view) {
    if (left() < head.n) {
      return fail(head.at, "cut off, a string of " + std::to_string(head.n) + " bytes with " +
                               std::to_string(left()) + " left");
    }
    view = bytes_.subspan(at_, head.n);
    at_ += head.n;
    return true;
  }

  bool read_text(const Head& head, std::string& text) {
    core::BytesView view;
    if (!read_string(head, view)) return false;
    text = core::as_text(view);
    return is_text(text) || fail(head.at, "the text is not UTF-8");
  }

  /// How many items to make room for: no more than the input can hold, and little on a mere claim.
  [[nodiscard]] std::size_t room_for(std::uint64_t claimed) const {
    constexpr std::uint64_t kMost = 1024;
    return static_cast<std::size_t>(std::min({claimed, static_cast<std::uint64_t>(left()), kMost}));
  }

  bool enter(const Head& head) {
    if (depth_ == kMaxDepth) {
      return fail(head.at, "nested deeper than " + std::to_string(kMaxDepth) + " levels",
                  core::ErrorCode::kResourceExhausted);
    }
    ++depth_;
    return true;
  }

  bool read_list(const Head& head, Value& out) {
    if (!enter(head)) return false;
    if (head.n > left()) return fail(head.at, "cut off inside a list");
    List list;
    list.reserve(room_for(head.n));
    for (std::uint64_t i = 0; i < head.n; ++i) {
      if (!read(list.emplace_back())) return false;
    }
    --depth_;
    out = std::move(list);
    return true;
  }

  bool read_map(const Head& head, Value& out) {
    if (!enter(head)) return false;
    if (head.n > left() / 2) return fail(head.at, "cut off inside a map");
    std::vector<MapEntry> entries;
    entries.reserve(room_for(head.n));
    for (std::uint64_t i = 0; i < head.n; ++i) {
      Head key;
      if (!read_head(key)) return false;
      if (key.major != Major::kText) return fail(key.at, "a map key is not text");
      MapEntry& entry = entries.emplace_back();
      if (!read_text(key, entry.key)) return false;
      if (i > 0 && strictness_ == Strictness::kBlock &&
          !check_order(entries[entries.size() - 2].key, entry.key, key.at)) {
        return false;
      }
      if (!read(entry.value)) return false;
    }
    --depth_;
    auto map = Map::from_entries(std::move(entries));
    if (!map) return fail(head.at, map.error().message);
    out = std::move(*map);
    return true;
  }

  bool check_order(std::string_view previous, std::string_view key, std::size_t offset) {
    if (key_before(previous, key)) return true;
    return fail(offset, "the key " + quoted(key) +
                            (previous == key ? " comes twice" : " is out of canonical order"));
  }

  bool read_link(const Head& head, Value& out) {
    if (head.n != kLinkTag) {
      return fail(head.at, "tag " + std::to_string(head.n) + ", only 42 (a link) is DAG-CBOR");
    }
    Head inner;
    if (!read_head(inner)) return false;
    if (inner.major != Major::kBytes) return fail(inner.at, "a link is not a byte string");
    core::BytesView view;
    if (!read_string(inner, view)) return false;
    if (view.empty() || view[0] != kLinkPrefix) {
      return fail(inner.at, "a link does not begin with a zero byte");
    }
    auto cid = Cid::decode(view.subspan(1));
    if (!cid) return fail(inner.at, cid.error().message);
    out = std::move(*cid);
    return true;
  }

  bool read_simple(const Head& head, Value& out) {
    switch (head.first) {
      case kFalse:
        out = false;
        return true;
      case kTrue:
        out = true;
        return true;
      case kNull:
        out = nullptr;
        return true;
      case kUndefined:
        return fail(head.at, "undefined is not DAG-CBOR");
      case kFloat16:
        return fail(head.at, "a float of 16 bits is not DAG-CBOR");
      case kFloat32:
        if (strictness_ == Strictness::kBlock) {
          return fail(head.at, "a float of 32 bits; canonical floats have 64");
        }
        return read_float(head, 4, out);
      case kFloat64:
        return read_float(head, 8, out);
      default:
        break;
    }
    return fail(head.at, "the head " + core::to_hex({&head.first, 1}) + " is not DAG-CBOR");
  }

  bool read_float(const Head& head, std::size_t size, Value& out) {
    std::uint64_t bits = 0;
    if (!read_big_endian(size, bits)) return false;
    const double number =
        size == 4 ? static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits)))
                  : std::bit_cast<double>(bits);
    if (!std::isfinite(number)) return fail(head.at, "NaN and infinities are not DAG-CBOR");
    out = number;
    return true;
  }

  core::BytesView bytes_;
  Strictness strictness_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  core::Error error_;
};

}  // namespace

core::Result<Value> decode(core::BytesView bytes, Strictness strictness) {
  return Reader(bytes, strictness).read_all();
}

}  // namespace every::ipld::dag_cbor
