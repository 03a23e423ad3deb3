#pragma once

#include <filesystem>
#include <span>
#include <string_view>

#include "every/core/error.h"

namespace every::toolchain {

/// A file of libs/toolchain/{wit,rust,cpp,javascript,python}/ inside the binary: scripts, lock files, templates.
struct EmbeddedFile {
  std::string_view path;  ///< relative to libs/toolchain, e.g. `python/requirements.txt`
  std::string_view content;
};

/// All of them, sorted by path.
[[nodiscard]] std::span<const EmbeddedFile> embedded_files();
/// Those below a folder (`python/template`), sorted by path.
[[nodiscard]] std::span<const EmbeddedFile> embedded_files(std::string_view folder);
/// The content of one. It must exist: the name is a literal of ours.
[[nodiscard]] std::string_view embedded_file(std::string_view path);
/// Writes the files below an embedded folder to a folder on disk, with paths relative to it; what has the same content is left alone.
/// errors: kIo
[[nodiscard]] core::Status write_embedded(std::string_view embedded_folder,
                                          const std::filesystem::path& folder);

}  // namespace every::toolchain
