#include "every/gateway/client.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "socket_path.h"
#include "wire.h"
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "every/core/file.h"
#include "every/core/text.h"

namespace every::gateway {
namespace {

using core::ErrorCode;

core::Result<core::UniqueFd> connect_to(const std::filesystem::path& path) {
  EVERY_TRY_ASSIGN(const SocketPath reachable, SocketPath::make(path));
  core::UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid())
    return std::unexpected(core::system_error("cannot make a socket for", path, errno));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, reachable.text().c_str(), reachable.text().size() + 1);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    const int reason = errno;
    return core::fail(ErrorCode::kUnavailable, "the node that owns this home does not answer on " +
                                                   path.string() + ": " + std::strerror(reason));
  }
  return fd;
}

core::Result<std::string> join_chunks(std::string_view text) {
  std::string body;
  for (;;) {
    const std::size_t line = text.find("\r\n");
    std::size_t size = 0;
    const auto [end, problem] =
        std::from_chars(text.data(), text.data() + std::min(line, text.size()), size, 16);
    if (line == std::string_view::npos || problem != std::errc() || end != text.data() + line ||
        size > text.size() || text.size() - size < line + 4) {
      return core::fail(ErrorCode::kMalformed, "the node's answer broke off between two pieces");
    }
    if (size == 0) return body;
    body += text.substr(line + 2, size);
    text.remove_prefix(line + 2 + size + 2);
  }
}

core::Result<std::size_t> parse_number(std::string_view text) {
  std::size_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size()) {
    return core::fail(ErrorCode::kMalformed,
                      "the node's answer is not HTTP: '" + std::string(text) + "' is not a number");
  }
  return number;
}

}  // namespace

std::string render_request(const Request& request, std::string_view host) {
  std::string text(render_method(request.method));
  text += " " + request.target + " HTTP/1.1\r\nHost: " + std::string(host) +
          "\r\nConnection: close\r\n";
  for (const Header& header : request.headers) text += header.name + ": " + header.value + "\r\n";
  text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n\r\n";
  return text + request.body;
}

core::Result<Response> parse_response(std::string_view text) {
  const std::size_t end = text.find("\r\n\r\n");
  if (!text.starts_with("HTTP/1.") || end == std::string_view::npos || end < 12) {
    return core::fail(ErrorCode::kMalformed,
                      "the node's answer is not HTTP, or broke off in its header");
  }
  Response response;
  EVERY_TRY_ASSIGN(const std::size_t status, parse_number(text.substr(9, 3)));
  response.status = static_cast<int>(status);
  std::string_view head = text.substr(0, end + 2);
  head.remove_prefix(head.find("\r\n") + 2);
  while (!head.empty()) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(line.size() + 2);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos)
      return core::fail(ErrorCode::kMalformed,
                        "the node's answer has a header line without a colon");
    response.headers.push_back({std::string(line.substr(0, colon)),
                                std::string(core::trim_blanks(line.substr(colon + 1)))});
  }
  response.body = text.substr(end + 4);
  if (const std::string* coding = response.find_header("transfer-encoding")) {
    if (!equals_ignoring_case(*coding, "chunked"))
      return core::fail(ErrorCode::kMalformed,
                        "the node's answer has an unknown coding: " + *coding);
    EVERY_TRY_ASSIGN(response.body, join_chunks(response.body));
  }
  if (const std::string* length = response.find_header("content-length")) {
    EVERY_TRY_ASSIGN(const std::size_t expected, parse_number(*length));
    if (response.body.size() != expected) {
      return core::fail(ErrorCode::kMalformed,
                        "the node's answer broke off: " + std::to_string(response.body.size()) +
                            " of " + *length + " bytes came");
    }
  }
  return response;
}

core::Result<Response> call_owner(const std::filesystem::path& socket, const Request& request) {
  EVERY_TRY_ASSIGN(core::UniqueFd fd, connect_to(socket));
  PlainWire wire(std::move(fd));
  EVERY_TRY_ASSIGN(const std::string text, converse(wire, render_request(request)));
  return parse_response(text);
}

}  // namespace every::gateway
