#pragma once

#include <string>
#include <vector>

#include <boost/json.hpp>

#include "every/core/clock.h"
#include "every/core/guarded.h"
#include "every/core/log.h"
#include "every/gateway/server.h"
#include "every/gateway/service.h"
#include "every/gateway/testing/fake_node.h"
#include "every/gateway/testing/raw_client.h"

namespace every::gateway {

class NullSink final : public core::LogSink {
 public:
  void write(const core::LogRecord&) override {}
};

/// A service over the fake node.
struct ServiceFixture {
  NullSink sink;
  core::SystemClock clock;
  core::Logger logger{sink, clock, core::LogLevel::kTrace, core::LogLevel::kTrace};
  testing::FakeNode node;
  Service service;

  explicit ServiceFixture(ServiceOptions options = make_options())
      : service(std::move(options), node, logger) {}

  static ServiceOptions make_options() {
    ServiceOptions options;
    options.threads = 2;
    return options;
  }

  Response get(const std::string& target) {
    return service.handle_and_wait({Method::kGet, target, {}, {}});
  }
  Response post(const std::string& target, const std::string& body) {
    return service.handle_and_wait(
        {Method::kPost, target, {{"Content-Type", "application/json"}}, body});
  }
  Response send(Method method, const std::string& target, std::vector<Header> headers = {},
                std::string body = {}) {
    return service.handle_and_wait({method, target, std::move(headers), std::move(body)});
  }
};

/// A server on a free port in front of it.
struct ServerFixture : ServiceFixture {
  std::unique_ptr<Server> server;

  explicit ServerFixture(ServerOptions options = {}) {
    if (options.port == 3000) options.port = 0;
    auto opened = Server::open(options, service, logger);
    if (!opened) throw std::runtime_error(opened.error().message);
    server = std::move(*opened);
    server->start();
  }
  ~ServerFixture() { server->stop(); }
  [[nodiscard]] std::uint16_t port() const { return server->port(); }
};

inline std::string header(const Response& response, std::string_view name) {
  const std::string* value = response.find_header(name);
  return value != nullptr ? *value : "<none>";
}

inline boost::json::value json(const Response& response) {
  return boost::json::parse(response.body);
}
inline std::string text_of(const boost::json::value& value, std::string_view key) {
  const auto* found = value.as_object().if_contains(key);
  return found != nullptr && found->is_string() ? std::string(found->as_string().c_str())
                                                : "<none>";
}

inline constexpr std::string_view kText = "text/plain; charset=utf-8";
inline constexpr std::string_view kJson = "application/json; charset=utf-8";
inline constexpr const char* kAdd =
    R"({"tasks":[{"run":{"name":"add","input":{"func":"add","args":[3.1,5.2]}}}]})";
inline constexpr const char* kChain =
    R"({"tasks":[{"run":{"name":"add","input":{"func":"add","args":[3.1,5.2]}}},)"
    R"({"run":{"name":"half","input":{"func":"divide","args":["{{needs.add.output}}",2]}}}]})";
inline constexpr const char* kDivideByZero =
    R"({"tasks":[{"run":{"name":"divide","input":{"func":"divide","args":[3.1,0]}}}]})";

}  // namespace every::gateway
