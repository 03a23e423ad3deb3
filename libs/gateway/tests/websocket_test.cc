#include "support.h"
#include <gtest/gtest.h>

#include "every/gateway/rpc.h"

namespace every::gateway {
namespace {

using testing::RawClient;

constexpr std::string_view kUpgrade =
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// A masked frame with a short payload and an all-zero mask.
std::string frame(unsigned char opcode, std::string_view payload) {
  std::string out{static_cast<char>(0x80 | opcode)};
  if (payload.size() < 126) {
    out += static_cast<char>(0x80 | payload.size());
  } else {
    out += static_cast<char>(0x80 | 126);
    out += static_cast<char>(payload.size() >> 8);
    out += static_cast<char>(payload.size() & 255);
  }
  return out + std::string(4, '\0') + std::string(payload);
}

struct WebSocketTest : ::testing::Test {
  NullSink sink;
  core::SystemClock clock;
  core::Logger logger{sink, clock, core::LogLevel::kTrace, core::LogLevel::kTrace};
  testing::FakeNode node;
  core::Metrics metrics;
  std::unique_ptr<RpcService> service;
  std::unique_ptr<Server> server;

  WebSocketTest() {
    RpcOptions rpc;
    rpc.threads = 2;
    service = std::make_unique<RpcService>(std::move(rpc), node, metrics, logger);
    serve({});
  }
  void serve(ServerLimits limits) {
    server.reset();
    ServerOptions options;
    options.port = 0;
    options.limits = limits;
    options.limits.message_bytes = 1000;
    auto opened = Server::open(options, *service, logger);
    if (!opened) throw std::runtime_error(opened.error().message);
    server = std::move(*opened);
    server->start();
  }
  ~WebSocketTest() override {
    service->stop();
    server->stop();
  }

  RawClient connect() {
    RawClient client = RawClient::to_port(server->port());
    client.send(testing::request_text("GET", "/", {}, kUpgrade));
    const Response head = client.read_head_response();
    EXPECT_EQ(head.status, 101);
    EXPECT_EQ(header(head, "sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    return client;
  }
};

TEST_F(WebSocketTest, AnswersACallAndClosesWhenAsked) {
  RawClient client = connect();
  client.send(frame(1, R"({"jsonrpc":"2.0","method":"health","id":1})") + frame(8, "\x03\xe8"));
  const std::string all = client.read_to_end();
  const std::string reply = R"({"jsonrpc":"2.0","result":{"healthy":true},"id":1})";
  EXPECT_TRUE(all.find(reply) != std::string::npos || all.starts_with("\x88")) << all;
}

TEST_F(WebSocketTest, AnswersAPing) {
  RawClient client = connect();
  client.send(frame(9, "hi") + frame(8, "\x03\xe8"));
  EXPECT_TRUE(client.read_to_end().starts_with("\x8a\x02hi"));
}

TEST_F(WebSocketTest, ClosesOnAMessageThatIsTooLarge) {
  RawClient client = connect();
  client.send(frame(1, std::string(1001, ' ')));
  const std::string all = client.read_to_end();
  ASSERT_GE(all.size(), 4u);
  EXPECT_EQ(all.substr(2, 2), "\x03\xf1");  // 1009
}

TEST_F(WebSocketTest, HoldsOnlySoManyBytesOfAllMessages) {
  ServerLimits limits;
  limits.held_bytes = 1500;
  limits.small_bytes = 0;
  serve(limits);
  // The first part of a message, and a ping, whose answer says that the part has been read.
  std::string part = frame(1, std::string(900, ' '));
  part[0] = 1;
  const std::string ping = frame(9, "a");
  const std::string pong =
      "\x8a\x01"
      "a";
  RawClient first = connect();
  first.send(part + ping);
  EXPECT_EQ(first.read_until(pong), pong);
  RawClient second = connect();
  second.send(part);
  EXPECT_EQ(second.read_until("\x03\xf5").substr(2), "\x03\xf5");  // 1013
  // What the first one held is free once its message is done with, after which the next is read.
  first.send(frame(0, " ") + ping);
  EXPECT_TRUE(first.read_until(pong).find("Parse error") != std::string::npos);
  RawClient third = connect();
  third.send(part + ping);
  EXPECT_EQ(third.read_until(pong), pong);
}

TEST_F(WebSocketTest, RefusesAForeignPage) {
  const Response response = testing::fetch(
      server->port(), "GET", "/", {}, std::string(kUpgrade) + "Origin: https://evil.example\r\n");
  EXPECT_EQ(response.status, 403);
}

TEST_F(WebSocketTest, SaysGoodbyeWhenTheNodeStops) {
  RawClient client = connect();
  client.send(frame(1, R"({"jsonrpc":"2.0","method":"health","id":1})"));
  service->stop();
  // This client does not answer the close frame, so the server ends the connection.
  server->stop();
  // A close frame of a server: no mask, its code first. What was asked before may be answered before it.
  const std::string all = client.read_to_end();
  EXPECT_NE(all.find("\x03\xe9the node is stopping"), std::string::npos);
}

TEST_F(WebSocketTest, AnswersPlainHttpOnTheSamePort) {
  EXPECT_EQ(testing::fetch(server->port(), "GET", "/health").body, R"({"healthy":true})");
}

TEST_F(WebSocketTest, IsNotOfferedByTheGateway) {
  ServerFixture gateway;
  const Response response =
      testing::fetch(gateway.port(), "GET", "/tick", {}, std::string(kUpgrade));
  EXPECT_EQ(response.status, 200);
}

}  // namespace
}  // namespace every::gateway
