#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <future>

#include "support.h"
#include <gtest/gtest.h>

#include "every/gateway/rpc.h"

namespace every::gateway {

/// A connection that keeps what is sent over it.
class FakeSocket final : public WebSocket {
 public:
  struct State {
    std::vector<std::string> sent;
    std::deque<std::move_only_function<void()>> arrivals;
    bool hold_arrivals = false;
    std::optional<CloseReason> closed;
  };

  void send(std::string text) override {
    state.lock()->sent.push_back(std::move(text));
    changed.notify_all();
  }
  std::size_t queued() const override { return queued_now; }
  void after_arrival(std::move_only_function<void()> then) override {
    {
      auto held = state.lock();
      if (held->hold_arrivals) {
        held->arrivals.push_back(std::move(then));
        return;
      }
    }
    then();
  }
  void close(CloseReason reason, std::string_view) override {
    state.lock()->closed = reason;
    changed.notify_all();
  }

  void arrive() {
    std::deque<std::move_only_function<void()>> arrivals;
    {
      auto held = state.lock();
      held->hold_arrivals = false;
      arrivals.swap(held->arrivals);
    }
    for (auto& then : arrivals) then();
  }

  core::Guarded<State> state;
  std::condition_variable changed;
  std::atomic<std::size_t> queued_now = 0;
};

/// A client of the RPC service, without a network between.
class RpcClient {
 public:
  explicit RpcClient(RpcService& service)
      : socket(std::make_shared<FakeSocket>()), listener(service.web_sockets()->open(socket)) {}

  void send(std::string message) { listener->on_message(std::move(message), nullptr); }
  /// The message at an index, waited for; empty when it does not come.
  std::string message(std::size_t index) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    auto held = socket->state.lock();
    if (!held.wait_until(socket->changed, until,
                         [&](const FakeSocket::State& s) { return s.sent.size() > index; }))
      return {};
    return held->sent[index];
  }
  std::string next() { return message(read_++); }
  std::string call(std::string message) {
    send(std::move(message));
    return next();
  }
  /// Whether the service closed the connection, waited for.
  std::optional<CloseReason> closed() {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    auto held = socket->state.lock();
    (void)held.wait_until(socket->changed, until,
                          [](const FakeSocket::State& s) { return s.closed.has_value(); });
    return held->closed;
  }

  std::shared_ptr<FakeSocket> socket;
  std::shared_ptr<WebSocketListener> listener;

 private:
  std::size_t read_ = 0;
};

/// The payload of a notification: its byte numbers as text.
inline boost::json::value payload_of(const std::string& notification) {
  std::string text;
  const auto params = boost::json::parse(notification).at("params");
  for (const auto& number : params.at("result").as_array())
    text += static_cast<char>(number.to_number<int>());
  return boost::json::parse(text);
}

inline std::string string_at(const boost::json::value& value, std::string_view pointer) {
  boost::system::error_code error;
  const auto* found = value.find_pointer({pointer.data(), pointer.size()}, error);
  if (found == nullptr) return "<none>";
  return found->is_string() ? std::string(found->as_string().c_str())
                            : boost::json::serialize(*found);
}

struct RpcFixture {
  NullSink sink;
  core::SystemClock clock;
  core::Logger logger{sink, clock, core::LogLevel::kTrace, core::LogLevel::kTrace};
  testing::FakeNode node;
  core::Metrics metrics;
  RpcService service;

  explicit RpcFixture(RpcOptions options = make_options())
      : service(std::move(options), node, metrics, logger) {}

  static RpcOptions make_options() {
    RpcOptions options;
    options.threads = 2;
    options.peer_id = "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN";
    return options;
  }

  /// A task of the full form that calls a function of the fake.
  [[nodiscard]] std::string task(const std::string& func, const std::string& args) const {
    const auto functions = node.functions();
    return R"({"cause":null,"meta":{"memory":4294967296,"time":100000},"prf":[],"run":{"input":{"args":)" +
           args + R"(,"func":")" + func + R"("},"nnc":"","op":"wasm/run","rsc":"ipfs://)" +
           (*functions->find("add"))->component.render() + R"("}})";
  }
  static std::string run(const std::string& id, const std::string& name, const std::string& tasks) {
    return R"({"jsonrpc":"2.0","method":"subscribe_run_workflow","params":[{"name":")" + name +
           R"(","workflow":{"tasks":[)" + tasks + R"(]}}],"id":)" + id + "}";
  }
  Response send(Method method, const std::string& target, std::vector<Header> headers = {},
                std::string body = {}, Peer peer = Peer::kOwner) {
    std::promise<Response> promise;
    auto future = promise.get_future();
    service.handle({method, target, std::move(headers), std::move(body), peer},
                   [&promise](Response response) { promise.set_value(std::move(response)); });
    return future.get();
  }
};

}  // namespace every::gateway
