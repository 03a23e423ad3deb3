#include "every/sql/database_lock.h"

#include <cerrno>
#include <string>

#include <fcntl.h>
#include <sys/file.h>

namespace every::sql {

core::Result<DatabaseLock> DatabaseLock::take(const std::filesystem::path& file) {
  std::filesystem::path path = file;
  path += ".lock";
  core::UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd.valid()) return core::fail(core::system_error("cannot open", path, errno));
  while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno == EWOULDBLOCK) {
      return core::fail(
          core::ErrorCode::kConflict,
          file.string() + " is in use by another process; stop that one, or use another --home");
    }
    return core::fail(core::system_error("cannot lock", path, errno));
  }
  return DatabaseLock(std::move(fd));
}

}  // namespace every::sql
