#pragma once

#include <deque>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include "every/core/error.h"
#include "every/gateway/server.h"

namespace every::gateway {

/// The listening sockets of a server.
struct Listeners {
  std::deque<boost::asio::ip::tcp::acceptor> tcp;
  std::deque<boost::asio::local::stream_protocol::acceptor> local;
  std::uint16_t port = 0;
  std::vector<std::string> notes;
  std::filesystem::path socket;

  /// Stops listening and removes the Unix socket's file.
  void close();
};

/// Binds and listens as the options say. errors: as Server::open
[[nodiscard]] core::Result<Listeners> listen_all(boost::asio::io_context& io,
                                                 const ServerOptions& options);

}  // namespace every::gateway
