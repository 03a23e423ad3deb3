#pragma once

#include <filesystem>
#include <memory>

#include "every/core/error.h"
#include "every/runtime/sharing.h"

namespace every::gateway {

/// A file that is there whole or not at all: written beside its place, under another name, and moved there at the end.
class FileWriter {
 public:
  /// errors: kNotFound, kPermissionDenied, kIo naming the path
  [[nodiscard]] static core::Result<std::unique_ptr<FileWriter>> open(std::filesystem::path file);
  /// What was not finished is taken away again.
  virtual ~FileWriter() = default;
  [[nodiscard]] virtual core::Status write(core::BytesView bytes) = 0;
  [[nodiscard]] virtual core::Status finish() = 0;
};

/// Opens a file anew for each reading. errors: kInvalidArgument it is no file that can be read twice; kNotFound, kPermissionDenied, kIo
[[nodiscard]] runtime::Sharing::OpenSource reopen_file(std::filesystem::path file);

}  // namespace every::gateway
