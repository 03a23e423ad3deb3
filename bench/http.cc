// Replayed `/run` over keep-alive HTTP against a bare Beast server that answers the same bytes; and the start of the product.

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <thread>

#include "bench_node.h"
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

/// A blocking keep-alive client. out of exchange(): the status code
class Client {
 public:
  explicit Client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  ~Client() { ::close(fd_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  [[nodiscard]] bool connected() const { return connected_; }

  int exchange(const std::string& request, std::string* body = nullptr) {
    if (::send(fd_, request.data(), request.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request.size()))
      return 0;
    std::string answer;
    char buffer[16384];
    std::size_t head = std::string::npos;
    std::size_t length = 0;
    while (head == std::string::npos || answer.size() < head + 4 + length) {
      const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
      if (got <= 0) return 0;
      answer.append(buffer, static_cast<std::size_t>(got));
      if (head != std::string::npos) continue;
      head = answer.find("\r\n\r\n");
      const std::size_t field = answer.find("ontent-");
      for (std::size_t at = field; at != std::string::npos && at < head;
           at = answer.find("ontent-", at + 1)) {
        if (::strncasecmp(answer.c_str() + at, "ontent-length:", 14) == 0)
          length = std::strtoul(answer.c_str() + at + 14, nullptr, 10);
      }
    }
    if (body != nullptr) *body = answer.substr(head + 4);
    return std::atoi(answer.c_str() + 9);
  }

 private:
  int fd_;
  bool connected_ = false;
};

struct Load {
  double rate;
  Spread spread;
};

Load load(std::uint16_t port, std::size_t connections, double seconds, const std::string& request) {
  std::vector<std::thread> threads;
  std::vector<std::vector<Seconds>> samples(connections);
  const auto start = std::chrono::steady_clock::now();
  const auto end = start + Seconds(seconds);
  for (std::size_t i = 0; i < connections; ++i) {
    threads.emplace_back([&, i] {
      Client client(port);
      while (std::chrono::steady_clock::now() < end) {
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

std::string post_run(const std::string& body) {
  return "POST /run HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
         "application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

const char* const kAdd =
    R"({"tasks":[{"run":{"name":"add","input":{"func":"add","args":[3.1,5.2]}}}]})";

}  // namespace

void bench_http(const Settings& settings, Table& table) {
  BenchNode bench(settings, "http", 2, store::Durability::kDurable,
                  settings.functions + "/math.wasm");
  struct Silence final : core::LogSink {
    void write(const core::LogRecord&) override {}
  } silence;
  const core::SystemClock clock;
  const core::Logger logger(silence, clock, core::LogLevel::kOff, core::LogLevel::kOff);
  gateway::Service service({}, bench.node(), logger);
  auto server = gateway::Server::open({.hosts = {"127.0.0.1"}, .port = 0}, service, logger);
  if (!server) {
    std::fprintf(stderr, "bench: %s\n", server.error().message.c_str());
    std::exit(1);
  }
  (*server)->start();
  const std::string request = post_run(kAdd);
  std::string body;
  Client((*server)->port()).exchange(request, &body);
  const EchoServer echo(body);
  for (const std::size_t connections : {1, 8, 64}) {
    const Load bare = load(echo.port(), connections, settings.seconds, request);
    const Load ours = load((*server)->port(), connections, settings.seconds, request);
    table.at_least("replayed /run, " + std::to_string(connections) + " connection(s)",
                   ours.rate / bare.rate, 0.5, " x echo",
                   show_rate(ours.rate, "req") + " of " + show_rate(bare.rate, "req") + ", p99 " +
                       show(ours.spread.p99) + " of " + show(bare.spread.p99));
    if (connections == 64)
      table.at_most("replayed /run, p99 at 64 connections", ours.spread.p99.count() * 1e3, 2, " ms",
                    "echo " + show(bare.spread.p99));
  }
  (*server)->stop();
  service.stop();
}

void bench_start(const Settings& settings, Table& table) {
  const std::string home = settings.folder + "/start-home";
  const std::uint16_t port = 33117;
  const auto start = [&]() -> std::pair<int, Seconds> {
    const auto before = std::chrono::steady_clock::now();
    const int child = ::fork();
    if (child == 0) {
      std::freopen("/dev/null", "w", stdout);
      std::freopen("/dev/null", "w", stderr);
      ::execl(settings.every.c_str(), "every", "dev", "--fn",
              (settings.functions + "/math.wasm").c_str(), "--fn",
              (settings.functions + "/subtract.wasm").c_str(), "--fn",
              (settings.functions + "/multiply.wasm").c_str(), "--home", home.c_str(), "--port",
              std::to_string(port).c_str(), nullptr);
      ::_exit(127);
    }
    const std::string request = post_run(kAdd);
    for (;;) {
      Client client(port);
      if (client.connected() && client.exchange(request) == 200) break;
      if (::waitpid(child, nullptr, WNOHANG) == child) {
        std::fprintf(stderr, "bench: %s did not start\n", settings.every.c_str());
        std::exit(1);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return {child, std::chrono::steady_clock::now() - before};
  };
  const auto stop = [](int child) {
    ::kill(child, SIGTERM);
    ::waitpid(child, nullptr, 0);
  };
  const auto [first, cold] = start();
  stop(first);
  table.note("every dev to first answer, compiling", show(cold));
  std::vector<Seconds> warm;
  int last = 0;
  for (int i = 0; i < 5; ++i) {
    if (last != 0) stop(last);
    const auto [child, took] = start();
    last = child;
    warm.push_back(took);
  }
  table.at_most("every dev with known components to first answer",
                spread(warm).median.count() * 1e3, 50, " ms", "Rust, JS, Python");
  std::this_thread::sleep_for(std::chrono::seconds(1));
  table.at_most("idle node, three languages loaded",
                static_cast<double>(private_memory_of_tree(last)) / (1 << 20), 50, " MiB",
                "private, with its workers");
  stop(last);
}

}  // namespace every::bench
