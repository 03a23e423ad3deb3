#include "home_sizes.h"

#include <filesystem>
#include <system_error>

namespace every::cli {
namespace {

namespace fs = std::filesystem;

std::uint64_t file_bytes(const fs::path& file) {
  std::error_code problem;
  const auto bytes = fs::file_size(file, problem);
  return problem ? 0 : bytes;
}

/// What comes and goes while it is looked at counts or does not.
std::uint64_t folder_bytes(const fs::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code problem;
  for (auto at = fs::recursive_directory_iterator(
           folder, fs::directory_options::skip_permission_denied, problem);
       !problem && at != fs::recursive_directory_iterator(); at.increment(problem)) {
    std::error_code ignored;
    if (!at->is_symlink(ignored) && at->is_regular_file(ignored)) {
      const auto size = at->file_size(ignored);
      if (!ignored) bytes += size;
    }
  }
  return bytes;
}

/// What `read` gives of a database that is there.
template <typename Sizes>
core::Status read_database(const fs::path& file, core::Result<Sizes> (*read)(const fs::path&),
                           std::optional<Sizes>& out) {
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return {};
  EVERY_TRY_ASSIGN(out, read(file));
  return {};
}

}  // namespace

core::Result<HomeSizes> read_home_sizes(const Places& places) {
  HomeSizes sizes;
  sizes.disk = {
      .store = file_bytes(places.store_file()),
      .store_log = file_bytes(places.store_file().string() + "-wal"),
      .blocks = file_bytes(places.blocks_file()),
      .blocks_log = file_bytes(places.blocks_file().string() + "-wal"),
      .code = folder_bytes(places.code_cache()),
      .toolchain = folder_bytes(places.cache / "toolchain") + folder_bytes(places.home / "builds")};
  EVERY_TRY(read_database(places.store_file(), store::sizes_of, sizes.store));
  EVERY_TRY(read_database(places.blocks_file(), blocks::sizes_of, sizes.blocks));
  std::error_code ignored;
  if (fs::exists(places.home, ignored)) {
    EVERY_TRY_ASSIGN(sizes.owner, store::HomeLock::find_owner(places.home));
  }
  return sizes;
}

}  // namespace every::cli
