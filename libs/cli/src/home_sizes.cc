#include "home_sizes.h"

#include <system_error>

namespace every::cli {
namespace {

namespace fs = std::filesystem;

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

std::uint64_t bytes_below(const fs::path& path) {
  std::error_code problem;
  if (fs::is_regular_file(fs::symlink_status(path, problem))) {
    const auto bytes = fs::file_size(path, problem);
    return problem ? 0 : bytes;
  }
  std::uint64_t bytes = 0;
  for (auto at = fs::recursive_directory_iterator(
           path, fs::directory_options::skip_permission_denied, problem);
       !problem && at != fs::recursive_directory_iterator(); at.increment(problem)) {
    std::error_code ignored;
    if (!at->is_symlink(ignored) && at->is_regular_file(ignored)) {
      const auto size = at->file_size(ignored);
      if (!ignored) bytes += size;
    }
  }
  return bytes;
}

core::Result<HomeSizes> read_home_sizes(const Places& places) {
  HomeSizes sizes;
  sizes.disk = {
      .store = bytes_below(places.store_file()),
      .store_log = bytes_below(places.store_file().string() + "-wal"),
      .blocks = bytes_below(places.blocks_file()),
      .blocks_log = bytes_below(places.blocks_file().string() + "-wal"),
      .code = bytes_below(places.code_cache()),
      .toolchain = bytes_below(places.cache / "toolchain") + bytes_below(places.home / "builds")};
  EVERY_TRY(read_database(places.store_file(), store::sizes_of, sizes.store));
  EVERY_TRY(read_database(places.blocks_file(), blocks::sizes_of, sizes.blocks));
  std::error_code ignored;
  if (fs::exists(places.home, ignored)) {
    EVERY_TRY_ASSIGN(sizes.owner, store::HomeLock::find_owner(places.home));
  }
  return sizes;
}

}  // namespace every::cli
