#include "every/ipld/testing/generators.h"

#include <array>
#include <bit>
#include <limits>
#include <ostream>

#include "every/ipld/dag_json.h"

namespace every::ipld::testing {
namespace {

constexpr int kNesting = 4;

void append_utf8(std::uint32_t point, std::string& out) {
  const auto add = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (point < 0x80) {
    add(point);
  } else if (point < 0x800) {
    add(0xc0 | (point >> 6));
    add(0x80 | (point & 0x3f));
  } else if (point < 0x10000) {
    add(0xe0 | (point >> 12));
    add(0x80 | ((point >> 6) & 0x3f));
    add(0x80 | (point & 0x3f));
  } else {
    add(0xf0 | (point >> 18));
    add(0x80 | ((point >> 12) & 0x3f));
    add(0x80 | ((point >> 6) & 0x3f));
    add(0x80 | (point & 0x3f));
  }
}

rc::Gen<std::uint32_t> any_code_point() {
  return rc::gen::oneOf(
      rc::gen::inRange<std::uint32_t>(0, 0x80), rc::gen::inRange<std::uint32_t>('a', 'd'),
      rc::gen::inRange<std::uint32_t>(0x80, 0x800), rc::gen::inRange<std::uint32_t>(0x800, 0xd800),
      rc::gen::inRange<std::uint32_t>(0xe000, 0x110000));
}

rc::Gen<std::uint64_t> any_magnitude() {
  return rc::gen::oneOf(
      rc::gen::arbitrary<std::uint64_t>(),
      rc::gen::element<std::uint64_t>(0, 23, 24, 255, 256, 65535, 65536, 4294967295U, 4294967296U,
                                      (1ULL << 53) - 1, 1ULL << 53, (1ULL << 53) + 1,
                                      (1ULL << 63) - 1, 1ULL << 63, UINT64_MAX));
}

bool is_reserved(const Map& map) {
  // The simplest rule that holds: nothing under the key `/` but numbers.
  const Value* const inner = map.find("/");
  return inner != nullptr && (inner->if_string() != nullptr || inner->if_map() != nullptr);
}

rc::Gen<Value> value_of(int nesting);

rc::Gen<Map> map_of(int nesting) {
  return rc::gen::suchThat(
      rc::gen::map(rc::gen::container<std::vector<std::pair<std::string, Value>>>(
                       rc::gen::pair(any_text(), value_of(nesting - 1))),
                   [](std::vector<std::pair<std::string, Value>> entries) {
                     Map map;
                     for (auto& [key, value] : entries) map.set(std::move(key), std::move(value));
                     return map;
                   }),
      [](const Map& map) { return !is_reserved(map); });
}

rc::Gen<Value> scalar() {
  return rc::gen::oneOf(
      rc::gen::just(Value()),
      rc::gen::map(rc::gen::arbitrary<bool>(), [](bool b) { return Value(b); }),
      rc::gen::map(any_integer(), [](Integer i) { return Value(i); }),
      rc::gen::map(any_float(), [](double f) { return Value(f); }),
      rc::gen::map(any_text(), [](std::string text) { return Value(std::move(text)); }),
      rc::gen::map(rc::gen::arbitrary<core::Bytes>(),
                   [](core::Bytes bytes) { return Value(std::move(bytes)); }),
      rc::gen::map(any_cid(), [](Cid cid) { return Value(std::move(cid)); }));
}

rc::Gen<Value> value_of(int nesting) {
  if (nesting == 0) return scalar();
  return rc::gen::lazy([nesting] {
    return rc::gen::oneOf(
        scalar(), scalar(),
        rc::gen::map(
            rc::gen::scale(0.3, rc::gen::container<std::vector<Value>>(value_of(nesting - 1))),
            [](List list) { return Value(std::move(list)); }),
        rc::gen::map(rc::gen::scale(0.3, map_of(nesting)),
                     [](Map map) { return Value(std::move(map)); }));
  });
}

}  // namespace

rc::Gen<std::string> any_text() {
  return rc::gen::map(rc::gen::container<std::vector<std::uint32_t>>(any_code_point()),
                      [](const std::vector<std::uint32_t>& points) {
                        std::string text;
                        for (const std::uint32_t point : points) append_utf8(point, text);
                        return text;
                      });
}

rc::Gen<Integer> any_integer() {
  return rc::gen::map(rc::gen::pair(rc::gen::arbitrary<bool>(), any_magnitude()),
                      [](const std::pair<bool, std::uint64_t>& parts) {
                        return parts.first ? Integer::from_negative(parts.second)
                                           : Integer::from_unsigned(parts.second);
                      });
}

rc::Gen<double> any_float() {
  using Limits = std::numeric_limits<double>;
  const auto of_bits = rc::gen::map(rc::gen::arbitrary<std::uint64_t>(), [](std::uint64_t bits) {
    const auto number = std::bit_cast<double>(bits);
    return std::isfinite(number) ? number : 0.5;
  });
  const auto whole = rc::gen::map(rc::gen::arbitrary<std::int64_t>(),
                                  [](std::int64_t i) { return static_cast<double>(i); });
  return rc::gen::oneOf(of_bits, whole,
                        rc::gen::element(0.0, -0.0, 1e15, 1e16, 1e17, 123456.789, 1e-4, 1e-5, 1e-6,
                                         5e-324, Limits::max(), Limits::lowest(), Limits::min()));
}

rc::Gen<Cid> any_cid() {
  using Codes = std::pair<std::uint64_t, std::uint64_t>;
  // Codec and hash function; unknown functions get 20-byte digests.
  const auto codes =
      rc::gen::element<Codes>(Codes{0x55, 0x12}, Codes{0x70, 0x12}, Codes{0x71, 0x16},
                              Codes{0x0129, 0x13}, Codes{0x55, 0x00}, Codes{0x78, 0x11});
  return rc::gen::map(
      rc::gen::tuple(rc::gen::arbitrary<bool>(), codes,
                     rc::gen::container<core::Bytes>(64, rc::gen::arbitrary<std::uint8_t>())),
      [](const std::tuple<bool, Codes, core::Bytes>& parts) {
        const auto& [old, code, bytes] = parts;
        const auto make = [&made_of = bytes](std::uint64_t version, std::uint64_t codec,
                                             std::uint64_t hash, std::size_t size) {
          const core::Bytes digest(made_of.begin(),
                                   made_of.begin() + static_cast<std::ptrdiff_t>(size));
          return Cid::make(version, Codec{codec}, Multihash{HashCode{hash}, digest}).value();
        };
        if (old) return make(0, 0x70, 0x12, 32);
        const std::size_t size = code.second == 0x13   ? 64
                                 : code.second == 0x11 ? 20
                                 : code.second == 0x00 ? 5
                                                       : 32;
        return make(1, code.first, code.second, size);
      });
}

rc::Gen<Value> any_value() {
  return value_of(kNesting);
}
rc::Gen<Map> any_map() {
  return map_of(kNesting);
}

}  // namespace every::ipld::testing

namespace every::ipld {

void showValue(const Cid& cid, std::ostream& out) {
  out << cid.render();
}

void showValue(const Value& value, std::ostream& out) {
  const auto text = dag_json::encode(value);
  out << (text ? *text : text.error().message);
}

}  // namespace every::ipld
