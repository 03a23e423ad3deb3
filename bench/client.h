#pragma once

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace every::bench {

/// A blocking keep-alive client. out of exchange(): the status code
class Client {
 public:
  explicit Client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  ~Client() { ::close(fd_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  [[nodiscard]] bool connected() const { return connected_; }

  int exchange(const std::string& request, std::string* body = nullptr) {
    if (::send(fd_, request.data(), request.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request.size()))
      return 0;
    std::string answer;
    char buffer[16384];
    std::size_t head = std::string::npos;
    std::size_t length = 0;
    while (head == std::string::npos || answer.size() < head + 4 + length) {
      const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
      if (got <= 0) return 0;
      answer.append(buffer, static_cast<std::size_t>(got));
      if (head != std::string::npos) continue;
      head = answer.find("\r\n\r\n");
      const std::size_t field = answer.find("ontent-");
      for (std::size_t at = field; at != std::string::npos && at < head;
           at = answer.find("ontent-", at + 1)) {
        if (::strncasecmp(answer.c_str() + at, "ontent-length:", 14) == 0)
          length = std::strtoul(answer.c_str() + at + 14, nullptr, 10);
      }
    }
    if (body != nullptr) *body = answer.substr(head + 4);
    return std::atoi(answer.c_str() + 9);
  }

 private:
  int fd_;
  bool connected_ = false;
};

inline std::string post_run(const std::string& body) {
  return "POST /run HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
         "application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

inline const char* const kAdd =
    R"({"tasks":[{"run":{"name":"add","input":{"func":"add","args":[3.1,5.2]}}}]})";

}  // namespace every::bench
