#include "http_client.h"

#include <charconv>
#include <functional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

namespace every::blocks {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;
using core::ErrorCode;

/// One exchange, step by step on an event loop of its own, so that each step has a time limit and can be given up.
class Exchange {
 public:
  Exchange(const HttpPlace& place, const HttpLimits& limits, const std::atomic<bool>& cancelled)
      : place_(place), limits_(limits), cancelled_(cancelled) {}

  core::Result<HttpAnswer> run(const HttpRequest& request) {
    if (place_.scheme == HttpPlace::Scheme::kHttp) {
      beast::tcp_stream stream(loop_);
      EVERY_TRY(connect(stream));
      return exchange(stream, stream, request);
    }
    asio::ssl::context context(asio::ssl::context::tls_client);
    context.set_default_verify_paths();
    context.set_verify_mode(asio::ssl::verify_peer);
    beast::ssl_stream<beast::tcp_stream> stream(loop_, context);
    stream.set_verify_callback(asio::ssl::host_name_verification(place_.host));
    // As SSL_set_tlsext_host_name, whose macro casts the old way.
    if (SSL_ctrl(stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                 const_cast<char*>(place_.host.c_str())) != 1)
      return core::fail(ErrorCode::kInvalidArgument, place_.host + " is no name for TLS");
    EVERY_TRY(connect(stream.next_layer()));
    stream.next_layer().expires_after(limits_.connect);
    EVERY_TRY(step([&](auto done) {
      stream.async_handshake(asio::ssl::stream_base::client, std::move(done));
    }));
    return exchange(stream, stream.next_layer(), request);
  }

 private:
  core::Status connect(beast::tcp_stream& stream) {
    asio::ip::tcp::resolver resolver(loop_);
    asio::ip::tcp::resolver::results_type found;
    EVERY_TRY(step([&](auto done) {
      resolver.async_resolve(place_.host, std::to_string(place_.port),
                             [&found, done = std::move(done)](error_code problem, auto results) {
                               found = std::move(results);
                               done(problem);
                             });
    }));
    stream.expires_after(limits_.connect);
    return step([&](auto done) {
      stream.async_connect(
          found, [done = std::move(done)](error_code problem, const auto&) { done(problem); });
    });
  }

  template <typename Stream>
  core::Result<HttpAnswer> exchange(Stream& stream, beast::tcp_stream& below,
                                    const HttpRequest& request) {
    http::request<http::span_body<const char>> message;
    message.method_string(request.method);
    message.target(place_.path + request.target);
    message.version(11);
    const bool is_v6 = place_.host.find(':') != std::string::npos;
    message.set(http::field::host, (is_v6 ? "[" + place_.host + "]" : place_.host) + ":" +
                                       std::to_string(place_.port));
    message.set(http::field::user_agent, "every");
    message.set(http::field::connection, "close");
    if (!request.accept.empty()) message.set(http::field::accept, request.accept);
    if (!request.content_type.empty()) message.set(http::field::content_type, request.content_type);
    message.body() = {request.body.data(), request.body.size()};
    message.prepare_payload();
    below.expires_after(limits_.answer);
    EVERY_TRY(step([&](auto done) {
      http::async_write(stream, message, [done = std::move(done)](error_code problem, std::size_t) {
        done(problem);
      });
    }));
    http::response_parser<http::string_body> parser;
    parser.body_limit(limits_.body_bytes);
    beast::flat_buffer buffer;
    // Piece by piece: the time limit is for silence, not for size.
    while (!parser.is_done()) {
      below.expires_after(limits_.answer);
      EVERY_TRY(step([&](auto done) {
        http::async_read_some(
            stream, buffer, parser,
            [done = std::move(done)](error_code problem, std::size_t) { done(problem); });
      }));
    }
    return HttpAnswer{parser.get().result_int(), std::move(parser.get().body())};
  }

  /// Starts one step and waits for it.
  template <typename Start>
  core::Status step(Start start) {
    std::optional<error_code> outcome;
    std::function<void(error_code)> done = [&outcome](error_code problem) { outcome = problem; };
    start(done);
    loop_.restart();
    constexpr std::chrono::milliseconds kLook{50};
    while (!outcome) {
      if (cancelled_)
        return core::fail(ErrorCode::kCancelled, "the request to " + place_.render() +
                                                     " was given up: the node is stopping");
      loop_.run_for(kLook);
      if (loop_.stopped()) loop_.restart();
    }
    if (!*outcome) return {};
    if (*outcome == beast::error::timeout)
      return core::fail(ErrorCode::kTimeout, place_.render() + " does not answer in time");
    if (*outcome == http::error::body_limit)
      return core::fail(ErrorCode::kResourceExhausted,
                        place_.render() + " answers with more than " +
                            std::to_string(limits_.body_bytes) + " bytes");
    return core::fail(ErrorCode::kUnavailable,
                      place_.render() + " does not answer: " + outcome->message());
  }

  const HttpPlace& place_;
  const HttpLimits& limits_;
  const std::atomic<bool>& cancelled_;
  asio::io_context loop_;
};

}  // namespace

core::Result<HttpPlace> HttpPlace::parse(std::string_view text) {
  const std::string whole(text);
  const auto refused = [&whole] {
    return core::fail(ErrorCode::kInvalidArgument,
                      "'" + whole + "' is no address of an HTTP server (https://ipfs.example)");
  };
  HttpPlace place;
  if (text.starts_with("https://")) {
    place.scheme = Scheme::kHttps;
    place.port = 443;
    text.remove_prefix(8);
  } else if (text.starts_with("http://")) {
    text.remove_prefix(7);
  } else {
    return refused();
  }
  const std::size_t slash = std::min(text.find('/'), text.size());
  place.path = text.substr(slash);
  while (place.path.ends_with('/')) place.path.pop_back();
  std::string_view authority = text.substr(0, slash);
  const std::size_t bracket = authority.starts_with('[') ? authority.find(']') : 0;
  if (bracket == std::string_view::npos) return refused();
  const std::size_t colon = authority.find(':', bracket);
  if (colon != std::string_view::npos) {
    const std::string_view port = authority.substr(colon + 1);
    const auto [end, problem] = std::from_chars(port.data(), port.data() + port.size(), place.port);
    if (problem != std::errc() || end != port.data() + port.size()) return refused();
    authority = authority.substr(0, colon);
  }
  place.host = bracket > 0 ? authority.substr(1, bracket - 1) : authority;
  const bool odd = place.host.empty() ||
                   place.host.find_first_of("@ \t\r\n") != std::string::npos ||
                   place.path.find_first_of("?# \t\r\n") != std::string::npos;
  if (odd) return refused();
  return place;
}

std::string HttpPlace::render() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  return std::string(scheme == Scheme::kHttp ? "http://" : "https://") +
         (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port) + path;
}

core::Result<HttpAnswer> http_request(const HttpPlace& place, const HttpRequest& request,
                                      const HttpLimits& limits,
                                      const std::atomic<bool>& cancelled) {
  return Exchange(place, limits, cancelled).run(request);
}

}  // namespace every::blocks
