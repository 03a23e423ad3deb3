#include <atomic>
#include <thread>

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

TEST(ServerLimitsTest, EndsAConnectionThatCrawlsInTheBody) {
  ServerOptions options = small();
  options.limits.stalled = 200ms;
  ServerFixture fixture(options);
  RawClient client = RawClient::to_port(fixture.port());
  client.send(
      "POST /run HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
      "900\r\n\r\n");
  // Never silent for long, and never done: 50 bytes a second.
  std::atomic<bool> answered = false;
  std::thread drip([&] {
    for (int i = 0; i < 500 && !answered; ++i) {
      client.send(" ");
      std::this_thread::sleep_for(20ms);
    }
  });
  EXPECT_EQ(client.read_response().status, 408);
  answered = true;
  drip.join();
}

TEST(ServerLimitsTest, HoldsOnlySoManyBytesOfAllBodies) {
  ServerOptions options = small();
  options.limits.held_bytes = 1500;
  options.limits.small_bytes = 0;
  ServerFixture fixture(options);
  const std::string head =
      "POST /run HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
      "1000\r\n\r\n";
  RawClient first = RawClient::to_port(fixture.port());
  first.send(head + std::string(900, ' '));
  // What was sent has been taken in once another request of the same loop is answered.
  ASSERT_EQ(fetch(fixture.port(), "GET", "/tick").status, 200);
  RawClient second = RawClient::to_port(fixture.port());
  second.send(head + std::string(900, ' '));
  const Response refused = second.read_response();
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(header(refused, "retry-after"), "1");
  std::string rest = kAdd;
  rest.resize(100, ' ');
  first.send(rest.substr(0, 100));
  EXPECT_NE(first.read_response().status, 503);
  // What was held is free again.
  RawClient third = RawClient::to_port(fixture.port());
  third.send(head + std::string(1000, ' '));
  EXPECT_NE(third.read_response().status, 503);
}

TEST(ServerLimitsTest, HoldsOnlySoManyBytesOfAllAnswers) {
  ServerOptions options = small();
  options.limits.held_bytes = 2;
  options.limits.small_bytes = 4;
  ServerFixture fixture(options);
  EXPECT_EQ(fetch(fixture.port(), "GET", "/tick").status, 200);            // one byte
  EXPECT_EQ(fetch(fixture.port(), "GET", "/hello?name=Ada").status, 503);  // eleven
  EXPECT_EQ(fetch(fixture.port(), "GET", "/tick").status, 200);
}

TEST(ServerLimitsTest, ConnectionsThatAskNothingMakeRoom) {
  ServerOptions options = small();
  options.limits.connections = 2;
  ServerFixture fixture(options);
  RawClient first = RawClient::to_port(fixture.port());
  RawClient second = RawClient::to_port(fixture.port());
  first.send(request_text("GET", "/tick"));
  ASSERT_EQ(first.read_response().body, "7");
  second.send("GET / HTTP/1.1\r\nHos");
  RawClient third = RawClient::to_port(fixture.port());
  third.send(request_text("GET", "/tick"));
  EXPECT_EQ(third.read_response().body, "7");
  RawClient fourth = RawClient::to_port(fixture.port());
  fourth.send(request_text("GET", "/tick"));
  EXPECT_EQ(fourth.read_response().body, "7");
  EXPECT_EQ(first.read_to_end() + second.read_to_end(), "");
}

TEST(ServerLimitsTest, TakesOnlySoManyRequestsAtOnce) {
  ServerOptions options = small();
  options.limits.connections = 2;
  ServerFixture fixture(options);
  fixture.node.hold();
  RawClient first = RawClient::to_port(fixture.port());
  RawClient second = RawClient::to_port(fixture.port());
  for (RawClient* client : {&first, &second}) client->send(request_text("POST", "/run", kAdd));
  fixture.node.wait_for_runs(2);
  RawClient third = RawClient::to_port(fixture.port());
  const Response refused = third.read_response();
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(header(refused, "retry-after"), "1");
  fixture.node.release();
  EXPECT_EQ(first.read_response().body, "8.3");
}

}  // namespace
}  // namespace every::gateway
