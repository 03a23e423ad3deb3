#include "every/ipld/path.h"

#include <charconv>
#include <utility>

#include "every/ipld/convert.h"
#include "every/ipld/unixfs_directory.h"

namespace every::ipld {
namespace {

using core::ErrorCode;

core::Error no_entry(const Cid& cid, const std::string& name) {
  const std::string text = cid.render();
  return {ErrorCode::kNotFound, "there is no '" + name + "' in " + text, {{"cid", text}}};
}

const Value* child_of(const Value& value, const std::string& segment) {
  if (const Map* map = value.if_map()) return map->find(segment);
  const List* list = value.if_list();
  std::size_t index = 0;
  const char* const end = segment.data() + segment.size();
  const auto parsed = std::from_chars(segment.data(), end, index);
  const bool is_index = parsed.ec == std::errc() && parsed.ptr == end;
  return list != nullptr && is_index && index < list->size() ? &(*list)[index] : nullptr;
}

/// Takes segments from the front until a link leads out of the block. out: where to; none when the path ends in this block, and `inside` is set
core::Result<std::optional<Cid>> follow_inside(const Cid& cid, core::BytesView block,
                                               std::span<const std::string>& segments,
                                               std::optional<Value>& inside) {
  EVERY_TRY_ASSIGN(const Value value, value_of(cid, block));
  const Value* at = &value;
  while (!segments.empty()) {
    at = child_of(*at, segments.front());
    if (at == nullptr) return core::fail(no_entry(cid, segments.front()));
    segments = segments.subspan(1);
    if (const Cid* link = at->if_link()) return *link;
  }
  inside = *at;
  return std::nullopt;
}

core::Result<Cid> follow_directory(const Cid& cid, core::BytesView block, const std::string& name,
                                   const unixfs::BlockSource& source) {
  EVERY_TRY_ASSIGN(const auto kind, unixfs::kind_of(cid, block));
  if (!unixfs::is_directory(kind))
    return core::fail(ErrorCode::kNotFound, cid.render() + " is " +
                                                std::string(unixfs::describe(kind.type)) +
                                                ", there is nothing below it: '" + name + "'");
  EVERY_TRY_ASSIGN(auto entry, unixfs::find_entry(cid, name, source));
  if (!entry) return core::fail(no_entry(cid, name));
  return std::move(entry->cid);
}

}  // namespace

core::Result<PathEnd> follow_path(const Cid& root, std::span<const std::string> segments,
                                  const unixfs::BlockSource& source) {
  Cid at = root;
  std::vector<Cid> roots;
  for (;;) {
    EVERY_TRY_ASSIGN(core::Bytes block, source(at));
    roots.push_back(at);
    if (segments.empty())
      return PathEnd{std::move(at), std::move(block), std::move(roots), std::nullopt};
    if (at.codec() == Codec::kDagCbor || at.codec() == Codec::kDagJson) {
      std::optional<Value> inside;
      EVERY_TRY_ASSIGN(auto next, follow_inside(at, block, segments, inside));
      if (!next)
        return PathEnd{std::move(at), std::move(block), std::move(roots), std::move(inside)};
      at = std::move(*next);
      continue;
    }
    EVERY_TRY_ASSIGN(at, follow_directory(at, block, segments.front(), source));
    segments = segments.subspan(1);
  }
}

}  // namespace every::ipld
