#include "every/wit/type.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace every::wit {
namespace {

std::string_view keyword(Kind kind) {
  switch (kind) {
    case Kind::kBool:
      return "bool";
    case Kind::kU8:
      return "u8";
    case Kind::kU16:
      return "u16";
    case Kind::kU32:
      return "u32";
    case Kind::kU64:
      return "u64";
    case Kind::kS8:
      return "s8";
    case Kind::kS16:
      return "s16";
    case Kind::kS32:
      return "s32";
    case Kind::kS64:
      return "s64";
    case Kind::kF32:
      return "f32";
    case Kind::kF64:
      return "f64";
    case Kind::kChar:
      return "char";
    case Kind::kString:
      return "string";
    case Kind::kList:
    case Kind::kFixedList:
      return "list";
    case Kind::kMap:
      return "map";
    case Kind::kTuple:
      return "tuple";
    case Kind::kRecord:
      return "record";
    case Kind::kVariant:
      return "variant";
    case Kind::kEnum:
      return "enum";
    case Kind::kFlags:
      return "flags";
    case Kind::kOption:
      return "option";
    case Kind::kResult:
      return "result";
    case Kind::kOwn:
      return "own";
    case Kind::kBorrow:
      return "borrow";
    case Kind::kStream:
      return "stream";
    case Kind::kFuture:
      return "future";
    case Kind::kErrorContext:
      return "error-context";
  }
  return "unknown";
}

std::string render(const TypePtr& type) {
  return type ? wit::render(*type) : std::string("_");
}

std::string render_result(const Type& type) {
  if (!type.element && !type.error) return "result";
  if (!type.error) return "result<" + render(type.element) + ">";
  return "result<" + render(type.element) + ", " + render(type.error) + ">";
}

std::string join(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) {
    if (!out.empty()) out += ", ";
    out += part;
  }
  return out;
}

/// The body of a type nobody named: components do not always carry the names of their types.
std::string render_members(const Type& type) {
  std::vector<std::string> parts = type.names;
  for (const Field& field : type.fields) {
    if (type.kind == Kind::kRecord) {
      parts.push_back(field.name + ": " + render(field.type));
    } else {
      parts.push_back(field.type ? field.name + "(" + render(field.type) + ")" : field.name);
    }
  }
  return std::string(keyword(type.kind)) + " { " + join(parts) + " }";
}

bool equal(const TypePtr& a, const TypePtr& b) {
  if (a == b) return true;
  return a && b && wit::equal(*a, *b);
}

bool equal(const Field& a, const Field& b) {
  return a.name == b.name && equal(a.type, b.type);
}

template <typename T>
bool all_equal(const std::vector<T>& a, const std::vector<T>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const T& x, const T& y) { return equal(x, y); });
}

TypePtr make(Type type) {
  return std::make_shared<const Type>(std::move(type));
}

/// `iface` of `ns:pkg/iface@1.2.3`.
std::string_view short_interface(std::string_view full) {
  if (const auto at = full.find('@'); at != std::string_view::npos) full = full.substr(0, at);
  if (const auto slash = full.rfind('/'); slash != std::string_view::npos)
    full = full.substr(slash + 1);
  return full;
}

char upper(char c) {
  return static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
}
char lower(char c) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

}  // namespace

TypePtr make_primitive(Kind kind) {
  Type type;
  type.kind = kind;
  return make(std::move(type));
}

TypePtr make_list(TypePtr element) {
  Type type;
  type.kind = Kind::kList;
  type.element = std::move(element);
  return make(std::move(type));
}

TypePtr make_option(TypePtr element) {
  Type type;
  type.kind = Kind::kOption;
  type.element = std::move(element);
  return make(std::move(type));
}

TypePtr make_result(TypePtr ok, TypePtr error) {
  Type type;
  type.kind = Kind::kResult;
  type.element = std::move(ok);
  type.error = std::move(error);
  return make(std::move(type));
}

TypePtr make_tuple(std::vector<TypePtr> elements) {
  Type type;
  type.kind = Kind::kTuple;
  type.elements = std::move(elements);
  return make(std::move(type));
}

TypePtr make_record(std::string name, std::vector<Field> fields) {
  Type type;
  type.kind = Kind::kRecord;
  type.name = std::move(name);
  type.fields = std::move(fields);
  return make(std::move(type));
}

TypePtr make_variant(std::string name, std::vector<Field> cases) {
  Type type;
  type.kind = Kind::kVariant;
  type.name = std::move(name);
  type.fields = std::move(cases);
  return make(std::move(type));
}

TypePtr make_enum(std::string name, std::vector<std::string> names) {
  Type type;
  type.kind = Kind::kEnum;
  type.name = std::move(name);
  type.names = std::move(names);
  return make(std::move(type));
}

TypePtr make_flags(std::string name, std::vector<std::string> names) {
  Type type;
  type.kind = Kind::kFlags;
  type.name = std::move(name);
  type.names = std::move(names);
  return make(std::move(type));
}

TypePtr make_map(TypePtr key, TypePtr value) {
  Type type;
  type.kind = Kind::kMap;
  type.key = std::move(key);
  type.element = std::move(value);
  return make(std::move(type));
}

TypePtr make_fixed_list(TypePtr element, std::uint32_t length) {
  Type type;
  type.kind = Kind::kFixedList;
  type.element = std::move(element);
  type.length = length;
  return make(std::move(type));
}

std::string render(const Type& type) {
  const std::string word(keyword(type.kind));
  switch (type.kind) {
    case Kind::kList:
    case Kind::kOption:
      return word + "<" + render(type.element) + ">";
    case Kind::kFixedList:
      return word + "<" + render(type.element) + ", " + std::to_string(type.length) + ">";
    case Kind::kMap:
      return word + "<" + render(type.key) + ", " + render(type.element) + ">";
    case Kind::kTuple: {
      std::vector<std::string> parts;
      for (const TypePtr& element : type.elements) parts.push_back(render(element));
      return word + "<" + join(parts) + ">";
    }
    case Kind::kResult:
      return render_result(type);
    case Kind::kRecord:
    case Kind::kVariant:
    case Kind::kEnum:
    case Kind::kFlags:
      return type.name.empty() ? render_members(type) : type.name;
    case Kind::kStream:
    case Kind::kFuture:
      return type.element ? word + "<" + render(type.element) + ">" : word;
    case Kind::kOwn:
    case Kind::kBorrow:
      return type.name.empty() ? word + "<resource>" : word + "<" + type.name + ">";
    default:
      return word;
  }
}

bool equal(const Type& a, const Type& b) {
  return a.kind == b.kind && a.name == b.name && a.length == b.length && a.names == b.names &&
         equal(a.element, b.element) && equal(a.key, b.key) && equal(a.error, b.error) &&
         all_equal(a.elements, b.elements) && all_equal(a.fields, b.fields);
}

std::string Function::qualified_name() const {
  return interface_name.empty() ? name : std::string(short_interface(interface_name)) + "#" + name;
}

std::string Function::full_name() const {
  return interface_name.empty() ? name : interface_name + "#" + name;
}

std::string Function::listed_name() const {
  const std::string camel = to_camel(name);
  return interface_name.empty() ? camel
                                : std::string(short_interface(interface_name)) + "#" + camel;
}

std::string render(const Function& function) {
  std::vector<std::string> parts;
  for (const Param& param : function.params)
    parts.push_back(param.name + ": " + render(param.type));
  std::string out = "func(" + join(parts) + ")";
  if (function.result) out += " -> " + render(function.result);
  return out;
}

std::string to_camel(std::string_view kebab) {
  std::string out;
  out.reserve(kebab.size());
  while (!kebab.empty()) {
    const std::size_t end = std::min(kebab.find('-'), kebab.size());
    std::string word(kebab.substr(0, end));
    kebab.remove_prefix(std::min(end + 1, kebab.size()));
    // A word of a WIT name is all lower or all upper case (`parse-URL`); the upper-case ones are written as other words are.
    const bool acronym = std::none_of(word.begin(), word.end(),
                                      [](unsigned char c) { return std::islower(c) != 0; });
    if (acronym) std::transform(word.begin(), word.end(), word.begin(), lower);
    if (!out.empty() && !word.empty()) word.front() = upper(word.front());
    out += word;
  }
  return out;
}

}  // namespace every::wit
