#pragma once

#include <string_view>
#include <vector>

#include "every/wit/type.h"

namespace every::wit::detail {

/// Whether a client's key is this WIT name, as it stands or in camelCase.
inline bool spells(std::string_view key, std::string_view name) {
  return key == name || key == to_camel(name);
}

/// Index of the entry a key spells, or `size()`.
inline std::size_t find_name(const std::vector<std::string>& names, std::string_view key) {
  std::size_t i = 0;
  while (i < names.size() && !spells(key, names[i])) ++i;
  return i;
}
inline std::size_t find_name(const std::vector<Field>& fields, std::string_view key) {
  std::size_t i = 0;
  while (i < fields.size() && !spells(key, fields[i].name)) ++i;
  return i;
}

/// A list of pairs that begins with text: what a JSON object can stand for besides a map.
inline bool is_pair_list(const Type& type) {
  return type.kind == Kind::kList && type.element->kind == Kind::kTuple &&
         type.element->elements.size() == 2 && type.element->elements[0]->kind == Kind::kString;
}

inline bool is_option(const TypePtr& type) {
  return type && type->kind == Kind::kOption;
}

/// Whether null is a value of the type.
inline bool takes_null(const TypePtr& type) {
  return is_option(type);
}

}  // namespace every::wit::detail
