// A Kubo and a gateway, played by a small HTTP server on this machine.
#include "every/blocks/remote.h"

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "every/core/file.h"

namespace every::blocks {
namespace {

using core::ErrorCode;

/// Takes one request a connection, answers what its script says, and remembers the request. Closing without an answer: an empty one.
class StandIn {
 public:
  using Script = std::function<std::string(const std::string& request, int count)>;
  explicit StandIn(Script script) : script_(std::move(script)) {
    listener_ = core::UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(::listen(listener_.get(), 16), 0);
    socklen_t size = sizeof(address);
    ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~StandIn() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::vector<std::string> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void serve() {
    for (int count = 1;; ++count) {
      const core::UniqueFd client(::accept(listener_.get(), nullptr, nullptr));
      if (!client.valid()) return;
      const std::string request = receive(client.get());
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
      }
      const std::string answer = script_(request, count);
      ::send(client.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
    }
  }
  static std::string receive(int client) {
    std::string text;
    std::array<char, 65536> chunk{};
    for (;;) {
      const std::size_t head = text.find("\r\n\r\n");
      if (head != std::string::npos) {
        const std::size_t at = text.find("Content-Length: ");
        const std::size_t body = at < head ? std::stoul(text.substr(at + 16)) : 0;
        if (text.size() >= head + 4 + body) return text;
      }
      const ssize_t got = ::recv(client, chunk.data(), chunk.size(), 0);
      if (got <= 0) return text;
      text.append(chunk.data(), static_cast<std::size_t>(got));
    }
  }
  Script script_;
  core::UniqueFd listener_;
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

std::string answer(int status, std::string_view body) {
  return "HTTP/1.1 " + std::to_string(status) +
         " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

Patience quick() {
  return {std::chrono::milliseconds(2000), std::chrono::milliseconds(5000), 3,
          std::chrono::milliseconds(1)};
}
ipld::Cid raw(std::string_view text) {
  return ipld::Cid::of(ipld::Codec::kRaw, ipld::HashCode::kSha2_256, core::as_bytes(text));
}

TEST(KuboTest, FetchesABlock) {
  StandIn server([](const std::string&, int) { return answer(200, "hello"); });
  const auto kubo = make_kubo("127.0.0.1", server.port(), quick());
  const auto block = kubo->fetch(raw("hello"));
  ASSERT_TRUE(block && *block);
  EXPECT_EQ(core::as_text(**block), "hello");
  EXPECT_TRUE(server.requests()[0].starts_with(
      "POST /api/v0/block/get?arg=" + raw("hello").render() + "&"));
}

TEST(KuboTest, SaysThatABlockIsNotThere) {
  StandIn server([](const std::string&, int) {
    return answer(
        500,
        R"({"Message":"block was not found locally (offline): ipld: could not find x","Code":0,"Type":"error"})");
  });
  const auto block = make_kubo("127.0.0.1", server.port(), quick())->fetch(raw("x"));
  ASSERT_TRUE(block) << block.error().message;
  EXPECT_FALSE(*block);
}

TEST(KuboTest, TriesAgainWhatFailedOnTheWay) {
  StandIn server([](const std::string&, int count) {
    return count == 1 ? std::string() : count == 2 ? answer(503, "") : answer(200, "hello");
  });
  const auto block = make_kubo("127.0.0.1", server.port(), quick())->fetch(raw("hello"));
  ASSERT_TRUE(block && *block);
  EXPECT_EQ(server.requests().size(), 3u);
}

TEST(KuboTest, GivesUpAfterItsTries) {
  StandIn server([](const std::string&, int) { return answer(503, "busy"); });
  const auto block = make_kubo("127.0.0.1", server.port(), quick())->fetch(raw("hello"));
  ASSERT_FALSE(block);
  EXPECT_EQ(block.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(server.requests().size(), 3u);
}

TEST(KuboTest, PutsAReceiptUnderItsOwnCid) {
  const core::Bytes block{0xa0};
  const ipld::Cid cid = ipld::Cid::of_dag_cbor(block);
  StandIn server([&](const std::string&, int) {
    return answer(200, "{\"Cid\":{\"/\":\"" + cid.render() + "\"}}");
  });
  EXPECT_TRUE(make_kubo("127.0.0.1", server.port(), quick())->put(cid, block));
  const std::string request = server.requests()[0];
  EXPECT_TRUE(
      request.starts_with("POST /api/v0/dag/put?store-codec=dag-cbor&input-codec=dag-cbor"
                          "&hash=sha3-256&pin=false HTTP/1.1"))
      << request;
  EXPECT_NE(request.find("\r\n\r\n\xa0\r\n--"), std::string::npos);
}

TEST(KuboTest, PinsSeveralAtOnceAndSaysWhatItRefuses) {
  StandIn server([](const std::string&, int count) {
    return count == 1 ? answer(200, R"({"Pins":[]})")
                      : answer(500, R"({"Message":"pinned recursively already"})");
  });
  const auto kubo = make_kubo("127.0.0.1", server.port(), quick());
  const std::vector<ipld::Cid> cids{raw("a"), raw("b")};
  EXPECT_TRUE(kubo->pin(cids, Kubo::Pin::kDirect));
  EXPECT_TRUE(server.requests()[0].starts_with(
      "POST /api/v0/pin/add?recursive=false&arg=" + raw("a").render() +
      "&arg=" + raw("b").render() + " "));
  const auto refused = kubo->pin(cids, Kubo::Pin::kRecursive);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(refused.error().message.find("pinned recursively already"), std::string::npos);
}

TEST(KuboTest, AsksForLeaveToPutABigBlock) {
  const core::Bytes block((1 << 20) + 1, 0);
  const ipld::Cid cid = ipld::Cid::of(ipld::Codec::kRaw, ipld::HashCode::kSha2_256, block);
  StandIn server(
      [&](const std::string&, int) { return answer(200, "{\"Key\":\"" + cid.render() + "\"}"); });
  EXPECT_TRUE(make_kubo("127.0.0.1", server.port(), quick())->put(cid, block));
  EXPECT_NE(server.requests()[0].find("&allow-big-block=true"), std::string::npos);
}

TEST(KuboTest, NoticesABlockUnderAnotherName) {
  StandIn server([](const std::string&, int) {
    return answer(200, "{\"Key\":\"" + raw("other").render() + "\"}");
  });
  const auto status =
      make_kubo("127.0.0.1", server.port(), quick())->put(raw("x"), core::as_bytes("x"));
  EXPECT_EQ(status.error().code, ErrorCode::kIntegrity);
}

TEST(KuboTest, IsUnavailableWhereNobodyListens) {
  std::uint16_t port = 0;
  {
    port = StandIn([](const std::string&, int) { return std::string(); }).port();
  }
  const auto id = make_kubo("127.0.0.1", port, quick())->id();
  ASSERT_FALSE(id);
  EXPECT_EQ(id.error().code, ErrorCode::kUnavailable);
}

TEST(KuboTest, IsUnavailableWhenSomethingElseAnswers) {
  for (const char* body : {"", "<html>", "{}", "{\"ID\":7}"}) {
    StandIn server([body](const std::string&, int) { return answer(200, body); });
    EXPECT_EQ(make_kubo("127.0.0.1", server.port(), quick())->id().error().code,
              ErrorCode::kUnavailable);
  }
}

TEST(KuboTest, EndsAtOnceWhenItIsCancelled) {
  const auto kubo = make_kubo("127.0.0.1", 9, quick());
  kubo->cancel();
  EXPECT_EQ(kubo->id().error().code, ErrorCode::kCancelled);
}

TEST(HttpGatewayTest, FetchesABlockBelowItsPath) {
  StandIn server([](const std::string&, int) { return answer(200, "hello"); });
  const auto gateway =
      make_http_gateway("http://127.0.0.1:" + std::to_string(server.port()) + "/below/", quick());
  ASSERT_TRUE(gateway);
  EXPECT_EQ(core::as_text(**(*gateway)->fetch(raw("hello"))), "hello");
  const std::string request = server.requests()[0];
  EXPECT_TRUE(
      request.starts_with("GET /below/ipfs/" + raw("hello").render() + "?format=raw HTTP/1.1"))
      << request;
  EXPECT_NE(request.find("Accept: application/vnd.ipld.raw"), std::string::npos);
}

TEST(HttpGatewayTest, HasNothingWhereTheGatewaySaysSo) {
  StandIn server([](const std::string&, int) { return answer(404, "no"); });
  const auto gateway =
      make_http_gateway("http://127.0.0.1:" + std::to_string(server.port()), quick());
  EXPECT_FALSE((*gateway)->fetch(raw("x")).value());
}

TEST(HttpGatewayTest, RefusesAddressesThatAreNone) {
  for (const char* address : {"", "ftp://x", "http://", "http://a b", "http://a:99999",
                              "http://u@h", "https://h/?q", "http://[::1"})
    EXPECT_EQ(make_http_gateway(address).error().code, ErrorCode::kInvalidArgument) << address;
  EXPECT_TRUE(make_http_gateway("http://[::1]:8080"));
}

}  // namespace
}  // namespace every::blocks
