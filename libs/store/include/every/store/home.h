#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "every/core/error.h"
#include "every/core/file.h"

namespace every::store {

/// Who owns a home, as its lock file says.
struct HomeOwner {
  std::int64_t pid = 0;
  std::uint16_t port = 0;  ///< gateway port, 0 when it serves none
};

/// The right to a home directory: one process at a time. Released when destroyed, or when the process dies in any way.
class HomeLock {
 public:
  /// Takes the lock file `owner.lock` (flock) of a home, making the directory 0700 when needed.
  ///
  /// errors: kConflict another process owns it (pid and port are named in the message and in `context`); kPermissionDenied, kIo
  [[nodiscard]] static core::Result<std::unique_ptr<HomeLock>> take(
      const std::filesystem::path& home);
  /// Writes what others are told about this owner.
  [[nodiscard]] core::Status announce(const HomeOwner& owner);
  /// The living owner of a home, if there is one; never takes the lock for longer than the look.
  [[nodiscard]] static core::Result<std::optional<HomeOwner>> find_owner(
      const std::filesystem::path& home);

 private:
  explicit HomeLock(core::UniqueFd fd) : fd_(std::move(fd)) {}
  core::UniqueFd fd_;
};

}  // namespace every::store
