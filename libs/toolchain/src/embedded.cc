#include "every/toolchain/embedded.h"

#include <algorithm>
#include <string>
#include <system_error>

#include "every/core/file.h"

namespace every::toolchain {

std::span<const EmbeddedFile> embedded_files(std::string_view folder) {
  const std::string prefix = std::string(folder) + "/";
  const auto all = embedded_files();
  const auto begin = std::lower_bound(
      all.begin(), all.end(), prefix,
      [](const EmbeddedFile& file, const std::string& value) { return file.path < value; });
  auto end = begin;
  while (end != all.end() && end->path.starts_with(prefix)) ++end;
  return {begin, end};
}

std::string_view embedded_file(std::string_view path) {
  const auto all = embedded_files();
  const auto at = std::find_if(all.begin(), all.end(),
                               [&](const EmbeddedFile& file) { return file.path == path; });
  EVERY_CHECK(at != all.end());
  return at->content;
}

core::Status write_embedded(std::string_view embedded_folder, const std::filesystem::path& folder) {
  for (const auto& file : embedded_files(embedded_folder)) {
    const auto path = folder / file.path.substr(embedded_folder.size() + 1);
    const auto there = core::read_file(path);
    if (there && core::as_text(*there) == file.content) continue;
    std::error_code failed;
    std::filesystem::create_directories(path.parent_path(), failed);
    if (failed) return core::fail(core::system_error("make", path.parent_path(), failed.value()));
    EVERY_TRY(
        core::write_file_atomically(path, core::as_bytes(file.content), 0644, core::Sync::kNo));
  }
  return {};
}

}  // namespace every::toolchain
