#include "every/core/file.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace every::core {

UniqueFd& UniqueFd::operator=(UniqueFd&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = other.release();
  }
  return *this;
}

int UniqueFd::release() {
  return std::exchange(fd_, -1);
}

void UniqueFd::reset() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

Error system_error(std::string_view what, const std::filesystem::path& path, int errno_value) {
  ErrorCode code = ErrorCode::kIo;
  if (errno_value == ENOENT || errno_value == ENOTDIR) code = ErrorCode::kNotFound;
  if (errno_value == EACCES || errno_value == EPERM || errno_value == EROFS)
    code = ErrorCode::kPermissionDenied;
  const std::string reason = std::error_code(errno_value, std::generic_category()).message();
  return Error{
      code, std::string(what) + " " + path.string() + ": " + reason, {{"path", path.string()}}};
}

Result<Bytes> read_file(const std::filesystem::path& path, std::size_t limit) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return fail(system_error("cannot open", path, errno));
  struct stat stat{};
  if (::fstat(fd.get(), &stat) != 0) return fail(system_error("cannot read", path, errno));
  if (S_ISDIR(stat.st_mode))
    return fail(ErrorCode::kInvalidArgument, path.string() + " is a directory, not a file");
  constexpr std::size_t kAtOnce = std::size_t{1} << 16;
  Bytes content;
  // With room for the read that finds the end: to grow then would copy all of it.
  if (S_ISREG(stat.st_mode))
    content.reserve(std::min<std::size_t>(static_cast<std::size_t>(stat.st_size), limit) + kAtOnce);
  std::size_t used = 0;
  for (;;) {
    content.resize(used + kAtOnce);
    const ssize_t got = ::read(fd.get(), content.data() + used, content.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(system_error("cannot read", path, errno));
    used += static_cast<std::size_t>(got);
    if (used > limit) {
      return fail(ErrorCode::kResourceExhausted,
                  path.string() + " is larger than " + std::to_string(limit) + " bytes");
    }
    if (got == 0) break;
  }
  content.resize(used);
  return content;
}

Status write_all(int fd, BytesView bytes, const std::filesystem::path& path_for_errors) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return fail(system_error("cannot write", path_for_errors, errno));
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return {};
}

Status write_file_atomically(const std::filesystem::path& path, BytesView content, unsigned mode,
                             Sync sync) {
  std::string temporary = path.string() + ".XXXXXX";
  UniqueFd fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd.valid()) return fail(system_error("cannot create", temporary, errno));
  const auto abandon = [&](Error error) {
    ::unlink(temporary.c_str());
    return fail(std::move(error));
  };
  if (auto written = write_all(fd.get(), content, path); !written)
    return abandon(std::move(written).error());
  if (::fchmod(fd.get(), static_cast<mode_t>(mode)) != 0)
    return abandon(system_error("cannot set the mode of", path, errno));
  if (sync == Sync::kYes && ::fsync(fd.get()) != 0)
    return abandon(system_error("cannot sync", path, errno));
  if (::rename(temporary.c_str(), path.c_str()) != 0)
    return abandon(system_error("cannot write", path, errno));
  if (sync == Sync::kYes) {
    const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    const UniqueFd directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.valid() && ::fsync(directory.get()) != 0)
      return fail(system_error("cannot sync", folder, errno));
  }
  return {};
}

bool is_interrupted_write(const std::filesystem::path& path) {
  constexpr std::size_t kRandom = 6;
  const std::string extension = path.extension().string();
  if (extension.size() != kRandom + 1) return false;
  const std::string_view random = std::string_view(extension).substr(1);
  const auto in = [](unsigned char c) { return std::isalnum(c) != 0; };
  const auto is_word = [](unsigned char c) { return std::islower(c) != 0; };
  // `backup` has six letters, too.
  return std::all_of(random.begin(), random.end(), in) &&
         !std::all_of(random.begin(), random.end(), is_word);
}

Status ensure_private_directory(const std::filesystem::path& path) {
  std::error_code error;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
  // A sandboxed process may look at a directory that is there, and make none; what counts is what is there afterwards.
  const int making = ::mkdir(path.c_str(), 0700) == 0 ? 0 : errno;
  struct stat stat{};
  if (::stat(path.c_str(), &stat) != 0) {
    if (making != 0 && making != EEXIST)
      return fail(system_error("cannot create the directory", path, making));
    return fail(system_error("cannot read", path, errno));
  }
  if (!S_ISDIR(stat.st_mode))
    return fail(ErrorCode::kConflict, path.string() + " is not a directory");
  if (stat.st_uid != ::geteuid() || (stat.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return fail(
        ErrorCode::kPermissionDenied,
        path.string() +
            " must belong to this user and be writable by nobody else: chown it, or chmod go-w it");
  }
  return {};
}

}  // namespace every::core
