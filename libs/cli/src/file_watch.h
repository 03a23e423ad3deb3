#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "every/core/error.h"
#include "every/core/file.h"

namespace every::cli {

/// Tells when files change, however an editor saves them: written in place, or written beside and renamed.
/// thread: one, except interrupt()
class FileWatch {
 public:
  /// errors: kIo, kResourceExhausted the system has no more watches
  [[nodiscard]] static core::Result<std::unique_ptr<FileWatch>> open();

  /// Watches these instead of the ones before: files, and folders with all that is below them. What is not there yet is watched for.
  /// errors: kResourceExhausted naming the setting of the system that is too low
  [[nodiscard]] core::Status watch(const std::vector<std::filesystem::path>& paths);

  /// Blocks until something changes and then stays quiet for a moment, or interrupt().
  /// out: the watched paths (as given) that changed; empty after interrupt()
  [[nodiscard]] std::set<std::filesystem::path> wait();

  /// Ends wait(), now and from now on. thread: any
  void interrupt();

 private:
  FileWatch() = default;
  [[nodiscard]] core::Status add_folder(const std::filesystem::path& folder);
  [[nodiscard]] core::Status add_tree(const std::filesystem::path& folder);
  void take_events(std::set<std::filesystem::path>& changed);
  void note(const std::filesystem::path& file, std::set<std::filesystem::path>& changed) const;

  core::UniqueFd events_;
  core::UniqueFd end_;
  std::map<int, std::filesystem::path> folders_;  ///< by watch descriptor
  std::vector<std::filesystem::path> paths_;
};

}  // namespace every::cli
