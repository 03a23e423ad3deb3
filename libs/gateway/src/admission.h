#pragma once

#include <optional>
#include <string_view>

#include "every/gateway/message.h"
#include "every/gateway/service.h"

namespace every::gateway {

/// Refuses what a foreign web page could send: a `Host` that is not this machine's (DNS rebinding), an `Origin` that is not allowed; and who
/// shows no token where one is asked for.
/// Requests of the owner (socket, in process) pass. out: none when admitted
[[nodiscard]] std::optional<Response> refuse(const Request& request, const ServiceOptions& options);

/// Whether a peer may change what the node has and serves: its own user, and who has a token.
[[nodiscard]] constexpr bool acts_as_owner(Peer peer) {
  return peer == Peer::kOwner || peer == Peer::kTokenHolder;
}

/// Adds the headers a browser asks for when the request came from an admitted page, and those every answer carries: nosniff and a
/// policy under which no answer can act as a page.
void add_common_headers(Response& response, const Request& request, const ServiceOptions& options);

/// The answer to a preflight.
[[nodiscard]] Response preflight(const Request& request);

/// Whether an origin is a page served from this machine: `http(s)://localhost|127.0.0.1|[::1]`, any port.
[[nodiscard]] bool is_loopback_origin(std::string_view origin);

}  // namespace every::gateway
