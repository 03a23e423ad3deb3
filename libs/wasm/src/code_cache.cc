#include "code_cache.h"

#include <utility>

#include "checksum.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "every/core/file.h"
#include "every/ipld/dag_cbor.h"

namespace every::wasm {
namespace {

/// The checksum of a file, which is mapped and not copied; nothing when it cannot be read.
std::optional<std::uint64_t> checksum_of_file(const std::filesystem::path& path) {
  const core::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status{};
  if (!file.valid() || ::fstat(file.get(), &status) != 0 || status.st_size <= 0)
    return std::nullopt;
  const auto size = static_cast<std::size_t>(status.st_size);
  void* const mapped = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (mapped == MAP_FAILED) return std::nullopt;
  const auto sum = checksum({static_cast<const std::uint8_t*>(mapped), size});
  ::munmap(mapped, size);
  return sum;
}

/// Of what an entry says, and of whom it says it.
std::uint64_t entry_checksum(const std::string& name, const ipld::Map& index) {
  const auto encoded = ipld::dag_cbor::encode(index);
  const std::uint64_t both[] = {checksum(core::as_bytes(name)),
                                encoded ? checksum(*encoded) : std::uint64_t{0}};
  return checksum({reinterpret_cast<const std::uint8_t*>(both), sizeof both});
}

}  // namespace

core::Result<CodeCache> CodeCache::open(const std::filesystem::path& folder) {
  EVERY_TRY(core::ensure_private_directory(folder));
  return CodeCache(folder);
}

std::filesystem::path CodeCache::path(const ipld::Cid& cid, const std::string& fingerprint,
                                      const char* extension) const {
  return folder_ / (cid.render() + "." + fingerprint + extension);
}

std::optional<CodeCache::Entry> CodeCache::find(const ipld::Cid& cid,
                                                const std::string& fingerprint) const {
  const auto file = path(cid, fingerprint, ".entry");
  const auto index = core::read_file(file, std::size_t{64} << 20);
  if (!index) return std::nullopt;
  auto value = ipld::dag_cbor::decode(*index);
  auto* map = value ? value->if_map() : nullptr;
  const auto* sum = map ? map->find("sum") : nullptr;
  const auto* wit = map ? map->find("wit") : nullptr;
  const auto* language = map ? map->find("language") : nullptr;
  const auto* size = map ? map->find("size") : nullptr;
  const auto* component = map ? map->find("component") : nullptr;
  const auto* check = map ? map->find("check") : nullptr;
  if (!sum || !wit || !size || !component || !check || !sum->if_integer() || !wit->if_string() ||
      (language != nullptr && !language->if_string()) || !size->if_integer() ||
      !component->if_integer() || !check->if_integer())
    return std::nullopt;
  Entry entry{path(cid, fingerprint, ".code"),
              path(cid, fingerprint, ".component"),
              {*wit->if_string(),
               language == nullptr ? std::nullopt : std::optional(*language->if_string()),
               size->if_integer()->n()},
              component->if_integer()->n()};
  const std::uint64_t code_sum = sum->if_integer()->n();
  const std::uint64_t said = check->if_integer()->n();
  map->erase("check");
  if (entry_checksum(file.filename().string(), *map) != said) return std::nullopt;
  if (checksum_of_file(entry.code) != code_sum) return std::nullopt;
  return entry;
}

core::Result<CodeCache::Entry> CodeCache::put(const ipld::Cid& cid, const std::string& fingerprint,
                                              core::BytesView code, core::BytesView component,
                                              About about) const {
  Entry entry{path(cid, fingerprint, ".code"), path(cid, fingerprint, ".component"),
              std::move(about), checksum(component)};
  const auto file = path(cid, fingerprint, ".entry");
  EVERY_TRY(core::write_file_atomically(entry.component, component, 0600, core::Sync::kNo));
  EVERY_TRY(core::write_file_atomically(entry.code, code, 0600, core::Sync::kNo));
  ipld::Map index;
  index.set("component", entry.component_sum);
  if (entry.about.language) index.set("language", *entry.about.language);
  index.set("size", entry.about.size);
  index.set("sum", checksum(code));
  index.set("wit", entry.about.wit);
  index.set("check", entry_checksum(file.filename().string(), index));
  EVERY_TRY_ASSIGN(const auto bytes, ipld::dag_cbor::encode(std::move(index)));
  EVERY_TRY(core::write_file_atomically(file, bytes, 0600, core::Sync::kNo));
  return entry;
}

core::Result<core::Bytes> CodeCache::read_component(const std::filesystem::path& file,
                                                    std::uint64_t sum) {
  EVERY_TRY_ASSIGN(auto bytes, core::read_file(file));
  if (checksum(bytes) == sum) return bytes;
  return core::fail(
      core::ErrorCode::kIntegrity,
      file.string() + " is damaged and is not used; have it made again: every doctor --repair");
}

}  // namespace every::wasm
