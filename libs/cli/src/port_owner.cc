#include "port_owner.h"

#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace every::cli {
namespace {

namespace fs = std::filesystem;

/// Inodes of the sockets that listen on the port. source: Linux Documentation/networking/proc_net_tcp.rst
std::set<std::string> listening_sockets(std::uint16_t port) {
  constexpr std::array<const char*, 2> kTables{"/proc/net/tcp", "/proc/net/tcp6"};
  std::set<std::string> sockets;
  for (const char* table : kTables) {
    std::ifstream file(table);
    std::string line;
    std::getline(file, line);  // the heading
    while (std::getline(file, line)) {
      std::istringstream fields(line);
      std::string slot, local, remote, state, queues, timer, retransmits, user, timeout, inode;
      fields >> slot >> local >> remote >> state >> queues >> timer >> retransmits >> user >>
          timeout >> inode;
      const auto colon = local.rfind(':');
      if (state != "0A" || colon == std::string::npos) continue;
      if (std::stoul(local.substr(colon + 1), nullptr, 16) == port)
        sockets.insert("socket:[" + inode + "]");
    }
  }
  return sockets;
}

bool holds_one_of(const fs::path& process, const std::set<std::string>& sockets) {
  std::error_code problem;
  for (auto at = fs::directory_iterator(process / "fd", problem);
       !problem && at != fs::directory_iterator(); at.increment(problem)) {
    std::error_code ignored;
    if (sockets.contains(fs::read_symlink(at->path(), ignored).string())) return true;
  }
  return false;
}

}  // namespace

std::string port_owner(std::uint16_t port) {
  const std::set<std::string> sockets = listening_sockets(port);
  if (sockets.empty()) return {};
  std::error_code problem;
  for (auto at = fs::directory_iterator("/proc", problem);
       !problem && at != fs::directory_iterator(); at.increment(problem)) {
    const std::string pid = at->path().filename().string();
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    if (!holds_one_of(at->path(), sockets)) continue;
    std::ifstream file(at->path() / "comm");
    std::string name;
    std::getline(file, name);
    return (name.empty() ? "a program" : name) + " (pid " + pid + ")";
  }
  return {};
}

void add_port_owner(core::Error& error) {
  if (error.code != core::ErrorCode::kConflict) return;
  const std::string_view text = error.find("port");
  std::uint16_t port = 0;
  std::from_chars(text.data(), text.data() + text.size(), port);
  constexpr std::string_view kAnybody = "another program listens";
  const auto at = error.message.find(kAnybody);
  if (at == std::string::npos) return;
  if (const std::string owner = port_owner(port); !owner.empty())
    error.message.replace(at, kAnybody.size(), owner + " listens");
}

}  // namespace every::cli
