#include "socket_path.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/un.h>

namespace every::gateway {

core::Result<SocketPath> SocketPath::make(const std::filesystem::path& path) {
  SocketPath result;
  result.text_ = path.string();
  if (result.text_.size() < sizeof(sockaddr_un::sun_path)) return result;
  const std::filesystem::path parent = path.parent_path();
  result.directory_ = core::UniqueFd(::open(parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!result.directory_.valid()) {
    return std::unexpected(core::system_error("cannot open", parent, errno));
  }
  result.text_ =
      "/proc/self/fd/" + std::to_string(result.directory_.get()) + "/" + path.filename().string();
  return result;
}

}  // namespace every::gateway
