#include "support.h"
#include <gtest/gtest.h>

namespace every::gateway {
namespace {

using testing::fetch;
using testing::RawClient;
using testing::request_text;
using namespace std::chrono_literals;

ServerOptions small() {
  ServerOptions options;
  options.port = 0;
  options.limits.header_bytes = 4096;
  options.limits.target_bytes = 1024;
  options.limits.body_bytes = 1000;
  return options;
}

TEST(ServerLimitsTest, RefusesABodyOverTheLimitByItsLength) {
  ServerFixture fixture(small());
  const Response response = fetch(fixture.port(), "POST", "/run", std::string(1001, ' '));
  EXPECT_EQ(response.status, 413);
  EXPECT_NE(text_of(json(response), "error").find("1000 bytes"), std::string::npos);
}

TEST(ServerLimitsTest, RefusesAChunkedBodyOverTheLimit) {
  ServerFixture fixture(small());
  RawClient client = RawClient::to_port(fixture.port());
  client.send(
      "POST /run HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
      "application/json\r\nTransfer-Encoding: chunked\r\n\r\n600\r\n" +
      std::string(0x600, ' ') + "\r\n0\r\n\r\n");
  EXPECT_EQ(client.read_response().status, 413);
}

TEST(ServerLimitsTest, LetsAClientFinishSendingWhatItRefused) {
  ServerFixture fixture(small());
  RawClient client = RawClient::to_port(fixture.port());
  client.send(request_text("POST", "/run", std::string(std::size_t{20} << 20, ' ')));
  EXPECT_EQ(client.read_response().status, 413);
}

TEST(ServerLimitsTest, TakesABodyOfExactlyTheLimit) {
  ServerFixture fixture(small());
  std::string body = kAdd;
  body.resize(1000, ' ');
  EXPECT_EQ(fetch(fixture.port(), "POST", "/run", body).body, "8.3");
}

TEST(ServerLimitsTest, RefusesAHeaderOverTheLimit) {
  ServerFixture fixture(small());
  EXPECT_EQ(
      fetch(fixture.port(), "GET", "/", {}, "X-Long: " + std::string(5000, 'x') + "\r\n").status,
      431);
}

TEST(ServerLimitsTest, RefusesAnAddressOverTheLimit) {
  ServerFixture fixture(small());
  EXPECT_EQ(fetch(fixture.port(), "GET", "/hello?name=" + std::string(1100, 'x')).status, 414);
}

TEST(ServerLimitsTest, TakesABigBody) {
  ServerFixture fixture;
  std::string list = "[0.5";
  for (int i = 0; i < 200'000; ++i) list += ",1";
  EXPECT_EQ(fetch(fixture.port(), "POST", "/sum", "{\"of\":" + list + "]}").body, "200000.5");
}

TEST(ServerLimitsTest, EndsAConnectionThatStallsInTheHeader) {
  ServerOptions options = small();
  options.limits.idle = 50ms;
  ServerFixture fixture(options);
  RawClient client = RawClient::to_port(fixture.port());
  client.send("GET / HTTP/1.1\r\nHos");
  EXPECT_EQ(client.read_response().status, 408);
}

TEST(ServerLimitsTest, EndsAnIdleConnectionWithoutAWord) {
  ServerOptions options = small();
  options.limits.idle = 50ms;
  ServerFixture fixture(options);
  RawClient client = RawClient::to_port(fixture.port());
  EXPECT_EQ(client.read_to_end(), "");
}

TEST(ServerLimitsTest, EndsAConnectionThatStallsInTheBody) {
  ServerOptions options = small();
  options.limits.stalled = 50ms;
  ServerFixture fixture(options);
  RawClient client = RawClient::to_port(fixture.port());
  client.send(
      "POST /run HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
      "50\r\n\r\n{");
  EXPECT_EQ(client.read_response().status, 408);
}

TEST(ServerLimitsTest, TakesOnlySoManyConnections) {
  ServerOptions options = small();
  options.limits.connections = 2;
  ServerFixture fixture(options);
  RawClient first = RawClient::to_port(fixture.port());
  RawClient second = RawClient::to_port(fixture.port());
  for (RawClient* client : {&first, &second}) {
    client->send(request_text("GET", "/tick"));
    ASSERT_EQ(client->read_response().body, "7");
  }
  RawClient third = RawClient::to_port(fixture.port());
  EXPECT_EQ(third.read_response().status, 503);
  first.send(request_text("GET", "/tick"));
  EXPECT_EQ(first.read_response().body, "7");
}

}  // namespace
}  // namespace every::gateway
