#pragma once

#include <string_view>

#include "every/ipld/value.h"

namespace every::ipld::dag_json {

inline constexpr std::string_view kSlash = "/";
inline constexpr std::string_view kBytesKey = "bytes";

/// Whether a map looks like what DAG-JSON keeps for links and bytes: its first key is `/`, with a string, or with a map whose
/// first key is `bytes` with a string. Such an object is a link, bytes, or an error, never a map.
inline bool is_reserved(const Map& map) {
  if (map.empty() || map.begin()->key != kSlash) return false;
  const Value& inner = map.begin()->value;
  if (inner.if_string() != nullptr) return true;
  const Map* const form = inner.if_map();
  return form != nullptr && !form->empty() && form->begin()->key == kBytesKey &&
         form->begin()->value.if_string() != nullptr;
}

}  // namespace every::ipld::dag_json
