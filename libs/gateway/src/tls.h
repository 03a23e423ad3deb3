#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "session.h"
#include <boost/asio/ssl/context.hpp>

#include "every/gateway/access.h"

namespace every::gateway {

/// The context servers hand to each connection. out: lives as long as the identity
[[nodiscard]] boost::asio::ssl::context& context_of(const TlsIdentity& identity);

/// One connection over TLS. Once the handshake is done it is a session's, in plain text, through a pair of sockets: what stands behind never
/// sees TLS (docs/decisions/0044). thread: the loop
///
/// A handshake ends within ServerLimits::handshake; a client that does not read is dropped after ServerLimits::stalled, one that does not
/// say goodbye a little after the session is over. Who speaks plain HTTP is told to use https.
class TlsLink {
 public:
  /// What a link needs of its server.
  struct Host {
    std::function<void(StreamSocket plain)> admit;
    std::function<void(const std::shared_ptr<TlsLink>& link)> forget;
    std::function<bool()> closing;
    const ServerLimits& limits;
  };
  /// in: identity, host   outlive it
  [[nodiscard]] static std::shared_ptr<TlsLink> make(StreamSocket socket,
                                                     const TlsIdentity& identity, const Host& host);
  virtual ~TlsLink() = default;
  virtual void start() = 0;
  /// Closes now.
  virtual void close() = 0;
  /// Since when the handshake has been going on; none once it is done.
  [[nodiscard]] virtual std::optional<std::chrono::steady_clock::time_point> shaking_since()
      const = 0;
  /// Closes when there is no session yet.
  virtual void close_if_new() = 0;
};

}  // namespace every::gateway
