#pragma once

#include <filesystem>
#include <string>

#include "every/core/error.h"
#include "every/core/file.h"

namespace every::gateway {

/// A path to a Unix socket that fits the 107 bytes the system takes: a longer one is spelled through an open directory.
class SocketPath {
 public:
  /// errors: kNotFound, kIo the directory cannot be opened
  [[nodiscard]] static core::Result<SocketPath> make(const std::filesystem::path& path);
  /// Valid as long as this object.
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  core::UniqueFd directory_;
  std::string text_;
};

}  // namespace every::gateway
