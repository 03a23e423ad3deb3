#include "every/gateway/server.h"

#include <condition_variable>
#include <future>
#include <thread>
#include <unordered_set>

#include "credentials.h"
#include "listen.h"
#include "session.h"
#include "tls.h"
#include "websocket_session.h"
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <sys/socket.h>

#include "every/core/guarded.h"

namespace every::gateway {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

}  // namespace

// Everything of the loop: touched on the loop's thread only, but for what is said to be atomic.
struct Server::Impl final : SessionHost, std::enable_shared_from_this<Server::Impl> {
  Impl(const ServerOptions& server_options, RequestHandler& server_handler,
       const core::Logger& server_logger)
      : options(server_options), handler(server_handler), logger(server_logger) {}

  ServerOptions options;
  RequestHandler& handler;
  const core::Logger& logger;
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  Listeners listeners;
  std::unordered_set<std::shared_ptr<Session>> sessions;
  std::unordered_set<std::shared_ptr<TlsLink>> links;
  const TlsLink::Host link_host{
      [this](StreamSocket plain) { admit(std::move(plain), Peer::kNetwork); },
      [this](const std::shared_ptr<TlsLink>& link) {
        links.erase(link);
        tell_when_empty();
      },
      [this] { return draining; }, options.limits};
  std::uint64_t held = 0;  // bytes, of limits.held_bytes
  bool draining = false;
  std::promise<void> emptied;
  bool told_empty = false;
  std::thread thread;
  core::Guarded<bool> stopped{false};

  // SessionHost
  const ServerLimits& limits() const override { return options.limits; }
  bool closing() const override { return draining; }
  Peer identify(std::string_view authorization, std::string_view upgrade_target) const override;
  bool hold(std::size_t bytes) override;
  void release(std::size_t bytes) override { held -= bytes; }
  void serve(const std::shared_ptr<Session>& session, Request request) override;
  void pull(const std::shared_ptr<Session>& session, BodyStream& stream) override;
  WebSocketAcceptor* web_sockets() override { return handler.web_sockets(); }
  void upgrade(StreamSocket socket, const Request& request) override;
  void forget(const std::shared_ptr<Session>& session) override;

  template <typename Acceptor>
  void accept(Acceptor& acceptor, Peer peer);
  void admit(StreamSocket socket, Peer peer);
  void secure(StreamSocket socket);
  bool make_room();
  void begin_drain();
  void tell_when_empty();
};

void Server::Impl::serve(const std::shared_ptr<Session>& session, Request request) {
  // The answer may come on any thread, and after the connection or the server is gone.
  handler.handle(std::move(request),
                 [loop = weak_from_this(), weak = std::weak_ptr(session)](Response response) {
                   const auto alive = loop.lock();
                   if (alive == nullptr) return;
                   // At once where the loop itself brings the answer.
                   asio::dispatch(alive->io, [weak, response = std::move(response)]() mutable {
                     if (const auto target = weak.lock()) target->answer(std::move(response));
                   });
                 });
}

Peer Server::Impl::identify(std::string_view authorization, std::string_view upgrade_target) const {
  if (options.tokens == nullptr) return Peer::kNetwork;
  return options.tokens->admits(shown_token(authorization, upgrade_target)) ? Peer::kTokenHolder
                                                                            : Peer::kStranger;
}

void Server::Impl::pull(const std::shared_ptr<Session>& session, BodyStream& stream) {
  stream.next(
      [loop = weak_from_this(), weak = std::weak_ptr(session)](std::optional<std::string> piece) {
        const auto alive = loop.lock();
        if (alive == nullptr) return;
        asio::post(alive->io, [weak, piece = std::move(piece)]() mutable {
          if (const auto target = weak.lock()) target->piece(std::move(piece));
        });
      });
}

void Server::Impl::upgrade(StreamSocket socket, const Request& request) {
  const auto session = make_websocket_session(std::move(socket), request, *this, logger);
  sessions.insert(session);
  session->start();
}

void Server::Impl::forget(const std::shared_ptr<Session>& session) {
  sessions.erase(session);
  tell_when_empty();
}

void Server::Impl::tell_when_empty() {
  if (!draining || !sessions.empty() || !links.empty() || told_empty) return;
  told_empty = true;
  emptied.set_value();
}

bool Server::Impl::hold(std::size_t bytes) {
  if (bytes > options.limits.held_bytes - held) return false;
  held += bytes;
  return true;
}

/// Connections on which nothing is asked keep nobody out: the one that has waited longest goes. out: whether there was one
bool Server::Impl::make_room() {
  std::shared_ptr<Session> longest;
  for (const auto& session : sessions) {
    const auto since = session->waiting_since();
    if (since && (longest == nullptr || *since < *longest->waiting_since())) longest = session;
  }
  if (longest != nullptr) longest->close();
  return longest != nullptr;
}

void Server::Impl::admit(StreamSocket socket, Peer peer) {
  if (draining) return;
  if (sessions.size() >= options.limits.connections && !make_room()) {
    // Not worth a session: a canned answer, and whatever the socket takes of it.
    const std::string body =
        R"({"error":"too many connections to this node are open","code":"unavailable"})";
    const std::string full =
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json; "
        "charset=utf-8\r\nRetry-After: 1\r\n"
        "Connection: close\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body;
    ::send(socket.native_handle(), full.data(), full.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return;
  }
  const auto session = Session::make(std::move(socket), peer, *this);
  sessions.insert(session);
  session->start();
}

// Behind each link that is established there is a session, which counts; of those that are not, the oldest makes room.
void Server::Impl::secure(StreamSocket socket) {
  if (draining) return;
  std::size_t shaking = 0;
  std::shared_ptr<TlsLink> oldest;
  for (const auto& link : links) {
    const auto since = link->shaking_since();
    if (!since) continue;
    ++shaking;
    if (oldest == nullptr || *since < *oldest->shaking_since()) oldest = link;
  }
  if (shaking >= options.limits.connections) oldest->close();
  const auto link = TlsLink::make(std::move(socket), *options.tls, link_host);
  links.insert(link);
  link->start();
}

template <typename Acceptor>
void Server::Impl::accept(Acceptor& acceptor, Peer peer) {
  const auto socket = std::make_shared<StreamSocket>(io);
  acceptor.async_accept(*socket, [this, &acceptor, peer, socket](error_code error) {
    if (error == asio::error::operation_aborted || draining) return;
    if (!error) {
      if (options.tls != nullptr && peer == Peer::kNetwork) {
        secure(std::move(*socket));
      } else {
        admit(std::move(*socket), peer);
      }
      return accept(acceptor, peer);
    }
    // Out of descriptors, mostly: trying again at once would only spin.
    logger.warn("gateway", "accept", "cannot take a connection: " + error.message());
    const auto timer = std::make_shared<asio::steady_timer>(io, std::chrono::milliseconds(100));
    timer->async_wait([this, &acceptor, peer, timer](error_code) {
      if (!draining) accept(acceptor, peer);
    });
  });
}

void Server::Impl::begin_drain() {
  if (draining) return;
  draining = true;
  listeners.close();
  const auto open = sessions;
  for (const auto& session : open) session->close_if_idle();
  const auto secured = links;
  for (const auto& link : secured) link->close_if_new();
  tell_when_empty();
}

core::Result<std::unique_ptr<Server>> Server::open(const ServerOptions& options,
                                                   RequestHandler& handler,
                                                   const core::Logger& logger) {
  auto impl = std::make_shared<Impl>(options, handler, logger);
  EVERY_TRY_ASSIGN(impl->listeners, listen_all(impl->io, options));
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

void Server::start() {
  for (auto& acceptor : impl_->listeners.tcp) impl_->accept(acceptor, Peer::kNetwork);
  for (auto& acceptor : impl_->listeners.local) impl_->accept(acceptor, Peer::kOwner);
  impl_->thread = std::thread([loop = impl_.get()] { loop->io.run(); });
}

Server::Server(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() {
  stop();
}

std::uint16_t Server::port() const {
  return impl_->listeners.port;
}

std::string Server::url() const {
  const auto& hosts = impl_->options.hosts;
  std::string host = hosts.empty() ? std::string() : hosts.front();
  // What stands for several addresses is reached by the machine's own.
  if (host.empty() || host == "localhost" || host == "0.0.0.0") host = "127.0.0.1";
  if (host == "::" || host == "[::]") host = "::1";
  if (host.find(':') != std::string::npos && !host.starts_with('[')) host = "[" + host + "]";
  return std::string(impl_->options.tls ? "https://" : "http://") + host + ":" +
         std::to_string(port()) + "/";
}

const std::vector<std::string>& Server::notes() const {
  return impl_->listeners.notes;
}

void Server::drain() {
  asio::post(impl_->io, [impl = impl_.get()] { impl->begin_drain(); });
}

void Server::stop(std::chrono::milliseconds grace) {
  {
    auto held = impl_->stopped.lock();
    if (*held) return;
    *held = true;
  }
  if (!impl_->thread.joinable()) return impl_->listeners.close();
  drain();
  impl_->emptied.get_future().wait_for(grace);
  asio::post(impl_->io, [impl = impl_.get()] {
    const auto open = impl->sessions;
    for (const auto& session : open) session->close();
    const auto secured = impl->links;
    for (const auto& link : secured) link->close();
    impl->work.reset();
    impl->io.stop();
  });
  impl_->thread.join();
  impl_->sessions.clear();
  impl_->links.clear();
}

}  // namespace every::gateway
