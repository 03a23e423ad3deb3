#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "every/core/file.h"
#include "every/gateway/message.h"

namespace every::gateway::testing {

/// A TCP (or Unix) connection for tests: writes bytes as given, reads responses by their Content-Length. Any failure is a thrown std::runtime_error;
/// reads give up after 20 s, so that a test that waits in vain fails.
class RawClient {
 public:
  [[nodiscard]] static RawClient to_port(std::uint16_t port);
  [[nodiscard]] static RawClient to_port_v6(std::uint16_t port);
  [[nodiscard]] static RawClient to_socket(const std::filesystem::path& path);

  void send(std::string_view bytes);
  /// The next response. in: head_only   it answers a HEAD, so no body follows whatever the length says
  [[nodiscard]] Response read_response();
  [[nodiscard]] Response read_head_response();
  /// Reads on until `text` has come and gives everything up to its end. Of what follows a head, as it is sent.
  [[nodiscard]] std::string read_until(std::string_view text);
  /// Everything up to the end of the connection; empty when it was reset.
  [[nodiscard]] std::string read_to_end();
  void close() { fd_.reset(); }

 private:
  explicit RawClient(core::UniqueFd fd);
  bool fill();
  Response read_head();
  core::UniqueFd fd_;
  std::string buffer_;
};

/// `GET /x` and the like as text; Host is localhost, a body is JSON.
[[nodiscard]] std::string request_text(std::string_view method, std::string_view target,
                                       std::string_view body = {},
                                       std::string_view extra_headers = {});
/// One request on a connection of its own.
[[nodiscard]] Response fetch(std::uint16_t port, std::string_view method, std::string_view target,
                             std::string_view body = {}, std::string_view extra_headers = {});

}  // namespace every::gateway::testing
