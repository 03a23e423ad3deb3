#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "every/core/file.h"
#include "every/gateway/client.h"

namespace every::gateway {
namespace {

using core::ErrorCode;
using Clock = std::chrono::steady_clock;

std::unexpected<core::Error> failed(ErrorCode code, int reason) {
  return core::fail(code, std::strerror(reason));
}

/// A socket that never waits by itself, and how long all of it may wait.
struct Connection {
  core::UniqueFd fd;
  Clock::time_point end;

  /// Waits until the socket can do what `events` says. errors: kTimeout, kIo
  [[nodiscard]] core::Status wait_for(short events) const {
    for (;;) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
      if (left <= 0) return core::fail(ErrorCode::kTimeout, "no answer in time");
      pollfd entry{fd.get(), events, 0};
      const int ready = ::poll(&entry, 1, static_cast<int>(std::min<long long>(left, 60'000)));
      if (ready > 0) return {};
      if (ready < 0 && errno != EINTR) return failed(ErrorCode::kIo, errno);
    }
  }
};

core::Result<Connection> connect_to(const std::string& address, std::uint16_t port,
                                    std::chrono::milliseconds timeout) {
  sockaddr_storage storage{};
  socklen_t size = 0;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
  if (::inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    size = sizeof(*v4);
  } else if (::inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    size = sizeof(*v6);
  } else {
    return core::fail(ErrorCode::kInvalidArgument, "'" + address + "' is no IP address");
  }
  Connection connection{
      core::UniqueFd(::socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)),
      Clock::now() + timeout};
  if (!connection.fd.valid()) return failed(ErrorCode::kUnavailable, errno);
  if (::connect(connection.fd.get(), reinterpret_cast<const sockaddr*>(&storage), size) == 0)
    return connection;
  if (errno != EINPROGRESS) return failed(ErrorCode::kUnavailable, errno);
  EVERY_TRY(connection.wait_for(POLLOUT));
  int reason = 0;
  socklen_t length = sizeof(reason);
  ::getsockopt(connection.fd.get(), SOL_SOCKET, SO_ERROR, &reason, &length);
  if (reason != 0) return failed(ErrorCode::kUnavailable, reason);
  return connection;
}

core::Status send_all(const Connection& connection, std::string_view text) {
  while (!text.empty()) {
    EVERY_TRY(connection.wait_for(POLLOUT));
    const ssize_t sent = ::send(connection.fd.get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    // An early answer may be waiting though the rest was not taken.
    if (sent < 0 && (errno == EPIPE || errno == ECONNRESET)) return {};
    if (sent < 0) return failed(ErrorCode::kIo, errno);
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

core::Result<std::string> receive_all(const Connection& connection) {
  std::string text;
  std::array<char, 65536> chunk{};
  for (;;) {
    EVERY_TRY(connection.wait_for(POLLIN));
    const ssize_t got = ::recv(connection.fd.get(), chunk.data(), chunk.size(), 0);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got < 0) return failed(ErrorCode::kIo, errno);
    if (got == 0) return text;
    text.append(chunk.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

core::Result<Response> call_port(const std::string& address, std::uint16_t port,
                                 const Request& request, std::chrono::milliseconds timeout) {
  EVERY_TRY_ASSIGN(const Connection connection, connect_to(address, port, timeout));
  EVERY_TRY(send_all(connection, render_request(request)));
  EVERY_TRY_ASSIGN(const std::string text, receive_all(connection));
  return parse_response(text);
}

bool listens(const std::string& address, std::uint16_t port, std::chrono::milliseconds timeout) {
  return connect_to(address, port, timeout).has_value();
}

}  // namespace every::gateway
