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

/// A whole HTTP/1.1 response of a connection that was closed after it. errors: kMalformed
[[nodiscard]] core::Result<Response> parse_response(std::string_view text);
/// The request as text, with `Connection: close`.
[[nodiscard]] std::string render_request(const Request& request);

}  // namespace every::gateway
