#include <array>

#include "tls.h"
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <sys/socket.h>

namespace every::gateway {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr unsigned char kHandshakeRecord = 0x16;  // RFC 8446, section 5.1
/// For a client to say goodbye in; shorter when the node stops.
constexpr std::chrono::milliseconds kGoodbye{2000};
constexpr std::chrono::milliseconds kShortGoodbye{100};

std::string answer_in_plain() {
  const std::string body = "this port speaks TLS: use https:// (or wss://) in its URL\n";
  return "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
         "Connection: close\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

using PairSocket =
    asio::basic_stream_socket<asio::local::stream_protocol, asio::io_context::executor_type>;

class Link final : public TlsLink, public std::enable_shared_from_this<Link> {
 public:
  Link(StreamSocket socket, const TlsIdentity& identity, const Host& host)
      : net_(std::move(socket), context_of(identity)),
        plain_(raw().get_executor()),
        timer_(raw().get_executor()),
        host_(host) {}

  void start() override {
    error_code ignored;
    raw().set_option(asio::ip::tcp::no_delay(true), ignored);
    arm(host_.limits.handshake);
    raw().async_wait(StreamSocket::wait_read, [self = shared_from_this()](error_code error) {
      if (error) return self->close();
      self->look();
    });
  }

  void close() override {
    if (closed_) return;
    closed_ = true;
    timer_.cancel();
    error_code ignored;
    raw().close(ignored);
    plain_.close(ignored);
    host_.forget(shared_from_this());
  }

  std::optional<std::chrono::steady_clock::time_point> shaking_since() const override {
    return established_ ? std::nullopt : std::optional(began_);
  }

  void close_if_new() override {
    if (!established_) close();
  }

 private:
  StreamSocket& raw() { return net_.next_layer(); }

  /// The first byte tells TLS from anything else.
  void look() {
    if (closed_) return;
    unsigned char first = 0;
    const ssize_t got = ::recv(raw().native_handle(), &first, 1, MSG_PEEK | MSG_DONTWAIT);
    if (got <= 0) return close();
    if (first != kHandshakeRecord) {
      const std::string answer = answer_in_plain();
      ::send(raw().native_handle(), answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      // What was sent is read, so that the answer is not lost to a reset.
      std::array<char, 4096> rest{};
      while (::recv(raw().native_handle(), rest.data(), rest.size(), MSG_DONTWAIT) > 0) {
      }
      return close();
    }
    net_.async_handshake(asio::ssl::stream_base::server,
                         [self = shared_from_this()](error_code error) {
                           if (error || self->closed_) return self->close();
                           self->join();
                         });
  }

  void join() {
    PairSocket ours(raw().get_executor());
    PairSocket theirs(raw().get_executor());
    error_code error;
    asio::local::connect_pair(ours, theirs, error);
    if (error || host_.closing()) return close();
    timer_.cancel();
    ++round_;
    established_ = true;
    plain_ = std::move(ours);
    host_.admit(StreamSocket(std::move(theirs)));
    read_net();
    read_plain();
  }

  // What the client sends.
  void read_net() {
    net_.async_read_some(asio::buffer(in_),
                         [self = shared_from_this()](error_code error, std::size_t count) {
                           if (self->closed_) return;
                           if (error) return self->end_in();
                           self->write_plain(count);
                         });
  }
  void write_plain(std::size_t count) {
    asio::async_write(plain_, asio::buffer(in_, count),
                      [self = shared_from_this()](error_code error, std::size_t) {
                        if (self->closed_) return;
                        if (error) return self->end_in();
                        self->read_net();
                      });
  }
  void end_in() {
    in_ended_ = true;
    error_code ignored;
    plain_.shutdown(asio::socket_base::shutdown_send, ignored);
    if (out_ended_) close();
  }

  // What the session answers.
  void read_plain() {
    plain_.async_read_some(asio::buffer(out_),
                           [self = shared_from_this()](error_code error, std::size_t count) {
                             if (self->closed_) return;
                             if (error) return self->say_goodbye();
                             self->write_net(0, count);
                           });
  }
  void write_net(std::size_t done, std::size_t count) {
    arm(host_.limits.stalled);
    net_.async_write_some(
        asio::buffer(out_.data() + done, count - done),
        [self = shared_from_this(), done, count](error_code error, std::size_t written) {
          if (self->closed_) return;
          if (error) return self->close();
          if (done + written < count) return self->write_net(done + written, count);
          self->disarm();
          self->read_plain();
        });
  }
  void say_goodbye() {
    out_ended_ = true;
    if (in_ended_) return close();
    arm(host_.closing() ? kShortGoodbye : kGoodbye);
    net_.async_shutdown([self = shared_from_this()](error_code) { self->close(); });
  }

  void arm(std::chrono::milliseconds limit) {
    const std::uint64_t round = ++round_;
    timer_.expires_after(limit);
    timer_.async_wait([weak = weak_from_this(), round](error_code error) {
      const auto self = weak.lock();
      if (!error && self != nullptr && self->round_ == round) self->close();
    });
  }
  void disarm() {
    ++round_;
    timer_.cancel();
  }

  asio::ssl::stream<StreamSocket> net_;
  StreamSocket plain_;  // our end of the pair
  asio::steady_timer timer_;
  std::uint64_t round_ = 0;
  const Host& host_;
  std::array<char, std::size_t{16} << 10> in_{};
  std::array<char, std::size_t{16} << 10> out_{};
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  bool established_ = false;
  bool in_ended_ = false;
  bool out_ended_ = false;
  bool closed_ = false;
};

}  // namespace

std::shared_ptr<TlsLink> TlsLink::make(StreamSocket socket, const TlsIdentity& identity,
                                       const Host& host) {
  return std::make_shared<Link>(std::move(socket), identity, host);
}

}  // namespace every::gateway
