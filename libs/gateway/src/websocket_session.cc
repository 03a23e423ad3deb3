#include "websocket_session.h"

#include <atomic>
#include <deque>
#include <mutex>
#include <variant>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "every/core/text.h"

namespace every::gateway {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using beast::error_code;
using Then = std::move_only_function<void()>;

/// A client that is alive answers a ping in this time; one that does not is taken to have read what it will read.
constexpr std::chrono::seconds kArrival{1};
/// Silence that is broken by a ping, and half of what ends a connection nobody is at.
constexpr std::chrono::seconds kIdle{60};
/// Slower than this nobody reads who still reads: a large message has that much more time.
constexpr std::size_t kBytesPerSecond = std::size_t{64} << 10;
constexpr std::size_t kMostCloseText = 120;
constexpr std::size_t kPiece = std::size_t{64} << 10;

class WsSession final : public Session,
                        public WebSocket,
                        public std::enable_shared_from_this<WsSession> {
 public:
  WsSession(StreamSocket socket, const Request& request, SessionHost& host,
            const core::Logger& logger)
      : ws_(std::move(socket)), timer_(ws_.get_executor()), host_(host), logger_(logger) {
    request_.method(http::verb::get);
    request_.target(request.target);
    request_.version(11);
    for (const Header& header : request.headers) request_.insert(header.name, header.value);
  }

  // Session
  void start() override {
    error_code ignored;
    ws_.next_layer().set_option(asio::ip::tcp::no_delay(true), ignored);
    websocket::stream_base::timeout timeout{};
    timeout.handshake_timeout = host_.limits().stalled;
    timeout.idle_timeout = kIdle;
    timeout.keep_alive_pings = true;
    ws_.set_option(timeout);
    ws_.read_message_max(host_.limits().message_bytes);
    ws_.control_callback([this](websocket::frame_type kind, beast::string_view payload) {
      if (kind == websocket::frame_type::pong) on_pong({payload.data(), payload.size()});
    });
    ws_.async_accept(request_, [self = shared_from_this()](error_code error) {
      if (error) return self->over();
      self->opened();
    });
  }
  void answer(Response) override {}
  void piece(std::optional<std::string>) override {}
  void close() override {
    if (over_) return;
    error_code ignored;
    ws_.next_layer().close(ignored);
    over();
  }
  // Whoever serves it knows whether it is idle, and closes it.
  void close_if_idle() override {}

  // WebSocket
  void send(std::string text) override {
    queued_ += text.size();
    enqueue(Text{std::move(text)});
  }
  std::size_t queued() const override { return queued_; }
  void after_arrival(Then then) override { enqueue(Ping{std::move(then)}); }
  void close(CloseReason reason, std::string_view why) override {
    enqueue(Close{reason, core::shorten(why, kMostCloseText)});
  }

 private:
  struct Text {
    std::string text;
  };
  struct Ping {
    Then then;
  };
  struct Close {
    CloseReason reason;
    std::string why;
  };
  using Item = std::variant<Text, Ping, Close>;

  void enqueue(Item item) {
    bool first = false;
    {
      const std::lock_guard lock(mutex_);
      first = !posted_;
      outbox_.push_back(std::move(item));
      if (first) posted_ = true;
    }
    if (first) {
      asio::post(ws_.get_executor(), [self = shared_from_this()] { self->pump(); });
    }
  }

  void opened() {
    ws_.text(true);
    ws_.auto_fragment(false);
    open_ = true;
    listener_ = host_.web_sockets()->open(shared_from_this());
    read();
    pump();
  }

  // In pieces, so that what all connections hold is known while it grows.
  void read() {
    ws_.async_read_some(buffer_, kPiece,
                        [self = shared_from_this()](error_code error, std::size_t) {
                          // What came in before the end is held by nobody any more.
                          if (self->over_) return;
                          if (error) return self->on_read_failure(error);
                          if (!self->held_.grow_to(self->buffer_.size()))
                            return self->refuse_message();
                          if (!self->ws_.is_message_done()) return self->read_or_end();
                          self->deliver();
                        });
  }

  void deliver() {
    const auto data = buffer_.cdata();
    std::string message(static_cast<const char*>(data.data()), data.size());
    // A large message leaves no large buffer behind.
    buffer_ = beast::flat_buffer();
    if (over_ || closing_) return read_or_end();
    // The next one is read when this one is done with, so that a client cannot fill the memory with what it sends ahead.
    const std::shared_ptr<void> done(
        nullptr, [weak = weak_from_this(), executor = ws_.get_executor()](void*) {
          asio::post(executor, [weak] {
            const auto alive = weak.lock();
            if (alive == nullptr) return;
            alive->held_.release();
            alive->read_or_end();
          });
        });
    listener_->on_message(std::move(message), done);
  }

  void refuse_message() {
    if (over_) return;
    buffer_ = beast::flat_buffer();
    held_.release();
    close(CloseReason::kTryAgainLater,
          "this node holds as many bytes of requests as it may; try again");
  }

  void read_or_end() {
    if (!over_) read();
  }

  void on_read_failure(const error_code& error) {
    if (error == websocket::error::message_too_big) {
      logger_.warn("rpc", "websocket",
                   "a client sent a message larger than " +
                       std::to_string(host_.limits().message_bytes) +
                       " bytes, the most this node takes; its connection was closed");
    }
    over();
  }

  // On the loop: one write at a time.
  void pump() {
    if (!open_ || writing_ || over_) return;
    Item item;
    {
      const std::lock_guard lock(mutex_);
      posted_ = !outbox_.empty();
      if (outbox_.empty()) return;
      item = std::move(outbox_.front());
      outbox_.pop_front();
    }
    writing_ = true;
    if (auto* text = std::get_if<Text>(&item)) {
      out_ = std::move(text->text);
      return write_text();
    }
    arm(std::chrono::seconds(0));
    if (auto* ping = std::get_if<Ping>(&item)) return write_ping(std::move(ping->then));
    const Close& close = std::get<Close>(item);
    closing_ = true;
    const websocket::close_reason reason(
        static_cast<websocket::close_code>(static_cast<std::uint16_t>(close.reason)),
        beast::string_view(close.why.data(), close.why.size()));
    ws_.async_close(reason, [self = shared_from_this()](error_code) { self->over(); });
  }

  // A message is one frame, however large: not every client puts parts together.
  void write_text() {
    arm(std::chrono::seconds(out_.size() / kBytesPerSecond));
    ws_.async_write(asio::const_buffer(out_.data(), out_.size()),
                    [self = shared_from_this()](error_code error, std::size_t) {
                      if (self->over_) return;
                      if (error) return self->close_now();
                      const std::size_t before = self->queued_.fetch_sub(self->out_.size());
                      const std::size_t left = before - self->out_.size();
                      self->out_ = std::string();
                      self->written();
                      if (before >= kSendWindow && left < kSendWindow && self->listener_)
                        self->listener_->on_sent();
                    });
  }

  void write_ping(Then then) {
    const std::uint64_t number = ++pings_;
    awaited_.push_back({number, std::move(then)});
    const auto timer = std::make_shared<asio::steady_timer>(ws_.get_executor(), kArrival);
    timer->async_wait([weak = weak_from_this(), number, timer](error_code) {
      if (const auto self = weak.lock()) self->arrived(number);
    });
    ws_.async_ping(websocket::ping_data(std::to_string(number)),
                   [self = shared_from_this()](error_code error) {
                     if (self->over_) return;
                     if (error) return self->close_now();
                     self->written();
                   });
  }

  void written() {
    writing_ = false;
    disarm();
    pump();
  }

  void on_pong(std::string_view payload) {
    std::uint64_t number = 0;
    for (const char c : payload) {
      if (c < '0' || c > '9' || payload.size() > 18) return;
      number = number * 10 + static_cast<std::uint64_t>(c - '0');
    }
    arrived(number);
  }

  /// What was sent up to this ping has arrived; so has all before it.
  void arrived(std::uint64_t number) {
    while (!awaited_.empty() && awaited_.front().number <= number) {
      Then then = std::move(awaited_.front().then);
      awaited_.pop_front();
      then();
    }
  }

  void arm(std::chrono::milliseconds more) {
    const std::uint64_t round = ++round_;
    timer_.expires_after(host_.limits().stalled + more);
    timer_.async_wait([weak = weak_from_this(), round](error_code error) {
      const auto self = weak.lock();
      if (error || self == nullptr || self->round_ != round || self->over_) return;
      self->logger_.warn("rpc", "websocket",
                         "a client stopped reading with " + std::to_string(self->queued_) +
                             " bytes waiting for it; its connection was closed");
      self->close_now();
    });
  }
  void disarm() {
    ++round_;
    timer_.cancel();
  }

  void close_now() { close(); }

  void over() {
    if (over_) return;
    over_ = true;
    disarm();
    held_.release();
    const auto self = shared_from_this();
    arrived(UINT64_MAX);
    if (listener_) listener_->on_closed();
    listener_.reset();
    std::deque<Item>
        dropped;  // outside the lock: what waits for an arrival may be the last of its kind
    {
      const std::lock_guard lock(mutex_);
      // posted_ stays set: nothing is pumped any more.
      posted_ = true;
      dropped.swap(outbox_);
    }
    queued_ = 0;
    host_.forget(self);
  }

  websocket::stream<StreamSocket> ws_;
  http::request<http::empty_body> request_;
  asio::steady_timer timer_;
  std::uint64_t round_ = 0;
  SessionHost& host_;
  Held held_{host_};
  const core::Logger& logger_;
  std::shared_ptr<WebSocketListener> listener_;
  beast::flat_buffer buffer_;
  std::string out_;
  bool open_ = false;
  bool writing_ = false;
  bool closing_ = false;
  bool over_ = false;
  struct Awaited {
    std::uint64_t number;
    Then then;
  };
  std::deque<Awaited> awaited_;
  std::uint64_t pings_ = 0;
  std::atomic<std::size_t> queued_ = 0;
  std::mutex mutex_;
  std::deque<Item> outbox_;
  bool posted_ = false;
};

}  // namespace

std::shared_ptr<Session> make_websocket_session(StreamSocket socket, const Request& request,
                                                SessionHost& host, const core::Logger& logger) {
  return std::make_shared<WsSession>(std::move(socket), request, host, logger);
}

}  // namespace every::gateway
