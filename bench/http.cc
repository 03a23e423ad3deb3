// Replayed `/run` over keep-alive HTTP against a bare Beast server that answers the same bytes; and what a connection holds.

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <memory>
#include <thread>

#include "bench_node.h"
#include "client.h"
#include "silence.h"
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "every/gateway/server.h"
#include "every/gateway/service.h"

namespace every::bench {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

/// One connection of the bare server: reads a request, answers a fixed body.
class EchoSession : public std::enable_shared_from_this<EchoSession> {
 public:
  EchoSession(tcp::socket socket, const std::string& body)
      : stream_(std::move(socket)), body_(body) {}
  void read() {
    request_ = {};
    http::async_read(stream_, buffer_, request_,
                     [self = shared_from_this()](beast::error_code error, std::size_t) {
                       if (!error) self->write();
                     });
  }

 private:
  void write() {
    response_ = {http::status::ok, 11};
    response_.set(http::field::content_type, "text/plain; charset=utf-8");
    response_.keep_alive(true);
    response_.body() = body_;
    response_.prepare_payload();
    http::async_write(stream_, response_,
                      [self = shared_from_this()](beast::error_code error, std::size_t) {
                        if (!error) self->read();
                      });
  }
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response<http::string_body> response_;
  std::string body_;
};

class EchoServer {
 public:
  explicit EchoServer(std::string body)
      : body_(std::move(body)), acceptor_(context_, {asio::ip::address_v4::loopback(), 0}) {
    accept();
    thread_ = std::thread([this] { context_.run(); });
  }
  ~EchoServer() {
    context_.stop();
    thread_.join();
  }
  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  void accept() {
    acceptor_.async_accept([this](beast::error_code error, tcp::socket socket) {
      if (error) return;
      socket.set_option(tcp::no_delay(true));
      std::make_shared<EchoSession>(std::move(socket), body_)->read();
      accept();
    });
  }
  std::string body_;
  asio::io_context context_{1};
  tcp::acceptor acceptor_;
  std::thread thread_;
};

struct Load {
  double rate;
  Spread spread;
};

/// The next request; called from several threads.
using NextRequest = std::function<std::string()>;

Load load(std::uint16_t port, std::size_t connections, double seconds, const NextRequest& next) {
  std::vector<std::thread> threads;
  std::vector<std::vector<Seconds>> samples(connections);
  const auto start = std::chrono::steady_clock::now();
  const auto end = start + Seconds(seconds);
  for (std::size_t i = 0; i < connections; ++i) {
    threads.emplace_back([&, i] {
      Client client(port);
      while (std::chrono::steady_clock::now() < end) {
        const std::string request = next();
        const auto before = std::chrono::steady_clock::now();
        if (client.exchange(request) != 200) {
          std::fprintf(stderr, "bench: a request failed\n");
          std::exit(1);
        }
        samples[i].push_back(std::chrono::steady_clock::now() - before);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  const double elapsed = Seconds(std::chrono::steady_clock::now() - start).count();
  std::vector<Seconds> all;
  for (const auto& one : samples) all.insert(all.end(), one.begin(), one.end());
  return {static_cast<double>(all.size()) / elapsed, spread(std::move(all))};
}

}  // namespace

void bench_http(const Settings& settings, Table& table) {
  BenchNode bench(settings, "http", 2, store::Durability::kDurable,
                  settings.functions + "/math.wasm");
  Silence silence;
  gateway::Service service({}, bench.node(), silence.logger);
  auto server = gateway::Server::open({.hosts = {"127.0.0.1"}, .port = 0}, service, silence.logger);
  if (!server) {
    std::fprintf(stderr, "bench: %s\n", server.error().message.c_str());
    std::exit(1);
  }
  (*server)->start();
  const std::string request = post_run(kAdd);
  std::string body;
  Client((*server)->port()).exchange(request, &body);
  const EchoServer echo(body);
  const NextRequest known = [&] { return request; };
  std::atomic<std::uint64_t> number = 1'000'000;
  const NextRequest fresh = [&] {
    return post_run(R"({"tasks":[{"run":{"name":"add","input":{"func":"add","args":[)" +
                    std::to_string(++number) + R"(,0.5]}}}]})");
  };
  for (const std::size_t connections : {1, 8, 64}) {
    const Load bare = load(echo.port(), connections, settings.seconds, known);
    const Load ours = load((*server)->port(), connections, settings.seconds, known);
    const Load anew = load((*server)->port(), connections, settings.seconds, fresh);
    table.at_least("replayed /run, " + std::to_string(connections) + " connection(s)",
                   ours.rate / bare.rate, 0.5, " x echo",
                   show_rate(ours.rate, "req") + " of " + show_rate(bare.rate, "req") + ", p99 " +
                       show(ours.spread.p99) + " of " + show(bare.spread.p99));
    table.note("  fresh /run, durable, the same", bench::number(anew.rate / bare.rate) +
                                                      " x echo (" + show_rate(anew.rate, "req") +
                                                      ", p99 " + show(anew.spread.p99) + ")");
    if (connections == 64)
      table.at_most("replayed /run, p99 at 64 connections", ours.spread.p99.count() * 1e3, 2, " ms",
                    "echo " + show(bare.spread.p99));
  }
  // Not by requests that leave records behind, which are written and let go of meanwhile.
  const std::string healthy = "GET /-/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
  constexpr std::size_t kIdle = 500;
  std::vector<std::unique_ptr<Client>> idle;
  idle.reserve(kIdle);
  Client((*server)->port()).exchange(healthy);
  std::this_thread::sleep_for(std::chrono::seconds(1));
  const std::size_t before = allocated_bytes();
  for (std::size_t i = 0; i < kIdle; ++i) {
    idle.push_back(std::make_unique<Client>((*server)->port()));
    idle.back()->exchange(healthy);
  }
  const std::size_t after = allocated_bytes();
  table.note("memory of a connection that waits",
             show_bytes((after - std::min(after, before)) / kIdle) + ", after a request");
  idle.clear();
  (*server)->stop();
  service.stop();
}

}  // namespace every::bench
