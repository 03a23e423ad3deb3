#include "every/ipld/value.h"

#include <algorithm>

#include "text.h"

namespace every::ipld {
namespace {

auto lower_bound_of(auto& entries, std::string_view key) {
  return std::lower_bound(entries.begin(), entries.end(), key,
                          [](const MapEntry& entry, std::string_view k) { return entry.key < k; });
}

}  // namespace

std::string Integer::render() const {
  if (!negative_) return std::to_string(n_);
  if (n_ == UINT64_MAX) return "-18446744073709551616";
  return "-" + std::to_string(n_ + 1);
}

Map::Map() = default;
Map::Map(std::initializer_list<MapEntry> entries) {
  entries_.reserve(entries.size());
  for (const MapEntry& entry : entries) set(entry.key, entry.value);
}
Map::Map(const Map&) = default;
Map::Map(Map&&) noexcept = default;
Map& Map::operator=(const Map&) = default;
Map& Map::operator=(Map&&) noexcept = default;
Map::~Map() = default;

core::Result<Map> Map::from_entries(std::vector<MapEntry> entries) {
  const auto by_key = [](const MapEntry& a, const MapEntry& b) { return a.key < b.key; };
  if (!std::is_sorted(entries.begin(), entries.end(), by_key)) {
    std::sort(entries.begin(), entries.end(), by_key);
  }
  const auto twin =
      std::adjacent_find(entries.begin(), entries.end(),
                         [](const MapEntry& a, const MapEntry& b) { return a.key == b.key; });
  if (twin != entries.end()) {
    return core::fail(core::ErrorCode::kMalformed, "the key " + quoted(twin->key) + " comes twice");
  }
  Map map;
  map.entries_ = std::move(entries);
  return map;
}

const Value* Map::find(std::string_view key) const {
  const auto at = lower_bound_of(entries_, key);
  return at != entries_.end() && at->key == key ? &at->value : nullptr;
}

Value* Map::find(std::string_view key) {
  const auto at = lower_bound_of(entries_, key);
  return at != entries_.end() && at->key == key ? &at->value : nullptr;
}

void Map::set(std::string key, Value value) {
  const auto at = lower_bound_of(entries_, key);
  if (at != entries_.end() && at->key == key) {
    at->value = std::move(value);
  } else {
    entries_.insert(at, MapEntry{std::move(key), std::move(value)});
  }
}

bool Map::insert(std::string key, Value value) {
  const auto at = lower_bound_of(entries_, key);
  if (at != entries_.end() && at->key == key) return false;
  entries_.insert(at, MapEntry{std::move(key), std::move(value)});
  return true;
}

void Map::erase(std::string_view key) {
  const auto at = lower_bound_of(entries_, key);
  if (at != entries_.end() && at->key == key) entries_.erase(at);
}

std::size_t Map::size() const {
  return entries_.size();
}
std::vector<MapEntry>::const_iterator Map::begin() const {
  return entries_.begin();
}
std::vector<MapEntry>::const_iterator Map::end() const {
  return entries_.end();
}
bool operator==(const Map& a, const Map& b) {
  return a.entries_ == b.entries_;
}

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::kNull:
      return "null";
    case Kind::kBool:
      return "bool";
    case Kind::kInteger:
      return "integer";
    case Kind::kFloat:
      return "float";
    case Kind::kString:
      return "string";
    case Kind::kBytes:
      return "bytes";
    case Kind::kList:
      return "list";
    case Kind::kMap:
      return "map";
    case Kind::kLink:
      return "link";
  }
  EVERY_CHECK(false);
  std::unreachable();
}

}  // namespace every::ipld
