#pragma once

#include <memory>

#include "session.h"

#include "every/core/log.h"

namespace every::gateway {

/// One WebSocket connection: reads messages for the host's acceptor, writes what it is given, in order.
///
/// Memory is bounded: one message of at most ServerLimits::message_bytes is read at a time, and one that waits to be sent does not wait
/// longer than ServerLimits::stalled for the other side to read on; then the connection is dropped, which is logged.
[[nodiscard]] std::shared_ptr<Session> make_websocket_session(StreamSocket socket,
                                                              const Request& request,
                                                              SessionHost& host,
                                                              const core::Logger& logger);

}  // namespace every::gateway
