#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "wire.h"
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

/// A socket that never waits by itself, and until when all of it may wait.
class TimedWire final : public Wire {
 public:
  TimedWire(core::UniqueFd fd, std::chrono::milliseconds timeout)
      : fd_(std::move(fd)), end_(Clock::now() + timeout) {}

  core::Result<std::size_t> send(std::string_view text) override {
    for (;;) {
      EVERY_TRY(wait_for(POLLOUT));
      const ssize_t sent = ::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (sent >= 0) return static_cast<std::size_t>(sent);
      if (errno == EINTR || errno == EAGAIN) continue;
      if (errno == EPIPE || errno == ECONNRESET) return 0;
      return failed(ErrorCode::kIo, errno);
    }
  }

  core::Result<std::size_t> receive(std::span<char> out) override {
    for (;;) {
      EVERY_TRY(wait_for(POLLIN));
      const ssize_t got = ::recv(fd_.get(), out.data(), out.size(), 0);
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR && errno != EAGAIN) return failed(ErrorCode::kIo, errno);
    }
  }

  /// Waits until the socket can do what `events` says. errors: kTimeout, kIo
  [[nodiscard]] core::Status wait_for(short events) const {
    for (;;) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(end_ - Clock::now()).count();
      if (left <= 0) return core::fail(ErrorCode::kTimeout, "no answer in time");
      pollfd entry{fd_.get(), events, 0};
      const int ready = ::poll(&entry, 1, static_cast<int>(std::min<long long>(left, 60'000)));
      if (ready > 0) return {};
      if (ready < 0 && errno != EINTR) return failed(ErrorCode::kIo, errno);
    }
  }
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  core::UniqueFd fd_;
  Clock::time_point end_;
};

core::Result<TimedWire> connect_to(const std::string& address, std::uint16_t port,
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
  core::UniqueFd fd(::socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return failed(ErrorCode::kUnavailable, errno);
  TimedWire wire(std::move(fd), timeout);
  if (::connect(wire.fd(), reinterpret_cast<const sockaddr*>(&storage), size) == 0) return wire;
  if (errno != EINPROGRESS) return failed(ErrorCode::kUnavailable, errno);
  EVERY_TRY(wire.wait_for(POLLOUT));
  int reason = 0;
  socklen_t length = sizeof(reason);
  ::getsockopt(wire.fd(), SOL_SOCKET, SO_ERROR, &reason, &length);
  if (reason != 0) return failed(ErrorCode::kUnavailable, reason);
  return wire;
}

}  // namespace

core::Result<Response> call_port(const std::string& address, std::uint16_t port,
                                 const Request& request, std::chrono::milliseconds timeout) {
  EVERY_TRY_ASSIGN(TimedWire wire, connect_to(address, port, timeout));
  EVERY_TRY_ASSIGN(const std::string text, converse(wire, render_request(request)));
  return parse_response(text);
}

bool listens(const std::string& address, std::uint16_t port, std::chrono::milliseconds timeout) {
  return connect_to(address, port, timeout).has_value();
}

}  // namespace every::gateway
