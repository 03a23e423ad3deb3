#include "description.h"

#include <array>
#include <optional>
#include <utility>

namespace every::wasm {
namespace {

using core::Result;
using wit::Kind;

constexpr std::array kPrimitives = {Kind::kBool, Kind::kS8,   Kind::kU8,    Kind::kS16, Kind::kU16,
                                    Kind::kS32,  Kind::kU32,  Kind::kS64,   Kind::kU64, Kind::kF32,
                                    Kind::kF64,  Kind::kChar, Kind::kString};
enum Tag : std::uint8_t {
  kList = 13,
  kRecord,
  kTuple,
  kVariant,
  kEnum,
  kOption,
  kResult,
  kFlags,
  kMap,
  kFixedList,
  kUnsupportedType
};

/// Types nest as deep as a component may make them; far less than this in anything a person wrote.
constexpr int kMaxTypeDepth = 100;

class Reader {
 public:
  explicit Reader(core::BytesView bytes) : bytes_(bytes) {}

  Result<std::uint8_t> byte() {
    if (bytes_.empty()) return broken();
    const std::uint8_t value = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return value;
  }
  Result<std::uint32_t> count() {
    if (bytes_.size() < 4) return broken();
    std::uint32_t value = 0;
    for (std::size_t i = 4; i-- > 0;) value = value << 8 | bytes_[i];
    bytes_ = bytes_.subspan(4);
    return value;
  }
  Result<std::string> text() {
    EVERY_TRY_ASSIGN(const auto size, count());
    if (bytes_.size() < size) return broken();
    std::string value(core::as_text(bytes_.first(size)));
    bytes_ = bytes_.subspan(size);
    return value;
  }
  /// The type that follows; null for `optional` that is absent. An unsupported one is noted in `unsupported()`.
  Result<wit::TypePtr> type(int depth = 0);
  Result<wit::TypePtr> optional(int depth = 0) {
    EVERY_TRY_ASSIGN(const auto present, byte());
    if (present == 0) return wit::TypePtr();
    return type(depth);
  }
  /// What no value can be of, in what was read since the last call.
  std::optional<std::string> take_unsupported() {
    return std::exchange(unsupported_, std::nullopt);
  }

 private:
  static std::unexpected<core::Error> broken() {
    return core::fail(core::ErrorCode::kInternal,
                      "the engines' description of a component ends too early");
  }
  Result<std::vector<std::string>> names();
  Result<std::vector<wit::Field>> fields(Tag tag, int depth);

  core::BytesView bytes_;
  std::optional<std::string> unsupported_;
};

Result<std::vector<std::string>> Reader::names() {
  EVERY_TRY_ASSIGN(const auto size, count());
  std::vector<std::string> out;
  for (std::uint32_t i = 0; i < size; ++i) {
    EVERY_TRY_ASSIGN(auto name, text());
    out.push_back(std::move(name));
  }
  return out;
}

Result<std::vector<wit::Field>> Reader::fields(Tag tag, int depth) {
  EVERY_TRY_ASSIGN(const auto size, count());
  std::vector<wit::Field> out;
  for (std::uint32_t i = 0; i < size; ++i) {
    EVERY_TRY_ASSIGN(auto name, text());
    EVERY_TRY_ASSIGN(auto member, tag == kRecord ? type(depth) : optional(depth));
    out.push_back({std::move(name), std::move(member), {}});
  }
  return out;
}

Result<wit::TypePtr> Reader::type(int depth) {
  if (++depth > kMaxTypeDepth)
    return core::fail(core::ErrorCode::kUnsupported, "its types nest too deep");
  EVERY_TRY_ASSIGN(const auto tag, byte());
  if (tag < kPrimitives.size()) return wit::make_primitive(kPrimitives[tag]);
  switch (tag) {
    case kList: {
      EVERY_TRY_ASSIGN(auto element, type(depth));
      return wit::make_list(std::move(element));
    }
    case kRecord: {
      EVERY_TRY_ASSIGN(auto members, fields(kRecord, depth));
      return wit::make_record({}, std::move(members));
    }
    case kTuple: {
      EVERY_TRY_ASSIGN(const auto size, count());
      std::vector<wit::TypePtr> elements;
      for (std::uint32_t i = 0; i < size; ++i) {
        EVERY_TRY_ASSIGN(auto element, type(depth));
        elements.push_back(std::move(element));
      }
      return wit::make_tuple(std::move(elements));
    }
    case kVariant: {
      EVERY_TRY_ASSIGN(auto cases, fields(kVariant, depth));
      return wit::make_variant({}, std::move(cases));
    }
    case kEnum: {
      EVERY_TRY_ASSIGN(auto cases, names());
      return wit::make_enum({}, std::move(cases));
    }
    case kOption: {
      EVERY_TRY_ASSIGN(auto element, type(depth));
      return wit::make_option(std::move(element));
    }
    case kResult: {
      EVERY_TRY_ASSIGN(auto ok, optional(depth));
      EVERY_TRY_ASSIGN(auto error, optional(depth));
      return wit::make_result(std::move(ok), std::move(error));
    }
    case kFlags: {
      EVERY_TRY_ASSIGN(auto flags, names());
      return wit::make_flags({}, std::move(flags));
    }
    case kMap: {
      EVERY_TRY_ASSIGN(auto key, type(depth));
      EVERY_TRY_ASSIGN(auto value, type(depth));
      return wit::make_map(std::move(key), std::move(value));
    }
    case kFixedList: {
      EVERY_TRY_ASSIGN(const auto length, count());
      EVERY_TRY_ASSIGN(auto element, type(depth));
      return wit::make_fixed_list(std::move(element), length);
    }
    case kUnsupportedType: {
      EVERY_TRY_ASSIGN(unsupported_, text());
      return wit::make_primitive(Kind::kOwn);
    }
    default:
      return core::fail(core::ErrorCode::kInternal,
                        "the engines described a type of unknown kind " + std::to_string(tag));
  }
}

/// Exports that belong to a language's runtime, not to the user.
bool is_helper(const wit::Function& function) {
  if (function.interface_name.empty()) {
    return function.name == "init" && !function.params.empty() &&
           function.params.front().name == "shim";
  }
  return function.interface_name == "exports";
}

std::unexpected<core::Error> refuse(const wit::Function& function, const std::string& where,
                                    const std::string& type) {
  return core::fail(core::ErrorCode::kUnsupported,
                    "function `" + function.qualified_name() + "` cannot be called: " + where +
                        " has a " + type +
                        ", which cannot be written down and kept; pass plain values instead");
}

/// Reads one function; a refusal only counts if it is not a runtime's own.
Result<wit::Function> read_function(Reader& reader, std::optional<core::Error>& refusal) {
  wit::Function function;
  EVERY_TRY_ASSIGN(function.interface_name, reader.text());
  EVERY_TRY_ASSIGN(function.name, reader.text());
  EVERY_TRY(reader.byte());  // async: called alike
  EVERY_TRY_ASSIGN(const auto params, reader.count());
  for (std::uint32_t i = 0; i < params; ++i) {
    wit::Param param;
    EVERY_TRY_ASSIGN(param.name, reader.text());
    EVERY_TRY_ASSIGN(param.type, reader.type());
    if (const auto unsupported = reader.take_unsupported()) {
      refusal = refuse(function, "parameter `" + param.name + "`", *unsupported).error();
    }
    function.params.push_back(std::move(param));
  }
  EVERY_TRY_ASSIGN(function.result, reader.optional());
  if (const auto unsupported = reader.take_unsupported())
    refusal = refuse(function, "its result", *unsupported).error();
  return function;
}

}  // namespace

Result<Description> parse_description(core::BytesView bytes) {
  Reader reader(bytes);
  Description out;
  EVERY_TRY_ASSIGN(const auto functions, reader.count());
  for (std::uint32_t number = 0; number < functions; ++number) {
    std::optional<core::Error> refusal;
    EVERY_TRY_ASSIGN(auto function, read_function(reader, refusal));
    if (is_helper(function)) continue;
    if (refusal) return core::fail(std::move(*refusal));
    out.functions.push_back({std::make_shared<const wit::Function>(std::move(function)), number});
  }
  EVERY_TRY_ASSIGN(const auto imports, reader.count());
  for (std::uint32_t i = 0; i < imports; ++i) {
    EVERY_TRY_ASSIGN(auto name, reader.text());
    out.imports.push_back(std::move(name));
  }
  return out;
}

}  // namespace every::wasm
