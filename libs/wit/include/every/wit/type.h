#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace every::wit {

enum class Kind : std::uint8_t {
  kBool,
  kU8,
  kU16,
  kU32,
  kU64,
  kS8,
  kS16,
  kS32,
  kS64,
  kF32,
  kF64,
  kChar,
  kString,
  kList,
  kFixedList,
  kMap,
  kTuple,
  kRecord,
  kVariant,
  kEnum,
  kFlags,
  kOption,
  kResult,
  kOwn,
  kBorrow,
  kStream,
  kFuture,
  kErrorContext,  // known so that they can be refused by name; no value has them
};

struct Type;
/// Types are immutable and shared: a component's functions name the same record by the same pointer.
using TypePtr = std::shared_ptr<const Type>;

/// A record's field, or a variant's case (there `type` may be null: no payload).
struct Field {
  std::string name;  ///< as in the WIT, kebab-case
  TypePtr type;
  std::string docs;
};

/// One type of the WIT value language, resolved (no names to look up).
struct Type {
  Kind kind = Kind::kBool;
  std::string name;  ///< the WIT name of a named type (`point`), else empty
  std::string docs;
  TypePtr element;  ///< list, fixed list, option: of what; map: the value; result: ok (null: none)
  TypePtr key;      ///< map: the key
  TypePtr error;    ///< result: err (null: none)
  std::uint32_t length = 0;        ///< fixed list: how many
  std::vector<TypePtr> elements;   ///< tuple
  std::vector<Field> fields;       ///< record: fields; variant: cases
  std::vector<std::string> names;  ///< enum: cases; flags: flags
};

[[nodiscard]] TypePtr make_primitive(Kind kind);
[[nodiscard]] TypePtr make_list(TypePtr element);
[[nodiscard]] TypePtr make_option(TypePtr element);
[[nodiscard]] TypePtr make_result(TypePtr ok, TypePtr error);
[[nodiscard]] TypePtr make_tuple(std::vector<TypePtr> elements);
[[nodiscard]] TypePtr make_record(std::string name, std::vector<Field> fields);
[[nodiscard]] TypePtr make_variant(std::string name, std::vector<Field> cases);
[[nodiscard]] TypePtr make_enum(std::string name, std::vector<std::string> names);
[[nodiscard]] TypePtr make_flags(std::string name, std::vector<std::string> names);
[[nodiscard]] TypePtr make_map(TypePtr key, TypePtr value);
[[nodiscard]] TypePtr make_fixed_list(TypePtr element, std::uint32_t length);

/// WIT text of a type as it stands in a signature: `list<option<u32>>`, a named type by its name.
[[nodiscard]] std::string render(const Type& type);
/// The same type, structurally, names included.
[[nodiscard]] bool equal(const Type& a, const Type& b);

struct Param {
  std::string name;  ///< kebab-case
  TypePtr type;
};

/// A function a component exports.
struct Function {
  std::string interface_name;  ///< empty at the root; else `ns:pkg/iface@1.2.3`
  std::string name;            ///< kebab-case, as exported
  std::vector<Param> params;
  TypePtr result;  ///< null: none
  std::string docs;

  /// `add` at the root, `iface#add` in an interface: what `func` and routes take besides the camelCase spelling.
  [[nodiscard]] std::string qualified_name() const;
  /// `ns:pkg/iface@1.2.3#add`; the name alone at the root.
  [[nodiscard]] std::string full_name() const;
  /// `addTwo` for `add-two`; with `iface#` before it in an interface. What is listed and what clients send in `func`.
  [[nodiscard]] std::string listed_name() const;
};

/// `func(a: f64, b: f64) -> f64`
[[nodiscard]] std::string render(const Function& function);

/// lowerCamelCase of a kebab-case WIT name: `some-name` → `someName`.
[[nodiscard]] std::string to_camel(std::string_view kebab);

}  // namespace every::wit
