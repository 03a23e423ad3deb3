#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>

#include "every/core/bytes.h"
#include "every/core/error.h"

namespace every::core {

/// Owns a file descriptor; closes it once. Move only.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept;
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd() { reset(); }

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }
  [[nodiscard]] int release();
  void reset();

 private:
  int fd_ = -1;
};

/// A kIo (or kNotFound, kPermissionDenied) error with the path, what was tried and the system's reason (errno).
[[nodiscard]] Error system_error(std::string_view what, const std::filesystem::path& path,
                                 int errno_value);

/// The whole content of a file.
///
/// errors: kNotFound it is not there; kPermissionDenied; kResourceExhausted it is larger than `limit` bytes; kIo
[[nodiscard]] Result<Bytes> read_file(const std::filesystem::path& path,
                                      std::size_t limit = std::size_t{1} << 32);

enum class Sync { kNo, kYes };
/// Writes a file so that other readers see the old content or the new, never a part (temporary file, then rename).
///
/// in: mode   permission bits of a new file; sync   whether it must survive power loss on return
/// errors: kPermissionDenied, kIo
[[nodiscard]] Status write_file_atomically(const std::filesystem::path& path, BytesView content,
                                           unsigned mode = 0600, Sync sync = Sync::kYes);

/// Whether a name may be that of the temporary file of a write_file_atomically that was interrupted: `<name>.XXXXXX`.
[[nodiscard]] bool is_interrupted_write(const std::filesystem::path& path);

/// Makes a directory (and its parents) for this user alone, 0700, or checks that an existing one is ours and not writable by others.
///
/// errors: kPermissionDenied it belongs to somebody else or others may write to it; kIo
[[nodiscard]] Status ensure_private_directory(const std::filesystem::path& path);

/// Writes all bytes to a descriptor, whatever signals and short writes do. errors: kIo
[[nodiscard]] Status write_all(int fd, BytesView bytes,
                               const std::filesystem::path& path_for_errors);

}  // namespace every::core
