#include "session.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>
#include <utility>

#include "error_body.h"
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

namespace every::gateway {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using beast::error_code;
using core::ErrorCode;

using Parser = http::request_parser<http::string_body>;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::size_t kLeftoverLimit = std::size_t{256} << 20;

Request take_request(Parser& parser, Peer peer) {
  auto message = parser.release();
  Request request;
  request.method = parse_method(
      std::string_view(message.method_string().data(), message.method_string().size()));
  request.target.assign(message.target().data(), message.target().size());
  request.headers.reserve(8);
  for (const auto& field : message) {
    request.headers.push_back({std::string(field.name_string().data(), field.name_string().size()),
                               std::string(field.value().data(), field.value().size())});
  }
  request.body = std::move(message.body());
  request.peer = peer;
  request.http_minor = message.version() == 10 ? 0 : 1;
  return request;
}

/// What a request that cannot be read is answered with; none when the connection is simply over.
std::optional<Response> read_failure(const error_code& error, const ServerLimits& limits,
                                     std::uint64_t body_limit) {
  if (error == http::error::body_limit) {
    Response response =
        error_response({ErrorCode::kResourceExhausted,
                        "the request body is larger than " + std::to_string(body_limit) +
                            " bytes, the most this node takes",
                        {}});
    response.status = 413;
    return response;
  }
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    Response response =
        error_response({ErrorCode::kResourceExhausted,
                        "the request header is larger than " + std::to_string(limits.header_bytes) +
                            " bytes, the most this node takes",
                        {}});
    response.status = 431;
    return response;
  }
  if (error == http::error::bad_version) {
    Response response =
        error_response({ErrorCode::kUnsupported, "only HTTP/1.0 and HTTP/1.1 are spoken here", {}});
    response.status = 505;
    return response;
  }
  if (error == http::error::end_of_stream || error == http::error::partial_message)
    return std::nullopt;
  if (error.category() == http::make_error_code(http::error::bad_method).category()) {
    return error_response({ErrorCode::kMalformed, "this is not HTTP: " + error.message(), {}});
  }
  return std::nullopt;
}

class HttpSession final : public Session, public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(StreamSocket socket, Peer peer, SessionHost& host)
      : socket_(std::move(socket)), timer_(socket_.get_executor()), peer_(peer), host_(host) {}

  void start() override {
    if (peer_ == Peer::kNetwork) {
      error_code ignored;
      socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    }
    read_header();
  }

  void answer(Response response) override {
    if (state_ != State::kServing) return;
    write(std::move(response));
  }

  void piece(std::optional<std::string> piece) override {
    if (state_ != State::kStreaming) return;
    pulling_ = false;
    if (piece) return write_piece(chunk(std::move(*piece)));
    if (stream_->is_cut_off()) return close();
    stream_.reset();
    write_piece(chunked_ ? std::string("0\r\n\r\n") : std::string());
  }

  void close() override {
    if (state_ == State::kClosed) return;
    state_ = State::kClosed;
    disarm();
    timer_.cancel();
    stream_.reset();
    held_.release();
    error_code ignored;
    socket_.close(ignored);
    host_.forget(shared_from_this());
  }

  std::optional<Clock::time_point> waiting_since() const override { return waiting_since_; }

  void close_if_idle() override {
    if (state_ == State::kIdle || state_ == State::kStreaming) close();
  }

 private:
  enum class State : std::uint8_t {
    kIdle,
    kReading,
    kServing,
    kWriting,
    kStreaming,  // between two pieces of a body, or writing one
    kLingering,
    kClosed
  };

  void read_header() {
    if (host_.closing()) return close();
    state_ = buffer_.size() > 0 ? State::kReading : State::kIdle;
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(host_.limits().header_bytes));
    parser_->body_limit(body_limit());
    keep_alive_ = false;
    head_only_ = false;
    version_ = 11;
    waiting_since_ = Clock::now();
    arm(host_.limits().idle);
    http::async_read_header(
        socket_, buffer_, *parser_,
        [self = shared_from_this()](error_code error, std::size_t) { self->on_header(error); });
  }

  void on_header(const error_code& error) {
    if (state_ == State::kClosed) return;
    waiting_since_.reset();
    transfer_began_ = Clock::now();
    const bool quiet = buffer_.size() == 0 && !parser_->got_some();
    state_ = State::kReading;
    if (error) return on_read_failure(error, quiet);
    const auto& message = parser_->get();
    version_ = message.version();
    head_only_ = message.method() == http::verb::head;
    if (message.target().size() > host_.limits().target_bytes) {
      Response response = error_response(
          {ErrorCode::kResourceExhausted,
           "the address is longer than " + std::to_string(host_.limits().target_bytes) +
               " bytes, the most this node takes; send the arguments as a JSON body",
           {}});
      response.status = 414;
      return write(std::move(response));
    }
    const bool wants_upgrade = host_.web_sockets() != nullptr && parser_->is_done() &&
                               beast::websocket::is_upgrade(message);
    identify(wants_upgrade);
    if (wants_upgrade) return upgrade();
    if (parser_->is_done()) return serve();
    // Whatever a stranger has to say is not taken in: the answer is known.
    if (requester_ == Peer::kStranger) return serve();
    const auto expect = message.find(http::field::expect);
    if (expect != message.end() && beast::iequals(expect->value(), "100-continue"))
      return write_continue();
    read_body();
  }

  void identify(bool wants_upgrade) {
    requester_ = peer_;
    if (peer_ != Peer::kNetwork) return;
    const auto& message = parser_->get();
    const auto authorization = message[http::field::authorization];
    const auto target = wants_upgrade ? message.target() : beast::string_view();
    requester_ = host_.identify({authorization.data(), authorization.size()},
                                {target.data(), target.size()});
  }

  void write_continue() {
    arm(host_.limits().stalled);
    asio::async_write(socket_, asio::const_buffer(kContinue.data(), kContinue.size()),
                      [self = shared_from_this()](error_code error, std::size_t) {
                        if (error) return self->close();
                        self->read_body();
                      });
  }

  void read_body() {
    // What came with the header is here already.
    while (buffer_.size() > 0 && !parser_->is_done()) {
      error_code error;
      const std::size_t taken = parser_->put(buffer_.data(), error);
      buffer_.consume(taken);
      if (error == http::error::need_more) break;
      if (error) return on_read_failure(error, false);
    }
    if (parser_->is_done()) return serve();
    const std::size_t received = parser_->get().body().size();
    if (!hold(received)) return write(too_much_held());
    arm_transfer(received);
    http::async_read_some(socket_, buffer_, *parser_,
                          [self = shared_from_this()](error_code error, std::size_t) {
                            if (self->state_ == State::kClosed) return;
                            if (error) return self->on_read_failure(error, false);
                            if (self->parser_->is_done()) return self->serve();
                            self->read_body();
                          });
  }

  [[nodiscard]] std::uint64_t body_limit() const {
    return peer_ == Peer::kOwner ? host_.limits().owner_body_bytes : host_.limits().body_bytes;
  }

  /// `quiet`: not a byte of a request had come.
  void on_read_failure(const error_code& error, bool quiet) {
    std::optional<Response> response;
    if (!timed_out_) {
      response = read_failure(error, host_.limits(), body_limit());
    } else if (!quiet) {
      response = error_response({ErrorCode::kTimeout, "the request did not arrive in time", {}});
      response->status = 408;
    }
    if (!response) return close();
    keep_alive_ = false;
    write(std::move(*response));
  }

  void serve() {
    // With a body that was not read there is no next request to be found.
    keep_alive_ = parser_->is_done() && parser_->keep_alive();
    disarm();
    state_ = State::kServing;
    host_.serve(shared_from_this(), take_request(*parser_, requester_));
  }

  void upgrade() {
    disarm();
    const Request request = take_request(*parser_, requester_);
    state_ = State::kServing;
    auto admitted = host_.web_sockets()->admit(request);
    if (!admitted) {
      keep_alive_ = false;
      return write(std::move(admitted).error());
    }
    if (buffer_.size() > 0) {
      return answer(error_response({ErrorCode::kMalformed,
                                    "frames were sent before the connection became a WebSocket",
                                    {}}));
    }
    state_ = State::kClosed;
    held_.release();
    const auto self = shared_from_this();
    host_.upgrade(std::move(socket_), request);
    host_.forget(self);
  }

  void write(Response response) {
    state_ = State::kWriting;
    if (!hold(response.body.size())) response = too_much_held();
    if (host_.closing()) keep_alive_ = false;
    const bool endless = response.stream && !response.stream->size();
    chunked_ = endless && version_ != 10;
    if (endless && version_ == 10) keep_alive_ = false;  // closing says where it ends
    transfer_began_ = Clock::now();
    head_ = render_head(response);
    if (!head_only_) stream_ = std::move(response.stream);
    body_ = head_only_ ? std::string() : std::move(response.body);
    write_some(0);
  }

  std::string render_head(const Response& response) const {
    std::string head;
    head.reserve(512);
    head.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
    head.append(reason_phrase(response.status)).append("\r\n");
    for (const Header& header : response.headers)
      head.append(header.name).append(": ").append(header.value).append("\r\n");
    const auto length = response.stream ? response.stream->size() : response.body.size();
    if (chunked_) {
      head += "Transfer-Encoding: chunked\r\n";
    } else if (length && response.status != 204 && response.status != 304) {
      head += "Content-Length: " + std::to_string(*length) + "\r\n";
    }
    if (!keep_alive_) {
      head += "Connection: close\r\n";
    } else if (version_ == 10) {
      head += "Connection: keep-alive\r\n";
    }
    return std::move(head.append("\r\n"));
  }

  // In steps, so that a client that reads slowly but steadily is not cut off, and one that stopped is.
  void write_some(std::size_t done) {
    const std::size_t head_done = std::min(done, head_.size());
    const std::size_t body_done = done - head_done;
    const std::array<asio::const_buffer, 2> buffers{
        asio::const_buffer(head_.data() + head_done, head_.size() - head_done),
        asio::const_buffer(body_.data() + body_done, body_.size() - body_done)};
    arm_transfer(done);
    socket_.async_write_some(
        buffers, [self = shared_from_this(), done](error_code error, std::size_t written) {
          if (self->state_ == State::kClosed) return;
          if (error) return self->close();
          if (done + written < self->head_.size() + self->body_.size())
            return self->write_some(done + written);
          self->on_written();
        });
  }

  void on_written() {
    head_.clear();
    body_ = std::string();
    held_.release();
    if (stream_) return pull();
    if (keep_alive_) return read_header();
    linger(0);
  }

  [[nodiscard]] std::string chunk(std::string text) const {
    if (!chunked_) return text;
    std::array<char, 16> size{};
    const auto [end, problem] =
        std::to_chars(size.data(), size.data() + size.size(), text.size(), 16);
    return std::string(size.data(), end) + "\r\n" + text + "\r\n";
  }

  void pull() {
    if (host_.closing()) return close();
    state_ = State::kStreaming;
    disarm();
    if (!std::exchange(pulling_, true)) host_.pull(shared_from_this(), *stream_);
    await_piece();
  }

  // Nothing is written while a stream is silent, so that a client that went away would not be noticed: it is written to now and then.
  void await_piece() {
    if (stream_->heartbeat().empty()) return;
    await(Due::kHeartbeat, host_.limits().heartbeat);
  }

  // A piece that comes while a sign of life is being written waits behind it.
  void write_piece(std::string text) {
    if (waiting_.empty()) {
      waiting_ = std::move(text);
    } else {
      waiting_ += text;
    }
    if (writing_piece_) return;
    writing_piece_ = true;
    body_ = std::exchange(waiting_, {});
    write_rest_of_piece(0);
  }

  void write_rest_of_piece(std::size_t done) {
    if (done == body_.size()) return on_piece_written();
    arm(host_.limits().stalled);
    socket_.async_write_some(
        asio::const_buffer(body_.data() + done, body_.size() - done),
        [self = shared_from_this(), done](error_code error, std::size_t written) {
          if (self->state_ == State::kClosed) return;
          if (error) return self->close();
          self->write_rest_of_piece(done + written);
        });
  }

  void on_piece_written() {
    writing_piece_ = false;
    if (!waiting_.empty()) return write_piece({});
    if (stream_) return pull();
    state_ = State::kWriting;
    on_written();
  }

  // Closing with bytes unread would reset the connection and could take the answer with it: the rest is read and thrown away, for a while.
  void linger(std::size_t thrown_away) {
    if (state_ != State::kLingering) {
      state_ = State::kLingering;
      error_code ignored;
      socket_.shutdown(asio::socket_base::shutdown_send, ignored);
      buffer_.clear();
      arm(std::chrono::seconds(2));
      if (host_.closing()) return close();
    }
    if (thrown_away > kLeftoverLimit) return close();
    buffer_.clear();
    socket_.async_read_some(
        buffer_.prepare(std::size_t{64} << 10),
        [self = shared_from_this(), thrown_away](error_code error, std::size_t count) {
          if (self->state_ == State::kClosed) return;
          if (error) return self->close();
          self->linger(thrown_away + count);
        });
  }

  /// As arm, while `done` bytes of a body or an answer have gone over: who stops is cut off, and who crawls.
  void arm_transfer(std::size_t done) {
    const ServerLimits& limits = host_.limits();
    const std::chrono::milliseconds earned(done * 1000 / limits.bytes_per_second);
    const auto spent =
        std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - transfer_began_);
    arm(std::clamp(limits.stalled + earned - spent, std::chrono::milliseconds(0), limits.stalled));
  }

  /// The owner's bytes are not counted.
  bool hold(std::size_t bytes) { return peer_ == Peer::kOwner || held_.grow_to(bytes); }

  Response too_much_held() {
    keep_alive_ = false;
    return error_response({ErrorCode::kUnavailable,
                           "this node holds as many bytes of requests and answers as it may (" +
                               std::to_string(host_.limits().held_bytes) + "); try again",
                           {}});
  }

  /// Ends the operation under way after a while; its handler finds timed_out_ set. Lasts until armed again or disarmed.
  void arm(std::chrono::milliseconds limit) {
    timed_out_ = false;
    await(Due::kTimeout, limit);
  }

  void disarm() { due_ = Due::kNothing; }

  enum class Due : std::uint8_t { kNothing, kTimeout, kHeartbeat };

  // Setting a timer costs as much as half a request, and hardly any ever rings. So one that runs is left alone unless it would ring too late; when it
  // rings too early, it is set again.
  void await(Due what, std::chrono::milliseconds limit) {
    due_ = what;
    due_at_ = Clock::now() + limit;
    if (!rings_at_ || *rings_at_ > due_at_) set_timer();
  }

  void set_timer() {
    rings_at_ = due_at_;
    timer_.expires_at(due_at_);
    timer_.async_wait([weak = weak_from_this()](error_code error) {
      const auto self = weak.lock();
      if (!error && self != nullptr) self->on_timer();
    });
  }

  void on_timer() {
    rings_at_.reset();
    if (due_ == Due::kNothing) return;
    if (Clock::now() < due_at_) return set_timer();
    const Due what = std::exchange(due_, Due::kNothing);
    if (what == Due::kHeartbeat) {
      if (state_ == State::kStreaming && stream_)
        write_piece(chunk(std::string(stream_->heartbeat())));
      return;
    }
    timed_out_ = true;
    error_code ignored;
    socket_.cancel(ignored);
  }

  StreamSocket socket_;
  asio::steady_timer timer_;
  std::optional<Clock::time_point> rings_at_;  // the timer; none: it is not set
  Due due_ = Due::kNothing;
  Clock::time_point due_at_{};
  bool timed_out_ = false;
  std::optional<Clock::time_point> waiting_since_;
  Clock::time_point transfer_began_;
  Peer peer_;
  Peer requester_ = Peer::kStranger;  // who sent the request at hand
  SessionHost& host_;
  Held held_{host_};
  State state_ = State::kIdle;
  beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  bool keep_alive_ = false;
  bool head_only_ = false;
  unsigned version_ = 11;
  std::string head_;
  std::string body_;
  std::shared_ptr<BodyStream> stream_;
  bool chunked_ = false;
  bool pulling_ = false;        // a piece was asked for and has not come
  bool writing_piece_ = false;  // body_ holds what is being written
  std::string waiting_;         // to be written after it
};

}  // namespace

std::shared_ptr<Session> Session::make(StreamSocket socket, Peer peer, SessionHost& host) {
  return std::make_shared<HttpSession>(std::move(socket), peer, host);
}

}  // namespace every::gateway
