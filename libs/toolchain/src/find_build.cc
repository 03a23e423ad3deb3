#include "every/toolchain/find_build.h"

#include <string>
#include <system_error>
#include <utility>

#include <sys/stat.h>

#include "every/core/file.h"
#include "every/ipld/dag_cbor.h"
#include "every/ipld/value.h"

namespace every::toolchain {
namespace {

namespace fs = std::filesystem;
using ipld::Map;
using ipld::Value;

constexpr std::size_t kMostBytes = std::size_t{16} << 20;

std::string text_of(const Value* value) {
  return value != nullptr && value->if_string() != nullptr ? *value->if_string() : std::string();
}

std::vector<std::pair<std::string, std::string>> texts_of(const Value* value) {
  std::vector<std::pair<std::string, std::string>> out;
  const Map* map = value != nullptr ? value->if_map() : nullptr;
  if (map == nullptr) return out;
  for (const ipld::MapEntry& entry : *map) {
    if (entry.value.if_string() != nullptr) out.emplace_back(entry.key, *entry.value.if_string());
  }
  return out;
}

std::optional<BuildInputs> parse_inputs(const Value& value) {
  const Map* map = value.if_map();
  if (map == nullptr) return std::nullopt;
  BuildInputs inputs;
  inputs.language = text_of(map->find("language"));
  if (const Value* recipe = map->find("recipe"); recipe != nullptr && recipe->if_integer()) {
    if (const auto number = recipe->if_integer()->as_uint64(); number && *number <= UINT32_MAX)
      inputs.recipe = static_cast<std::uint32_t>(*number);
  }
  if (const Value* files = map->find("files"); files != nullptr && files->if_map() != nullptr) {
    for (const ipld::MapEntry& entry : *files->if_map()) {
      if (const auto* link = entry.value.if_link()) inputs.files.emplace_back(entry.key, *link);
    }
  }
  inputs.options = texts_of(map->find("options"));
  inputs.tools = texts_of(map->find("tools"));
  return inputs;
}

/// The inputs in a record of that component; none: it is of another, or damaged.
std::optional<BuildInputs> read_inputs(const fs::path& path, const ipld::Cid& component) {
  const auto bytes = core::read_file(path, kMostBytes);
  const auto record = bytes ? ipld::dag_cbor::decode(*bytes) : core::Result<Value>(Value());
  const Map* map = record ? record->if_map() : nullptr;
  const Value* inputs = map != nullptr ? map->find("inputs") : nullptr;
  const Value* link = map != nullptr ? map->find("component") : nullptr;
  if (inputs == nullptr || link == nullptr || link->if_link() == nullptr ||
      *link->if_link() != component)
    return std::nullopt;
  const auto key = ipld::dag_cbor::cid_of(*inputs);
  if (!key || key->render() != path.stem().string()) return std::nullopt;
  return parse_inputs(*inputs);
}

core::WallNanos written_at(const fs::path& path) {
  constexpr core::WallNanos kSecond = 1'000'000'000;
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return 0;
  return status.st_mtim.tv_sec * kSecond + status.st_mtim.tv_nsec;
}

}  // namespace

std::optional<RecordedBuild> find_build_of(const fs::path& folder, const ipld::Cid& component) {
  std::optional<RecordedBuild> found;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder / "records", failed)) {
    if (entry.path().extension() != ".cbor") continue;
    const core::WallNanos written = written_at(entry.path());
    if (found && written <= found->written) continue;
    if (auto inputs = read_inputs(entry.path(), component))
      found = RecordedBuild{std::move(*inputs), written};
  }
  return found;
}

}  // namespace every::toolchain
