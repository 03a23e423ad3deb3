#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "every/core/error.h"
#include "every/gateway/message.h"

namespace every::gateway {

/// Header of an error answer whose body is not `{"error":…}`: what is wrong, in one line for a person.
inline constexpr std::string_view kSummaryHeader = "Every-Error";

/// Sends one request to the owner of a home over its Unix socket and waits for the answer, however long the run takes.
///
/// errors: kUnavailable nobody listens there; kIo the connection broke; kMalformed what came back is not HTTP. thread: any, blocks
[[nodiscard]] core::Result<Response> call_owner(const std::filesystem::path& socket,
                                                const Request& request);

/// Sends one request to a port of an address and waits for the answer.
///
/// in: address   IPv4 or IPv6, as digits
/// errors: kUnavailable nobody listens there (`Connection refused`); kTimeout; kIo the connection broke; kMalformed what came back is not HTTP;
///         kInvalidArgument no address. thread: any, blocks
[[nodiscard]] core::Result<Response> call_port(const std::string& address, std::uint16_t port,
                                               const Request& request,
                                               std::chrono::milliseconds timeout);
/// Whether somebody listens on a port of an address. in: as call_port. thread: any, blocks
[[nodiscard]] bool listens(const std::string& address, std::uint16_t port,
                           std::chrono::milliseconds timeout);

/// Where a node is that is asked over the network.
struct NodeAddress {
  enum class Scheme : std::uint8_t { kHttp, kHttps } scheme = Scheme::kHttp;
  std::string host;
  std::uint16_t port = 80;

  /// `http://host:port`, `https://[::1]:3000/`; without a port 3000, the gateway's.
  /// errors: kInvalidArgument, with the form that is meant
  [[nodiscard]] static core::Result<NodeAddress> parse(std::string_view text);
  [[nodiscard]] std::string render() const;
  /// `host:port`, as the Host header has it.
  [[nodiscard]] std::string authority() const;
};

/// How a client of a node elsewhere proves itself, and whom it believes.
struct RemoteAccess {
  std::string token;  ///< empty: none is shown
  std::filesystem::path
      tls_ca;  ///< PEM: believed in place of the system's authorities; a certificate itself, too
  std::chrono::milliseconds connect =
      std::chrono::seconds(10);  ///< for the connection, and for TLS
  std::chrono::milliseconds silence{
      0};  ///< how long nothing may come or be taken; 0: as long as it likes
  std::size_t longest_answer = SIZE_MAX;  ///< [bytes]
};

/// As call_owner, over the network.
///
/// errors: kUnavailable nobody listens there, or the name is unknown; kTimeout no connection in time; kPermissionDenied the certificate is
///         not believed; kUnsupported the port does not speak TLS; kNotFound, kMalformed `tls_ca`; kIo, kMalformed as call_owner. thread: any,
///         blocks
[[nodiscard]] core::Result<Response> call_remote(const NodeAddress& node,
                                                 const RemoteAccess& access,
                                                 const Request& request);

/// A whole HTTP/1.1 response of a connection that was closed after it. errors: kMalformed
[[nodiscard]] core::Result<Response> parse_response(std::string_view text);
/// The request as text, with `Connection: close`. in: host   for the Host header
[[nodiscard]] std::string render_request(const Request& request,
                                         std::string_view host = "localhost");

}  // namespace every::gateway
