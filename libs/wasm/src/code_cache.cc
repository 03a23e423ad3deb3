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
  const auto index = core::read_file(path(cid, fingerprint, ".entry"), std::size_t{64} << 20);
  if (!index) return std::nullopt;
  const auto value = ipld::dag_cbor::decode(*index);
  const auto* map = value ? value->if_map() : nullptr;
  const auto* sum = map ? map->find("sum") : nullptr;
  const auto* wit = map ? map->find("wit") : nullptr;
  const auto* size = map ? map->find("size") : nullptr;
  if (!sum || !wit || !size || !sum->if_integer() || !wit->if_string() || !size->if_integer())
    return std::nullopt;
  Entry entry{path(cid, fingerprint, ".code"), path(cid, fingerprint, ".component"),
              *wit->if_string(), size->if_integer()->n()};
  if (checksum_of_file(entry.code) != sum->if_integer()->n()) return std::nullopt;
  return entry;
}

core::Result<CodeCache::Entry> CodeCache::put(const ipld::Cid& cid, const std::string& fingerprint,
                                              core::BytesView code, core::BytesView component,
                                              const std::string& wit,
                                              std::uint64_t original_size) const {
  Entry entry{path(cid, fingerprint, ".code"), path(cid, fingerprint, ".component"), wit,
              original_size};
  EVERY_TRY(core::write_file_atomically(entry.component, component, 0600, core::Sync::kNo));
  EVERY_TRY(core::write_file_atomically(entry.code, code, 0600, core::Sync::kNo));
  ipld::Map index;
  index.set("size", original_size);
  index.set("sum", checksum(code));
  index.set("wit", wit);
  EVERY_TRY_ASSIGN(const auto bytes, ipld::dag_cbor::encode(std::move(index)));
  EVERY_TRY(
      core::write_file_atomically(path(cid, fingerprint, ".entry"), bytes, 0600, core::Sync::kNo));
  return entry;
}

}  // namespace every::wasm
