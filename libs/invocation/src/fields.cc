#include "fields.h"

namespace every::invocation::detail {

core::Result<const ipld::Map*> expect_map(const ipld::Value& value, std::string_view what) {
  const ipld::Map* map = value.if_map();
  if (map == nullptr) {
    return core::fail(core::ErrorCode::kMalformed, std::string(what) + " must be a map, got " +
                                                       std::string(kind_name(value.kind())));
  }
  return map;
}

core::Result<const ipld::Value*> require(const ipld::Map& map, std::string_view key,
                                         std::string_view what) {
  const ipld::Value* value = map.find(key);
  if (value == nullptr) {
    return core::fail(core::ErrorCode::kMalformed,
                      "`" + std::string(key) + "` is missing from " + std::string(what));
  }
  return value;
}

core::Result<std::vector<ipld::Cid>> parse_proofs(const ipld::Value& value) {
  std::vector<ipld::Cid> proofs;
  const ipld::List* list = value.if_list();
  if (list == nullptr) return proofs;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const ipld::Cid* link = (*list)[i].if_link();
    if (link == nullptr) {
      return core::fail(core::ErrorCode::kMalformed, "`prf` must hold links only, entry " +
                                                         std::to_string(i) + " is a " +
                                                         std::string(kind_name((*list)[i].kind())));
    }
    proofs.push_back(*link);
  }
  return proofs;
}

ipld::Value render_proofs(const std::vector<ipld::Cid>& proofs) {
  ipld::List list;
  list.reserve(proofs.size());
  for (const ipld::Cid& proof : proofs) list.emplace_back(proof);
  return list;
}

}  // namespace every::invocation::detail
