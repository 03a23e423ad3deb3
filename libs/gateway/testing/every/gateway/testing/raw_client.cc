#include "every/gateway/testing/raw_client.h"

#include <array>
#include <cstring>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

namespace every::gateway::testing {
namespace {

[[noreturn]] void give_up(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

core::UniqueFd connected(int family, const void* address, std::size_t size) {
  core::UniqueFd fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) give_up("socket");
  if (::connect(fd.get(), static_cast<const sockaddr*>(address), static_cast<socklen_t>(size)) != 0)
    give_up("connect");
  return fd;
}

}  // namespace

RawClient::RawClient(core::UniqueFd fd) : fd_(std::move(fd)) {
  const timeval limit{20, 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

RawClient RawClient::to_port(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return RawClient(connected(AF_INET, &address, sizeof(address)));
}

RawClient RawClient::to_port_v6(std::uint16_t port) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  address.sin6_addr = in6addr_loopback;
  return RawClient(connected(AF_INET6, &address, sizeof(address)));
}

RawClient RawClient::to_socket(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.native().size() >= sizeof(address.sun_path))
    throw std::runtime_error("path too long for a test");
  std::memcpy(address.sun_path, path.c_str(), path.native().size() + 1);
  return RawClient(connected(AF_UNIX, &address, sizeof(address)));
}

void RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // an early answer may be waiting; the reader finds out
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

bool RawClient::fill() {
  std::array<char, 16384> chunk{};
  const ssize_t got = ::recv(fd_.get(), chunk.data(), chunk.size(), 0);
  if (got < 0 && errno != ECONNRESET) give_up("recv");
  if (got <= 0) return false;
  buffer_.append(chunk.data(), static_cast<std::size_t>(got));
  return true;
}

Response RawClient::read_head() {
  std::size_t end = std::string::npos;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!fill())
      throw std::runtime_error("the connection ended before a response; so far: '" + buffer_ + "'");
  }
  Response response;
  response.status = std::stoi(buffer_.substr(9, 3));
  std::size_t line = buffer_.find("\r\n") + 2;
  while (line < end + 2) {
    const std::size_t stop = buffer_.find("\r\n", line);
    const std::size_t colon = buffer_.find(": ", line);
    response.headers.push_back(
        {buffer_.substr(line, colon - line), buffer_.substr(colon + 2, stop - colon - 2)});
    line = stop + 2;
  }
  buffer_.erase(0, end + 4);
  return response;
}

Response RawClient::read_head_response() {
  return read_head();
}

Response RawClient::read_response() {
  Response response = read_head();
  const std::string* length = response.find_header("content-length");
  const std::size_t size = length != nullptr ? std::stoul(*length) : 0;
  while (buffer_.size() < size) {
    if (!fill()) throw std::runtime_error("the connection ended in mid-body");
  }
  response.body = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return response;
}

std::string RawClient::read_until(std::string_view text) {
  std::size_t found = std::string::npos;
  while ((found = buffer_.find(text)) == std::string::npos) {
    if (!fill())
      throw std::runtime_error("the connection ended before '" + std::string(text) +
                               "' came; so far: '" + buffer_ + "'");
  }
  std::string out = buffer_.substr(0, found + text.size());
  buffer_.erase(0, out.size());
  return out;
}

std::string RawClient::read_to_end() {
  while (fill()) {
  }
  return std::move(buffer_);
}

std::string request_text(std::string_view method, std::string_view target, std::string_view body,
                         std::string_view extra_headers) {
  std::string text = std::string(method) + " " + std::string(target) +
                     " HTTP/1.1\r\nHost: localhost\r\n" + std::string(extra_headers);
  if (!body.empty())
    text +=
        "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  return text + "\r\n" + std::string(body);
}

Response fetch(std::uint16_t port, std::string_view method, std::string_view target,
               std::string_view body, std::string_view extra_headers) {
  RawClient client = RawClient::to_port(port);
  client.send(request_text(method, target, body, extra_headers));
  return method == "HEAD" ? client.read_head_response() : client.read_response();
}

}  // namespace every::gateway::testing
