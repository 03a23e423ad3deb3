#include "wire.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <sys/socket.h>

namespace every::gateway {

using core::ErrorCode;

core::Result<std::size_t> PlainWire::send(std::string_view text) {
  for (;;) {
    const ssize_t sent = ::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (sent >= 0) return static_cast<std::size_t>(sent);
    if (errno == EINTR) continue;
    if (errno == EPIPE || errno == ECONNRESET) return 0;
    return core::fail(ErrorCode::kIo,
                      std::string("cannot send to the node: ") + std::strerror(errno));
  }
}

core::Result<std::size_t> PlainWire::receive(std::span<char> out) {
  for (;;) {
    const ssize_t got = ::recv(fd_.get(), out.data(), out.size(), 0);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK)
      return core::fail(ErrorCode::kTimeout, "no answer in time");
    return core::fail(ErrorCode::kIo,
                      std::string("the node's answer broke off: ") + std::strerror(errno));
  }
}

core::Result<std::string> converse(Wire& wire, std::string_view request, std::size_t longest) {
  while (!request.empty()) {
    EVERY_TRY_ASSIGN(const std::size_t sent, wire.send(request));
    // An early answer (too large, say) may be waiting though the rest was not taken.
    if (sent == 0) break;
    request.remove_prefix(sent);
  }
  std::string text;
  std::array<char, 65536> chunk{};
  for (;;) {
    EVERY_TRY_ASSIGN(const std::size_t got, wire.receive(chunk));
    if (got == 0) return text;
    if (got > longest - text.size())
      return core::fail(ErrorCode::kResourceExhausted,
                        "the answer is longer than " + std::to_string(longest) + " bytes");
    text.append(chunk.data(), got);
  }
}

}  // namespace every::gateway
