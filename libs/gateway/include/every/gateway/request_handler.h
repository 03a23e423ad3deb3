#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "every/gateway/message.h"

namespace every::gateway {

/// Called once with the answer, on any thread.
using Respond = std::move_only_function<void(Response)>;

/// Why this side ends a WebSocket connection (RFC 6455, section 7.4.1).
enum class CloseReason : std::uint16_t {
  kGoingAway = 1001,        ///< the node is stopping
  kPolicyViolation = 1008,  ///< the other side broke a limit
  kTryAgainLater = 1013,    ///< the other side does not read what it asked for
};

/// An open WebSocket connection, as who serves it sees it. thread: any.
class WebSocket {
 public:
  virtual ~WebSocket() = default;
  /// Sends a text message, after what was sent before. Nothing happens once the connection is closed.
  virtual void send(std::string text) = 0;
  /// Bytes of messages that wait to be sent.
  [[nodiscard]] virtual std::size_t queued() const = 0;
  /// Calls `then` when the other side has taken everything sent so far off its socket (it answered a ping), after a second at the latest,
  /// or not at all once the connection is closed. On the server's loop: must not block.
  virtual void after_arrival(std::move_only_function<void()> then) = 0;
  /// Sends what waits, then a close frame. `why` is told to the other side (at most 120 bytes of it).
  virtual void close(CloseReason reason, std::string_view why) = 0;
};

/// What a connection's messages go to. Called on the server's loop, one call at a time: must not block.
class WebSocketListener {
 public:
  virtual ~WebSocketListener() = default;
  /// A whole message; text and binary ones are treated alike. The next one is read once `done` is called (on any thread) or dropped.
  virtual void on_message(std::string message, std::shared_ptr<void> done) = 0;
  /// Less than kSendWindow waits to be sent, after it was more.
  virtual void on_sent() = 0;
  /// The connection is over; the last call.
  virtual void on_closed() = 0;
};

/// How much may wait to be sent before producers should wait for on_sent().
inline constexpr std::size_t kSendWindow = std::size_t{4} << 20;

/// Takes connections that ask to become WebSockets.
class WebSocketAcceptor {
 public:
  virtual ~WebSocketAcceptor() = default;
  /// Why the request may not be upgraded, or nothing. On the loop.
  [[nodiscard]] virtual std::expected<void, Response> admit(const Request& request) = 0;
  /// The connection was upgraded. On the loop.
  [[nodiscard]] virtual std::shared_ptr<WebSocketListener> open(
      const std::shared_ptr<WebSocket>& socket) = 0;
};

/// What a server stands in front of: requests in, responses out. thread: any.
class RequestHandler {
 public:
  virtual ~RequestHandler() = default;
  /// Takes a request and returns at once.
  /// out: `respond` is called exactly once, whatever happens
  virtual void handle(Request request, Respond respond) = 0;
  /// Null: an `Upgrade` header is left alone, as HTTP allows.
  [[nodiscard]] virtual WebSocketAcceptor* web_sockets() { return nullptr; }
};

}  // namespace every::gateway
