#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "every/core/error.h"
#include "every/core/log.h"
#include "every/gateway/access.h"
#include "every/gateway/request_handler.h"

namespace every::gateway {

/// What one client may use.
struct ServerLimits {
  std::size_t header_bytes = std::size_t{64} << 10;    ///< request line included; more: 431
  std::size_t target_bytes = std::size_t{32} << 10;    ///< of the address; more: 414
  std::uint64_t body_bytes = std::uint64_t{64} << 20;  ///< more: 413
  std::uint64_t owner_body_bytes =
      std::uint64_t{1} << 30;  ///< the same over the owner's socket, where components come
  std::uint64_t message_bytes = std::uint64_t{16}
                                << 20;  ///< of a WebSocket message; more: closed with 1009
  /// More: the one that has waited longest for a request makes room; where none does, 503 and closed.
  std::size_t connections = 1024;
  std::chrono::milliseconds idle =
      std::chrono::seconds(75);  ///< between two requests, and for all of a header
  std::chrono::milliseconds stalled =
      std::chrono::seconds(30);  ///< in mid-body or mid-answer without a byte
  std::size_t bytes_per_second =
      1024;  ///< of a body or an answer, on the average, after `stalled`: slower is as stalled
  std::uint64_t held_bytes = std::uint64_t{1}
                             << 30;  ///< bodies and answers of all connections at once; more: 503
  std::size_t small_bytes = std::size_t{64} << 10;                 ///< of each do not count there
  std::chrono::milliseconds handshake = std::chrono::seconds(10);  ///< for all of TLS's
  std::chrono::milliseconds heartbeat =
      std::chrono::seconds(15);  ///< between two signs of life of a stream in which nothing happens
};

struct ServerOptions {
  /// `localhost` (both loopback addresses), and addresses: `127.0.0.1`, `::1`; others (`0.0.0.0`, …) with `tokens` only. Empty: no TCP at all.
  std::vector<std::string> hosts{"localhost"};
  std::uint16_t port = 3000;               ///< 0: any free one
  std::string port_option = "--port";      ///< how another one is chosen, for messages
  std::filesystem::path socket;            ///< Unix socket of the owner (0600); empty: none
  std::shared_ptr<const Tokens> tokens;    ///< over TCP one of these is asked for; null: none
  std::shared_ptr<const TlsIdentity> tls;  ///< TCP speaks TLS; null: plain text
  ServerLimits limits;
};

/// Serves a RequestHandler over HTTP/1.1, and over WebSocket where the handler takes them: keep-alive, pipelining, on one event-loop thread. thread: any.
class Server {
 public:
  /// Listens. Who connects before start() waits.
  ///
  /// in: handler, logger   outlive it
  /// errors: kConflict the port is taken (says which, and `--port`); kPermissionDenied the port needs a privilege, or the host is not a loopback
  ///         address and there are no tokens; kInvalidArgument the host is no address; kIo
  [[nodiscard]] static core::Result<std::unique_ptr<Server>> open(const ServerOptions& options,
                                                                  RequestHandler& handler,
                                                                  const core::Logger& logger);
  /// As stop().
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Begins to serve. Called once.
  void start();

  /// The TCP port, 0 without one.
  [[nodiscard]] std::uint16_t port() const;
  /// `http://127.0.0.1:3000/`, `https://…`: where a person on this machine should look.
  [[nodiscard]] std::string url() const;
  /// What could not be done and is no obstacle (no IPv6 on this machine), one sentence each.
  [[nodiscard]] const std::vector<std::string>& notes() const;

  /// Takes no new connections and closes idle ones; requests under way are answered.
  void drain();
  /// Drains, waits up to `grace` for answers under way, then closes everything.
  void stop(std::chrono::milliseconds grace = std::chrono::milliseconds(1000));

 private:
  struct Impl;
  explicit Server(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace every::gateway
