#include "flat_values.h"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstring>
#include <limits>
#include <optional>

#include "every/core/text.h"
#include "every/ipld/dag_json.h"
#include "every/wit/coerce.h"

namespace every::wasm {
namespace {

using core::Bytes;
using core::ErrorCode;
using core::Result;
using core::Status;
using ipld::Value;
using wit::Kind;
using wit::Type;

static_assert(std::endian::native == std::endian::little, "flat values are copied as they stand");

/// How the value looks to the person who wrote it.
std::string show(const Value& value) {
  const std::string kind(ipld::kind_name(value.kind()));
  if (value.is_null()) return kind;
  if (const auto* bytes = value.if_bytes())
    return kind + " of length " + std::to_string(bytes->size());
  if (const auto text = ipld::dag_json::encode(value))
    return kind + " " + core::shorten(core::as_text(core::as_bytes(*text)), 60);
  return kind;
}

std::unexpected<core::Error> mismatch(const Value& value, const Type& type, const std::string& path,
                                      std::string_view why = {}) {
  std::string text = path.empty() ? std::string() : "at " + path + ": ";
  text += "expected " + wit::render(type) + ", got " + show(value);
  if (!why.empty()) text.append(" (").append(why).append(")");
  return core::fail(ErrorCode::kInvalidArgument, std::move(text));
}

template <typename T>
void put(Bytes& out, T value) {
  const auto at = out.size();
  out.resize(at + sizeof(T));
  std::memcpy(out.data() + at, &value, sizeof(T));
}

/// A length or count; whatever does not fit cannot fit a guest's memory either.
Status put_count(Bytes& out, std::size_t count) {
  if (count > std::numeric_limits<std::uint32_t>::max())
    return core::fail(ErrorCode::kInvalidArgument, "too long for a guest's memory");
  put(out, static_cast<std::uint32_t>(count));
  return {};
}

Status put_text(Bytes& out, std::string_view text) {
  EVERY_TRY(put_count(out, text.size()));
  out.insert(out.end(), text.begin(), text.end());
  return {};
}

std::string child(const std::string& path, std::string_view key) {
  return path + "/" + std::string(key);
}
std::string child(const std::string& path, std::size_t index) {
  return path + "/" + std::to_string(index);
}

/// The integer a value stands for: an Integer, or a Float without fraction (JSON knows no difference).
std::optional<ipld::Integer> integer_of(const Value& value) {
  if (const auto* integer = value.if_integer()) return *integer;
  const auto* number = value.if_float();
  if (!number || std::trunc(*number) != *number) return std::nullopt;
  if (*number >= 0 && *number < 18446744073709551616.0)
    return ipld::Integer::from_unsigned(static_cast<std::uint64_t>(*number));
  if (*number < 0 && *number >= -9223372036854775808.0)
    return ipld::Integer(static_cast<std::int64_t>(*number));
  return std::nullopt;
}

template <std::integral T>
Status encode_integer(const Value& value, const Type& type, const std::string& path, Bytes& out) {
  const auto integer = integer_of(value);
  if (!integer) return mismatch(value, type, path);
  if constexpr (std::is_signed_v<T>) {
    const auto number = integer->as_int64();
    if (number && *number >= std::numeric_limits<T>::min() &&
        *number <= std::numeric_limits<T>::max()) {
      put(out, static_cast<T>(*number));
      return {};
    }
  } else {
    const auto number = integer->as_uint64();
    if (number && *number <= std::numeric_limits<T>::max()) {
      put(out, static_cast<T>(*number));
      return {};
    }
  }
  return mismatch(value, type, path, "out of range");
}

template <std::floating_point T>
Status encode_float(const Value& value, const Type& type, const std::string& path, Bytes& out) {
  double number = 0;
  if (const auto* floating = value.if_float()) {
    number = *floating;
  } else if (const auto* integer = value.if_integer()) {
    number = integer->as_double();
  } else {
    return mismatch(value, type, path);
  }
  const auto narrowed = static_cast<T>(number);
  if (!std::isfinite(narrowed)) return mismatch(value, type, path, "out of range");
  put(out, narrowed);
  return {};
}

/// The text of a string parameter. Bytes come as unpadded base64 and links as text, as in the original.
std::optional<std::string> text_of(const Value& value) {
  if (const auto* text = value.if_string()) return *text;
  if (const auto* link = value.if_link()) return link->render();
  if (const auto* bytes = value.if_bytes()) return ipld::encode_base64(*bytes);
  return std::nullopt;
}

Status encode_char(const Value& value, const Type& type, const std::string& path, Bytes& out) {
  const auto* text = value.if_string();
  if (!text || text->empty() || !core::is_utf8(*text)) return mismatch(value, type, path);
  const auto lead = static_cast<unsigned char>(text->front());
  const std::size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (text->size() != size) return mismatch(value, type, path, "exactly one character");
  std::uint32_t code = size == 1 ? lead : lead & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i)
    code = code << 6 | (static_cast<unsigned char>((*text)[i]) & 0x3fU);
  put(out, code);
  return {};
}

bool is_list_of_pairs(const Type& type) {
  return type.element->kind == Kind::kTuple && type.element->elements.size() == 2 &&
         type.element->elements.front()->kind == Kind::kString;
}

/// A Map given for a map or a list of pairs, in key order; keys that are no text are read from it.
Status encode_pairs(const ipld::Map& map, const Type& key_type, const Type& value_type,
                    const std::string& path, Bytes& out) {
  EVERY_TRY(put_count(out, map.size()));
  for (const auto& [key, value] : map) {
    const auto at = child(path, key);
    const auto parsed = wit::parse_query_text(key, key_type, at);
    if (!parsed) return mismatch(Value(key), key_type, at, "as a key");
    EVERY_TRY(encode_flat(*parsed, key_type, at, out));
    EVERY_TRY(encode_flat(value, value_type, at, out));
  }
  return {};
}

Status encode_elements(const ipld::List& list, const Type& element, const std::string& path,
                       Bytes& out) {
  for (std::size_t i = 0; i < list.size(); ++i)
    EVERY_TRY(encode_flat(list[i], element, child(path, i), out));
  return {};
}

Status encode_list(const Value& value, const Type& type, const std::string& path, Bytes& out) {
  if (const auto* bytes = value.if_bytes(); bytes && type.element->kind == Kind::kU8) {
    EVERY_TRY(put_count(out, bytes->size()));
    out.insert(out.end(), bytes->begin(), bytes->end());
    return {};
  }
  if (const auto* map = value.if_map(); map && is_list_of_pairs(type)) {
    return encode_pairs(*map, *type.element->elements.front(), *type.element->elements.back(), path,
                        out);
  }
  const auto* list = value.if_list();
  if (!list) return mismatch(value, type, path);
  EVERY_TRY(put_count(out, list->size()));
  return encode_elements(*list, *type.element, path, out);
}

Status encode_fixed_list(const Value& value, const Type& type, const std::string& path,
                         Bytes& out) {
  const auto wrong_length = [&] {
    return mismatch(value, type, path, "exactly " + std::to_string(type.length) + " elements");
  };
  if (const auto* bytes = value.if_bytes(); bytes && type.element->kind == Kind::kU8) {
    if (bytes->size() != type.length) return wrong_length();
    out.insert(out.end(), bytes->begin(), bytes->end());
    return {};
  }
  const auto* list = value.if_list();
  if (!list) return mismatch(value, type, path);
  if (list->size() != type.length) return wrong_length();
  return encode_elements(*list, *type.element, path, out);
}

Status encode_map(const Value& value, const Type& type, const std::string& path, Bytes& out) {
  if (const auto* map = value.if_map())
    return encode_pairs(*map, *type.key, *type.element, path, out);
  const auto* list = value.if_list();
  if (!list) return mismatch(value, type, path);
  EVERY_TRY(put_count(out, list->size()));
  for (std::size_t i = 0; i < list->size(); ++i) {
    const auto at = child(path, i);
    const auto* pair = (*list)[i].if_list();
    if (!pair || pair->size() != 2)
      return mismatch((*list)[i], type, at, "each entry is a pair of key and value");
    EVERY_TRY(encode_flat(pair->front(), *type.key, child(at, std::size_t{0}), out));
    EVERY_TRY(encode_flat(pair->back(), *type.element, child(at, std::size_t{1}), out));
  }
  return {};
}

Status encode_tuple(const Value& value, const Type& type, const std::string& path, Bytes& out) {
  const auto* list = value.if_list();
  if (!list) return mismatch(value, type, path);
  if (list->size() != type.elements.size())
    return mismatch(value, type, path, std::to_string(type.elements.size()) + " members");
  for (std::size_t i = 0; i < list->size(); ++i)
    EVERY_TRY(encode_flat((*list)[i], *type.elements[i], child(path, i), out));
  return {};
}

Status encode_record(const Value& value, const Type& type, const std::string& path, Bytes& out) {
  const auto* map = value.if_map();
  if (!map) return mismatch(value, type, path);
  for (const auto& field : type.fields) {
    if (const auto* member = map->find(field.name)) {
      EVERY_TRY(encode_flat(*member, *field.type, child(path, field.name), out));
    } else if (field.type->kind == Kind::kOption) {
      put(out, std::uint8_t{0});
    } else {
      return mismatch(value, type, path, "field `" + field.name + "` is missing");
    }
  }
  return {};  // fields the type does not have are left out, as the original did
}

Status encode_variant(const Value& value, const Type& type, const std::string& path, Bytes& out) {
  const auto* map = value.if_map();
  if (!map || map->size() != 1)
    return mismatch(value, type, path, "one case and its payload, or null");
  const auto& [name, payload] = *map->begin();
  for (std::uint32_t i = 0; i < type.fields.size(); ++i) {
    const auto& field = type.fields[i];
    if (field.name != name) continue;
    put(out, i);
    return field.type ? encode_flat(payload, *field.type, child(path, name), out) : Status();
  }
  return mismatch(value, type, path, "there is no case `" + name + "`");
}

Status encode_enum(const Value& value, const Type& type, const std::string& path, Bytes& out) {
  const auto* name = value.if_string();
  if (!name) return mismatch(value, type, path);
  for (std::uint32_t i = 0; i < type.names.size(); ++i) {
    if (type.names[i] != *name) continue;
    put(out, i);
    return {};
  }
  return mismatch(value, type, path, "there is no such case");
}

Status encode_flags(const Value& value, const Type& type, const std::string& path, Bytes& out) {
  const auto* list = value.if_list();
  if (!list) return mismatch(value, type, path);
  std::vector<std::uint32_t> words((type.names.size() + 31) / 32);
  for (const auto& item : *list) {
    const auto* name = item.if_string();
    std::size_t i = 0;
    while (name && i < type.names.size() && type.names[i] != *name) ++i;
    if (!name || i == type.names.size()) return mismatch(item, type, path, "there is no such flag");
    words[i / 32] |= 1U << (i % 32);
  }
  for (const auto word : words) put(out, word);
  return {};
}

Status encode_option(const Value& value, const Type& type, const std::string& path, Bytes& out) {
  put(out, static_cast<std::uint8_t>(value.is_null() ? 0 : 1));
  if (value.is_null()) return {};
  if (type.element->kind != Kind::kOption) return encode_flat(value, *type.element, path, out);
  // An option in an option stands in a list of one, so that some(none) can be said.
  if (const auto* list = value.if_list(); list && list->size() == 1) {
    return encode_flat(list->front(), *type.element, child(path, std::size_t{0}), out);
  }
  return mismatch(value, type, path, "null, [null] or [value]");
}

bool takes_null(const wit::TypePtr& type) {
  return type && type->kind == Kind::kOption;
}

/// `[v, null]` or `[null, e]`; `[null, null]` is ok when ok can be null, else err when err can.
Status encode_result(const Value& value, const Type& type, const std::string& path, Bytes& out) {
  const auto* pair = value.if_list();
  if (!pair || pair->size() != 2)
    return mismatch(value, type, path, "[value, null] or [null, error]");
  const Value& ok = pair->front();
  const Value& error = pair->back();
  if (error.is_null() && (!ok.is_null() || takes_null(type.element))) {
    put(out, std::uint8_t{0});
    return type.element ? encode_flat(ok, *type.element, child(path, std::size_t{0}), out)
                        : Status();
  }
  if (ok.is_null() && (!error.is_null() || takes_null(type.error))) {
    put(out, std::uint8_t{1});
    return type.error ? encode_flat(error, *type.error, child(path, std::size_t{1}), out)
                      : Status();
  }
  return mismatch(value, type, path, "[value, null] or [null, error]");
}

/// Reads flat bytes; anything short is our own bug or a damaged message, never the guest's doing.
// A result of the largest size in bytes may be fifty times that in values, of which the node holds those of many tasks.
constexpr std::uint64_t kMostHeldBytes = std::uint64_t{128} << 20;
/// What a list or a map takes beside its values.
constexpr std::uint64_t kContainerBytes = 64;

bool is_scalar(Kind kind) {
  return kind <= Kind::kString || kind == Kind::kEnum;
}

class Reader {
 public:
  explicit Reader(core::BytesView bytes) : bytes_(bytes) {}

  Result<core::BytesView> take(std::size_t size) {
    if (bytes_.size() < size) return core::fail(ErrorCode::kInternal, "a result ends too early");
    const auto head = bytes_.first(size);
    bytes_ = bytes_.subspan(size);
    return head;
  }
  template <typename T>
  Result<T> number() {
    EVERY_TRY_ASSIGN(const auto bytes, take(sizeof(T)));
    T value{};
    std::memcpy(&value, bytes.data(), sizeof(T));
    return value;
  }
  Result<core::BytesView> sized() {
    EVERY_TRY_ASSIGN(const auto size, number<std::uint32_t>());
    return take(size);
  }
  [[nodiscard]] std::size_t left() const { return bytes_.size(); }

  Result<Value> value(const Type& type, const std::string& path);

 private:
  template <typename T>
  Result<Value> integer() {
    EVERY_TRY_ASSIGN(const auto number, this->number<T>());
    if constexpr (std::is_signed_v<T>) return Value(static_cast<std::int64_t>(number));
    return Value(static_cast<std::uint64_t>(number));
  }
  Result<Value> floating(const Type& type, const std::string& path);
  Result<Value> character();
  Result<Value> list(const Type& type, std::uint32_t count, const std::string& path);
  Result<Value> pairs(const Type& type, const std::string& path);
  Result<Value> record(const Type& type, const std::string& path);
  Result<Value> tuple(const Type& type, const std::string& path);
  Result<Value> variant(const Type& type, const std::string& path);
  Result<Value> flags(const Type& type);
  Result<Value> option(const Type& type, const std::string& path);
  Result<Value> result(const Type& type, const std::string& path);

  core::BytesView bytes_;
  std::uint64_t held_ = 0;  // about what the values made so far take
};

std::unexpected<core::Error> bad_case(std::uint32_t number) {
  return core::fail(ErrorCode::kInternal, "a result has case number " + std::to_string(number) +
                                              ", which its type has not");
}

/// The shortest decimal that reads back to the same f32, as a double: 3883.2 rather than 3883.199951171875.
double widen(float value) {
  std::array<char, 64> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  double wide = value;
  std::from_chars(text.data(), end, wide);
  return wide;
}

Result<Value> Reader::floating(const Type& type, const std::string& path) {
  double number = 0;
  if (type.kind == Kind::kF32) {
    EVERY_TRY_ASSIGN(const auto narrow, this->number<float>());
    number = std::isfinite(narrow) ? widen(narrow) : static_cast<double>(narrow);
  } else {
    EVERY_TRY_ASSIGN(number, this->number<double>());
  }
  if (std::isfinite(number)) return Value(number);
  const std::string name = std::isnan(number) ? "NaN" : number > 0 ? "infinity" : "-infinity";
  const std::string where = path.empty() ? "its result is " : "its result has at " + path + " ";
  return core::fail(
      ErrorCode::kGuestTrap,
      where + name + ", which no receipt can hold; return an option or a result instead");
}

Result<Value> Reader::character() {
  EVERY_TRY_ASSIGN(const auto code, number<std::uint32_t>());
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
    return core::fail(ErrorCode::kInternal, "a result has a char that is no character");
  std::string text;
  const auto tail = [&](unsigned shift) {
    text.push_back(static_cast<char>(0x80U | (code >> shift & 0x3fU)));
  };
  if (code < 0x80) {
    text.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    text.push_back(static_cast<char>(0xc0U | code >> 6));
    tail(0);
  } else if (code < 0x10000) {
    text.push_back(static_cast<char>(0xe0U | code >> 12));
    tail(6), tail(0);
  } else {
    text.push_back(static_cast<char>(0xf0U | code >> 18));
    tail(12), tail(6), tail(0);
  }
  return Value(std::move(text));
}

Result<Value> Reader::list(const Type& type, std::uint32_t count, const std::string& path) {
  if (type.kind == Kind::kList && type.element->kind == Kind::kU8) {
    EVERY_TRY_ASSIGN(const auto bytes, take(count));
    return Value(core::to_bytes(bytes));
  }
  ipld::List out;
  out.reserve(std::min<std::size_t>({count, left(), kMostHeldBytes / sizeof(Value)}));
  for (std::uint32_t i = 0; i < count; ++i) {
    EVERY_TRY_ASSIGN(auto element, value(*type.element, child(path, i)));
    out.push_back(std::move(element));
  }
  return Value(std::move(out));
}

Result<Value> Reader::pairs(const Type& type, const std::string& path) {
  EVERY_TRY_ASSIGN(const auto count, number<std::uint32_t>());
  ipld::List out;
  for (std::uint32_t i = 0; i < count; ++i) {
    EVERY_TRY_ASSIGN(auto key, value(*type.key, child(path, i)));
    EVERY_TRY_ASSIGN(auto mapped, value(*type.element, child(path, i)));
    out.emplace_back(ipld::List{std::move(key), std::move(mapped)});
  }
  return Value(std::move(out));
}

Result<Value> Reader::record(const Type& type, const std::string& path) {
  ipld::Map out;
  for (const auto& field : type.fields) {
    EVERY_TRY_ASSIGN(auto member, value(*field.type, child(path, field.name)));
    out.set(field.name, std::move(member));
  }
  return Value(std::move(out));
}

Result<Value> Reader::tuple(const Type& type, const std::string& path) {
  ipld::List out;
  for (std::size_t i = 0; i < type.elements.size(); ++i) {
    EVERY_TRY_ASSIGN(auto member, value(*type.elements[i], child(path, i)));
    out.push_back(std::move(member));
  }
  return Value(std::move(out));
}

Result<Value> Reader::variant(const Type& type, const std::string& path) {
  EVERY_TRY_ASSIGN(const auto number, this->number<std::uint32_t>());
  if (number >= type.fields.size()) return bad_case(number);
  const auto& field = type.fields[number];
  Value payload;
  if (field.type) {
    EVERY_TRY_ASSIGN(payload, value(*field.type, child(path, field.name)));
  }
  ipld::Map out;
  out.set(field.name, std::move(payload));
  return Value(std::move(out));
}

Result<Value> Reader::flags(const Type& type) {
  ipld::List out;
  std::uint32_t word = 0;
  for (std::size_t i = 0; i < type.names.size(); ++i) {
    if (i % 32 == 0) {
      EVERY_TRY_ASSIGN(word, number<std::uint32_t>());
    }
    if ((word >> (i % 32) & 1U) != 0) out.emplace_back(type.names[i]);
  }
  return Value(std::move(out));
}

Result<Value> Reader::option(const Type& type, const std::string& path) {
  EVERY_TRY_ASSIGN(const auto some, number<std::uint8_t>());
  if (some == 0) return Value();
  EVERY_TRY_ASSIGN(auto inner, value(*type.element, path));
  if (type.element->kind == Kind::kOption) return Value(ipld::List{std::move(inner)});
  return inner;
}

Result<Value> Reader::result(const Type& type, const std::string& path) {
  EVERY_TRY_ASSIGN(const auto number, this->number<std::uint8_t>());
  if (number > 1) return bad_case(number);
  const auto& payload_type = number == 0 ? type.element : type.error;
  Value payload(1);
  if (payload_type) {
    EVERY_TRY_ASSIGN(payload, value(*payload_type, child(path, std::size_t{number})));
  }
  if (number == 1 && payload.is_null() && takes_null(type.element)) {
    return core::fail(ErrorCode::kGuestTrap,
                      "its result is err(none) where ok(none) is possible too, and no receipt can "
                      "tell them apart");
  }
  return number == 0 ? Value(ipld::List{std::move(payload), Value()})
                     : Value(ipld::List{Value(), std::move(payload)});
}

Result<Value> Reader::value(const Type& type, const std::string& path) {
  held_ += sizeof(Value) + (is_scalar(type.kind) ? 0 : kContainerBytes);
  if (held_ > kMostHeldBytes) {
    return core::fail(ErrorCode::kResourceExhausted,
                      "its result has so many values that they would take more than the limit of " +
                          std::to_string(kMostHeldBytes >> 20) +
                          " MiB of this node's memory; return fewer, or bytes (list<u8>)");
  }
  switch (type.kind) {
    case Kind::kBool: {
      EVERY_TRY_ASSIGN(const auto flag, number<std::uint8_t>());
      return Value(flag != 0);
    }
    case Kind::kU8:
      return integer<std::uint8_t>();
    case Kind::kU16:
      return integer<std::uint16_t>();
    case Kind::kU32:
      return integer<std::uint32_t>();
    case Kind::kU64:
      return integer<std::uint64_t>();
    case Kind::kS8:
      return integer<std::int8_t>();
    case Kind::kS16:
      return integer<std::int16_t>();
    case Kind::kS32:
      return integer<std::int32_t>();
    case Kind::kS64:
      return integer<std::int64_t>();
    case Kind::kF32:
    case Kind::kF64:
      return floating(type, path);
    case Kind::kChar:
      return character();
    case Kind::kString: {
      EVERY_TRY_ASSIGN(const auto text, sized());
      return Value(std::string(core::as_text(text)));
    }
    case Kind::kList: {
      EVERY_TRY_ASSIGN(const auto count, number<std::uint32_t>());
      return list(type, count, path);
    }
    case Kind::kFixedList:
      return list(type, type.length, path);
    case Kind::kMap:
      return pairs(type, path);
    case Kind::kTuple:
      return tuple(type, path);
    case Kind::kRecord:
      return record(type, path);
    case Kind::kVariant:
      return variant(type, path);
    case Kind::kEnum: {
      EVERY_TRY_ASSIGN(const auto number, this->number<std::uint32_t>());
      if (number >= type.names.size()) return bad_case(number);
      return Value(type.names[number]);
    }
    case Kind::kFlags:
      return flags(type);
    case Kind::kOption:
      return option(type, path);
    case Kind::kResult:
      return result(type, path);
    default:
      return core::fail(ErrorCode::kInternal, "a result is of a type that no value has");
  }
}

}  // namespace

Status encode_flat(const Value& value, const Type& type, const std::string& path, Bytes& out) {
  switch (type.kind) {
    case Kind::kBool:
      if (const auto* flag = value.if_bool()) {
        put(out, static_cast<std::uint8_t>(*flag ? 1 : 0));
        return {};
      }
      return mismatch(value, type, path);
    case Kind::kU8:
      return encode_integer<std::uint8_t>(value, type, path, out);
    case Kind::kU16:
      return encode_integer<std::uint16_t>(value, type, path, out);
    case Kind::kU32:
      return encode_integer<std::uint32_t>(value, type, path, out);
    case Kind::kU64:
      return encode_integer<std::uint64_t>(value, type, path, out);
    case Kind::kS8:
      return encode_integer<std::int8_t>(value, type, path, out);
    case Kind::kS16:
      return encode_integer<std::int16_t>(value, type, path, out);
    case Kind::kS32:
      return encode_integer<std::int32_t>(value, type, path, out);
    case Kind::kS64:
      return encode_integer<std::int64_t>(value, type, path, out);
    case Kind::kF32:
      return encode_float<float>(value, type, path, out);
    case Kind::kF64:
      return encode_float<double>(value, type, path, out);
    case Kind::kChar:
      return encode_char(value, type, path, out);
    case Kind::kString: {
      const auto text = text_of(value);
      if (!text || !core::is_utf8(*text)) return mismatch(value, type, path);
      return put_text(out, *text);
    }
    case Kind::kList:
      return encode_list(value, type, path, out);
    case Kind::kFixedList:
      return encode_fixed_list(value, type, path, out);
    case Kind::kMap:
      return encode_map(value, type, path, out);
    case Kind::kTuple:
      return encode_tuple(value, type, path, out);
    case Kind::kRecord:
      return encode_record(value, type, path, out);
    case Kind::kVariant:
      return encode_variant(value, type, path, out);
    case Kind::kEnum:
      return encode_enum(value, type, path, out);
    case Kind::kFlags:
      return encode_flags(value, type, path, out);
    case Kind::kOption:
      return encode_option(value, type, path, out);
    case Kind::kResult:
      return encode_result(value, type, path, out);
    default:
      return core::fail(ErrorCode::kUnsupported, "a parameter is of a type that no value has");
  }
}

Result<Value> decode_flat(core::BytesView bytes, const Type& type) {
  Reader reader(bytes);
  EVERY_TRY_ASSIGN(auto value, reader.value(type, {}));
  if (reader.left() != 0) return core::fail(ErrorCode::kInternal, "a result has bytes left over");
  return value;
}

}  // namespace every::wasm
