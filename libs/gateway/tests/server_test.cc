#include "support.h"
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "every/gateway/client.h"

namespace every::gateway {
namespace {

using testing::fetch;
using testing::RawClient;
using testing::request_text;

struct ServerTest : ::testing::Test, ServerFixture {};

TEST_F(ServerTest, AnswersOverTcp) {
  const Response response = fetch(port(), "POST", "/run", kAdd);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "8.3");
  EXPECT_EQ(header(response, "x-content-type-options"), "nosniff");
}

TEST_F(ServerTest, AnswersOnBothLoopbackAddresses) {
  if (!server->notes().empty()) GTEST_SKIP() << server->notes().front();
  RawClient client = RawClient::to_port_v6(port());
  client.send(request_text("GET", "/-/healthz"));
  EXPECT_EQ(client.read_response().status, 200);
}

TEST_F(ServerTest, KeepsAConnectionForTheNextRequest) {
  RawClient client = RawClient::to_port(port());
  for (int i = 0; i < 3; ++i) {
    client.send(request_text("POST", "/run", kAdd));
    EXPECT_EQ(client.read_response().body, "8.3");
  }
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  RawClient client = RawClient::to_port(port());
  std::string all;
  for (int i = 1; i <= 20; ++i)
    all += request_text("GET", "/add?a=" + std::to_string(i) + "&b=0.5");
  client.send(all);
  for (int i = 1; i <= 20; ++i) EXPECT_EQ(client.read_response().body, std::to_string(i) + ".5");
}

TEST_F(ServerTest, PutsARequestTogetherFromItsParts) {
  RawClient client = RawClient::to_port(port());
  const std::string text = request_text("POST", "/run", kAdd);
  for (std::size_t i = 0; i < text.size(); i += 7) client.send(text.substr(i, 7));
  EXPECT_EQ(client.read_response().body, "8.3");
}

TEST_F(ServerTest, SendsNoBodyForHead) {
  RawClient client = RawClient::to_port(port());
  client.send(request_text("HEAD", "/add?a=3.1&b=5.2") + request_text("GET", "/tick"));
  const Response head = client.read_head_response();
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(header(head, "content-length"), "3");
  EXPECT_EQ(client.read_response().body, "7");
}

TEST_F(ServerTest, ClosesWhenAsked) {
  RawClient client = RawClient::to_port(port());
  client.send(request_text("GET", "/tick", {}, "Connection: close\r\n"));
  const std::string all = client.read_to_end();
  EXPECT_NE(all.find("Connection: close\r\n"), std::string::npos);
  EXPECT_TRUE(all.ends_with("7"));
}

TEST_F(ServerTest, ClosesAfterAnHttp10Request) {
  RawClient client = RawClient::to_port(port());
  client.send("GET /tick HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(client.read_to_end().ends_with("\r\n\r\n7"));
}

TEST_F(ServerTest, SaysThatABodyMayCome) {
  RawClient client = RawClient::to_port(port());
  const std::string body = kAdd;
  client.send(
      "POST /run HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nExpect: "
      "100-continue\r\nContent-Length: " +
      std::to_string(body.size()) + "\r\n\r\n");
  EXPECT_EQ(client.read_head_response().status, 100);
  client.send(body);
  EXPECT_EQ(client.read_response().body, "8.3");
}

TEST_F(ServerTest, TakesAChunkedBody) {
  RawClient client = RawClient::to_port(port());
  client.send(
      "POST /add HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
      "application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
      "7\r\n{\"a\":1,\r\n8\r\n\"b\":2.5}\r\n0\r\n\r\n");
  EXPECT_EQ(client.read_response().body, "3.5");
}

TEST_F(ServerTest, RefusesAForeignHost) {
  RawClient client = RawClient::to_port(port());
  client.send("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n");
  EXPECT_EQ(client.read_response().status, 403);
}

TEST_F(ServerTest, RefusesAForeignOriginBeforeRunningAnything) {
  const Response response =
      fetch(port(), "GET", "/add?a=1&b=2", {}, "Origin: https://evil.example\r\n");
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(header(response, "access-control-allow-origin"), "<none>");
  EXPECT_EQ(node.runs(), 0u);
}

TEST_F(ServerTest, RefusesWhatIsNotHttp) {
  RawClient client = RawClient::to_port(port());
  client.send("\x16\x03\x01 hello\r\n\r\n");
  EXPECT_EQ(client.read_response().status, 400);
}

TEST_F(ServerTest, GoesOnWithARunWhoseClientLeft) {
  node.hold();
  {
    RawClient client = RawClient::to_port(port());
    client.send(request_text("POST", "/run", kAdd));
    node.wait_for_runs(1);
  }
  node.release();
  EXPECT_EQ(text_of(json(fetch(port(), "GET", "/-/runs/run-1")), "state"), "completed");
}

TEST_F(ServerTest, AnswersOthersWhileARunGoesOn) {
  node.hold();
  RawClient slow = RawClient::to_port(port());
  slow.send(request_text("POST", "/run", kAdd));
  node.wait_for_runs(1);
  EXPECT_EQ(fetch(port(), "GET", "/-/healthz").status, 200);
  node.release();
  EXPECT_EQ(slow.read_response().body, "8.3");
}

TEST_F(ServerTest, AnswersWhatIsUnderWayWhenItStops) {
  node.hold();
  RawClient client = RawClient::to_port(port());
  client.send(request_text("POST", "/run", kAdd));
  node.wait_for_runs(1);
  server->drain();
  node.release();
  EXPECT_EQ(client.read_response().body, "8.3");
  server->stop();
  EXPECT_THROW(RawClient::to_port(port()), std::runtime_error);
}

TEST_F(ServerTest, SaysWhichPortIsTaken) {
  ServerOptions options;
  options.port = port();
  const auto second = Server::open(options, service, logger);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, core::ErrorCode::kConflict);
  EXPECT_NE(second.error().message.find(std::to_string(port())), std::string::npos);
  EXPECT_NE(second.error().message.find("--port"), std::string::npos);
}

TEST_F(ServerTest, DoesNotOpenTheNodeToOtherMachines) {
  ServerOptions options;
  options.hosts = {"0.0.0.0"};
  EXPECT_EQ(Server::open(options, service, logger).error().code,
            core::ErrorCode::kPermissionDenied);
  options.hosts = {"example.org"};
  EXPECT_EQ(Server::open(options, service, logger).error().code, core::ErrorCode::kInvalidArgument);
}

class SocketTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/every-gateway-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    home_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(home_); }
  static ServerOptions socket_only(const std::filesystem::path& path) {
    ServerOptions options;
    options.hosts.clear();
    options.socket = path;
    return options;
  }
  std::filesystem::path home_;
};

TEST_F(SocketTest, AnswersTheOwnerOverTheHomesSocket) {
  const auto path = home_ / "every.sock";
  ServerFixture fixture(socket_only(path));
  const auto response = call_owner(
      path,
      {Method::kPost, "/-/workflows?answer=body", {{"Content-Type", "application/json"}}, kAdd});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "8.3");
}

TEST_F(SocketTest, IsForThisUserAlone) {
  const auto path = home_ / "every.sock";
  const ServerFixture fixture(socket_only(path));
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(SocketTest, TakesThePlaceOfASocketADeadOwnerLeft) {
  const auto path = home_ / "every.sock";
  std::filesystem::create_symlink("nowhere", path);
  const ServerFixture fixture(socket_only(path));
  EXPECT_EQ(call_owner(path, {Method::kGet, "/-/healthz", {}, {}})->status, 200);
}

TEST_F(SocketTest, WorksWhereThePathIsTooLongForASocket) {
  const auto deep = home_ / std::string(60, 'a') / std::string(60, 'b');
  std::filesystem::create_directories(deep);
  const ServerFixture fixture(socket_only(deep / "every.sock"));
  const auto response = call_owner(deep / "every.sock", {Method::kGet, "/-/healthz", {}, {}});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 200);
}

TEST_F(SocketTest, IsGoneWhenTheServerStops) {
  const auto path = home_ / "every.sock";
  {
    const ServerFixture fixture(socket_only(path));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace every::gateway
