#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "every/core/bytes.h"
#include "every/core/error.h"
#include "every/ipld/cid.h"

namespace every::ipld {

/// An integer in −2^64 … 2^64−1, the range DAG-CBOR can say. Value type, ordered by value.
class Integer {
 public:
  constexpr Integer() = default;
  constexpr Integer(
      std::int64_t value)  // NOLINT(google-explicit-constructor): an int64 is always an Integer
      : negative_(value < 0),
        n_(value < 0 ? ~static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value)) {}
  [[nodiscard]] static constexpr Integer from_unsigned(std::uint64_t value) {
    return Integer(false, value);
  }
  /// −1 − n, as CBOR's major type 1 writes it.
  [[nodiscard]] static constexpr Integer from_negative(std::uint64_t n) { return Integer(true, n); }

  [[nodiscard]] constexpr bool negative() const { return negative_; }
  /// The value when it is not negative, else −1 − value.
  [[nodiscard]] constexpr std::uint64_t n() const { return n_; }
  [[nodiscard]] constexpr std::optional<std::int64_t> as_int64() const {
    if (n_ > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
    const auto value = static_cast<std::int64_t>(n_);
    return negative_ ? -1 - value : value;
  }
  [[nodiscard]] constexpr std::optional<std::uint64_t> as_uint64() const {
    if (negative_) return std::nullopt;
    return n_;
  }
  /// The nearest double.
  [[nodiscard]] constexpr double as_double() const {
    return negative_ ? -1.0 - static_cast<double>(n_) : static_cast<double>(n_);
  }
  /// Decimal digits.
  [[nodiscard]] std::string render() const;

  friend constexpr bool operator==(const Integer&, const Integer&) = default;
  friend constexpr bool operator<(const Integer& a, const Integer& b) {
    if (a.negative_ != b.negative_) return a.negative_;
    return a.negative_ ? a.n_ > b.n_ : a.n_ < b.n_;
  }

 private:
  constexpr Integer(bool negative, std::uint64_t n) : negative_(negative), n_(n) {}
  bool negative_ = false;
  std::uint64_t n_ = 0;
};

class Value;
struct MapEntry;

using List = std::vector<Value>;

/// String keys, each once, in bytewise order. cost: find O(log n); set O(n) in the middle, O(1) at the end.
class Map {
 public:
  Map();
  Map(std::initializer_list<MapEntry> entries);
  Map(const Map&);
  Map(Map&&) noexcept;
  Map& operator=(const Map&);
  Map& operator=(Map&&) noexcept;
  ~Map();
  /// From entries in any order. errors: kMalformed naming a key that comes twice. cost: O(n log n), O(n) when in order
  [[nodiscard]] static core::Result<Map> from_entries(std::vector<MapEntry> entries);

  [[nodiscard]] const Value* find(std::string_view key) const;
  [[nodiscard]] Value* find(std::string_view key);
  /// Puts a value under a key, replacing what was there.
  void set(std::string key, Value value);
  /// Puts a value under a new key; false (and no change) when the key is taken.
  [[nodiscard]] bool insert(std::string key, Value value);
  void erase(std::string_view key);
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] std::vector<MapEntry>::const_iterator begin() const;
  [[nodiscard]] std::vector<MapEntry>::const_iterator end() const;
  friend bool operator==(const Map&, const Map&);

 private:
  std::vector<MapEntry> entries_;
};

enum class Kind : std::uint8_t {
  kNull,
  kBool,
  kInteger,
  kFloat,
  kString,
  kBytes,
  kList,
  kMap,
  kLink
};
/// `null`, `bool`, `integer`, `float`, `string`, `bytes`, `list`, `map`, `link`.
[[nodiscard]] std::string_view kind_name(Kind kind);

/// A value of the IPLD data model. Value type. Equality is exact: 2 (integer) is not 2.0 (float), and −0.0 == 0.0 as doubles compare.
///
/// Strings are meant to be UTF-8; the decoders refuse others. Depth is bounded by whoever makes the value (decoders: kMaxDepth).
/// source: https://ipld.io/docs/data-model/kinds/
class Value {
 public:
  Value() = default;                                    // null
  Value(std::nullptr_t) {}                              // NOLINT(google-explicit-constructor)
  Value(bool value) : data_(value) {}                   // NOLINT(google-explicit-constructor)
  Value(Integer value) : data_(value) {}                // NOLINT(google-explicit-constructor)
  Value(int value) : data_(Integer(value)) {}           // NOLINT(google-explicit-constructor)
  Value(std::int64_t value) : data_(Integer(value)) {}  // NOLINT(google-explicit-constructor)
  Value(std::uint64_t value)
      : data_(Integer::from_unsigned(value)) {}               // NOLINT(google-explicit-constructor)
  Value(double value) : data_(value) {}                       // NOLINT(google-explicit-constructor)
  Value(const char* text) : data_(std::string(text)) {}       // NOLINT(google-explicit-constructor)
  Value(std::string_view text) : data_(std::string(text)) {}  // NOLINT(google-explicit-constructor)
  Value(std::string text) : data_(std::move(text)) {}         // NOLINT(google-explicit-constructor)
  Value(core::Bytes bytes) : data_(std::move(bytes)) {}       // NOLINT(google-explicit-constructor)
  Value(List list) : data_(std::move(list)) {}                // NOLINT(google-explicit-constructor)
  Value(Map map) : data_(std::move(map)) {}                   // NOLINT(google-explicit-constructor)
  Value(Cid link) : data_(std::move(link)) {}                 // NOLINT(google-explicit-constructor)

  [[nodiscard]] Kind kind() const { return static_cast<Kind>(data_.index()); }
  [[nodiscard]] bool is_null() const { return kind() == Kind::kNull; }
  // The value of a kind, or nullptr when it is of another.
  [[nodiscard]] const bool* if_bool() const { return std::get_if<bool>(&data_); }
  [[nodiscard]] const Integer* if_integer() const { return std::get_if<Integer>(&data_); }
  [[nodiscard]] const double* if_float() const { return std::get_if<double>(&data_); }
  [[nodiscard]] const std::string* if_string() const { return std::get_if<std::string>(&data_); }
  [[nodiscard]] const core::Bytes* if_bytes() const { return std::get_if<core::Bytes>(&data_); }
  [[nodiscard]] const List* if_list() const { return std::get_if<List>(&data_); }
  [[nodiscard]] const Map* if_map() const { return std::get_if<Map>(&data_); }
  [[nodiscard]] const Cid* if_link() const { return std::get_if<Cid>(&data_); }
  [[nodiscard]] List* if_list() { return std::get_if<List>(&data_); }
  [[nodiscard]] Map* if_map() { return std::get_if<Map>(&data_); }
  [[nodiscard]] std::string* if_string() { return std::get_if<std::string>(&data_); }
  [[nodiscard]] core::Bytes* if_bytes() { return std::get_if<core::Bytes>(&data_); }

  friend bool operator==(const Value& a, const Value& b) { return a.data_ == b.data_; }

 private:
  // In the order of Kind.
  std::variant<std::monostate, bool, Integer, double, std::string, core::Bytes, List, Map, Cid>
      data_;
};

struct MapEntry {
  std::string key;
  Value value;
  friend bool operator==(const MapEntry&, const MapEntry&) = default;
};

/// How deep lists and maps may nest in anything decoded here.
inline constexpr std::size_t kMaxDepth = 128;

}  // namespace every::ipld
