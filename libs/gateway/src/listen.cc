#include "listen.h"

#include "socket_path.h"
#include <boost/asio/ip/v6_only.hpp>
#include <sys/stat.h>
#include <unistd.h>

namespace every::gateway {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using core::ErrorCode;

using Addresses = std::vector<asio::ip::address>;

core::Status add_host(std::string host, const ServerOptions& options, Addresses& out) {
  if (host == "localhost") {
    out.push_back(asio::ip::address_v4::loopback());
    out.push_back(asio::ip::address_v6::loopback());
    return {};
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  error_code error;
  const auto address = asio::ip::make_address(host, error);
  if (error) {
    return core::fail(ErrorCode::kInvalidArgument,
                      "--host " + host +
                          " is not an address; use localhost, 127.0.0.1, ::1, or an address of "
                          "this machine (0.0.0.0: all of them)");
  }
  if (!address.is_loopback() && options.tokens == nullptr) {
    return core::fail(ErrorCode::kPermissionDenied,
                      "--host " + host +
                          " opens this node to other machines, so it must be told who may use it: "
                          "`every keys token --token-file FILE` makes a token, and --token-file "
                          "FILE here lets in who has it");
  }
  out.push_back(address);
  return {};
}

core::Result<Addresses> parse_hosts(const ServerOptions& options) {
  Addresses addresses;
  for (const std::string& host : options.hosts) EVERY_TRY(add_host(host, options, addresses));
  return addresses;
}

core::Error listen_error(const tcp::endpoint& endpoint, const error_code& error,
                         const std::string& option) {
  const std::string port = std::to_string(endpoint.port());
  const std::string where = (endpoint.address().is_v6() ? "[" + endpoint.address().to_string() + "]"
                                                        : endpoint.address().to_string()) +
                            ":" + port;
  if (error == asio::error::address_in_use) {
    return core::Error{ErrorCode::kConflict,
                       "port " + port + " is taken (another program listens on " + where +
                           "); stop it, or choose another port with " + option,
                       {{"port", port}}};
  }
  if (error == asio::error::access_denied) {
    return {
        ErrorCode::kPermissionDenied,
        "this user may not listen on port " + port + "; choose a port above 1023 with " + option,
        {}};
  }
  return {ErrorCode::kIo, "cannot listen on " + where + ": " + error.message(), {}};
}

struct Opened {
  std::optional<tcp::acceptor> acceptor;
  error_code error;
};

Opened open_tcp(asio::io_context& io, const tcp::endpoint& endpoint) {
  Opened opened;
  tcp::acceptor acceptor(io);
  error_code& error = opened.error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error && endpoint.address().is_v6()) acceptor.set_option(asio::ip::v6_only(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (!error) opened.acceptor = std::move(acceptor);
  return opened;
}

bool means_no_such_family(const error_code& error) {
  return error == asio::error::address_family_not_supported || error.value() == EADDRNOTAVAIL ||
         error.value() == EPROTONOSUPPORT;
}

/// Listens on one port of each address. With port 0 the first address chooses, which the second may find taken.
core::Status listen_tcp(asio::io_context& io, const Addresses& addresses,
                        const ServerOptions& options, Listeners& out) {
  out.tcp.clear();
  out.port = options.port;
  for (const auto& address : addresses) {
    const tcp::endpoint endpoint(address, out.port);
    Opened opened = open_tcp(io, endpoint);
    if (!opened.acceptor) {
      const bool optional = addresses.size() > 1 && address.is_v6();
      if (!optional || !means_no_such_family(opened.error)) {
        return std::unexpected(listen_error(endpoint, opened.error, options.port_option));
      }
      out.notes.push_back("no IPv6 on this machine: not listening on " + address.to_string());
      continue;
    }
    out.port = opened.acceptor->local_endpoint().port();
    out.tcp.push_back(std::move(*opened.acceptor));
  }
  return {};
}

core::Status listen_local(asio::io_context& io, const std::filesystem::path& path, Listeners& out) {
  // The home's lock is held, so a socket file that is there was left by a process that died.
  ::unlink(path.c_str());
  EVERY_TRY_ASSIGN(const SocketPath reachable, SocketPath::make(path));
  asio::local::stream_protocol::acceptor acceptor(io);
  error_code error;
  acceptor.open(asio::local::stream_protocol(), error);
  if (!error) acceptor.bind(asio::local::stream_protocol::endpoint(reachable.text()), error);
  // Nobody can connect before listen(), so the mode is right from the first moment.
  if (!error && ::chmod(path.c_str(), 0600) != 0)
    return std::unexpected(core::system_error("cannot restrict", path, errno));
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error)
    return core::fail(ErrorCode::kIo, "cannot listen on " + path.string() + ": " + error.message());
  out.local.push_back(std::move(acceptor));
  out.socket = path;
  return {};
}

}  // namespace

void Listeners::close() {
  error_code ignored;
  for (auto& acceptor : tcp) acceptor.close(ignored);
  for (auto& acceptor : local) acceptor.close(ignored);
  if (!socket.empty()) ::unlink(socket.c_str());
}

core::Result<Listeners> listen_all(asio::io_context& io, const ServerOptions& options) {
  Listeners listeners;
  if (!options.hosts.empty()) {
    EVERY_TRY_ASSIGN(const auto addresses, parse_hosts(options));
    constexpr int kTries = 16;
    core::Status status;
    for (int i = 0; i < kTries; ++i) {
      status = listen_tcp(io, addresses, options, listeners);
      if (status || options.port != 0 || status.error().code != ErrorCode::kConflict) break;
    }
    EVERY_TRY(std::move(status));
  }
  if (!options.socket.empty()) EVERY_TRY(listen_local(io, options.socket, listeners));
  return listeners;
}

}  // namespace every::gateway
