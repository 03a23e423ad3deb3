#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>

#include "every/gateway/message.h"
#include "every/gateway/request_handler.h"
#include "every/gateway/server.h"

namespace every::gateway {

using StreamSocket = boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol,
                                                      boost::asio::io_context::executor_type>;

class Session;

/// What a session needs of its server. thread: the loop
class SessionHost {
 public:
  virtual ~SessionHost() = default;
  [[nodiscard]] virtual const ServerLimits& limits() const = 0;
  /// Whether no further request may be taken.
  [[nodiscard]] virtual bool closing() const = 0;
  /// Who sends a request over a connection of Peer::kNetwork, by its `Authorization` and, where it is to become a WebSocket, its target.
  [[nodiscard]] virtual Peer identify(std::string_view authorization,
                                      std::string_view upgrade_target) const = 0;
  /// Takes bytes out of what all connections may hold (ServerLimits::held_bytes), or gives them back. out: whether there were so many left
  [[nodiscard]] virtual bool hold(std::size_t bytes) = 0;
  virtual void release(std::size_t bytes) = 0;
  /// Has the request answered; Session::answer is called on the loop, once, unless the session is gone by then: before this returns, or later.
  virtual void serve(const std::shared_ptr<Session>& session, Request request) = 0;
  /// Asks the stream for its next piece; Session::piece is called on the loop, once, unless the session is gone by then.
  virtual void pull(const std::shared_ptr<Session>& session, BodyStream& stream) = 0;
  /// Who takes WebSockets; null: nobody, and a request to become one is served as any other.
  [[nodiscard]] virtual WebSocketAcceptor* web_sockets() = 0;
  /// The session's socket becomes a WebSocket; the session is over. in: request   its admission is already granted
  virtual void upgrade(StreamSocket socket, const Request& request) = 0;
  /// The session is over.
  virtual void forget(const std::shared_ptr<Session>& session) = 0;
};

/// What one connection holds of the bytes all may hold. Released by whoever closes the connection. thread: the loop
class Held {
 public:
  explicit Held(SessionHost& host) : host_(host) {}
  /// Has so many bytes in all counted, small numbers not at all. out: whether there were so many left; if not nothing has changed
  [[nodiscard]] bool grow_to(std::size_t bytes) {
    bytes -= std::min(bytes, host_.limits().small_bytes);
    if (bytes <= bytes_) return true;
    if (!host_.hold(bytes - bytes_)) return false;
    bytes_ = bytes;
    return true;
  }
  void release() { host_.release(std::exchange(bytes_, 0)); }

 private:
  SessionHost& host_;
  std::size_t bytes_ = 0;
};

/// One connection: reads a request, has it served, writes the answer, and again. Requests sent ahead (pipelining) wait in the buffer and are
/// answered in order. thread: the loop
class Session {
 public:
  [[nodiscard]] static std::shared_ptr<Session> make(StreamSocket socket, Peer peer,
                                                     SessionHost& host);
  virtual ~Session() = default;
  virtual void start() = 0;
  virtual void answer(Response response) = 0;
  virtual void piece(std::optional<std::string> piece) = 0;
  /// Closes now, whatever is under way.
  virtual void close() = 0;
  /// Since when it has waited for a request, the header of one included; none while one is under way.
  [[nodiscard]] virtual std::optional<std::chrono::steady_clock::time_point> waiting_since() const {
    return std::nullopt;
  }
  /// Closes when no request is under way, or one whose answer has no end in sight.
  virtual void close_if_idle() = 0;
};

}  // namespace every::gateway
