#include "every/gateway/access.h"

#include <csignal>
#include <cstdlib>
#include <fstream>

#include "credentials.h"
#include "support.h"
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "every/gateway/client.h"

namespace every::gateway {
namespace {

namespace fs = std::filesystem;
using core::ErrorCode;
using testing::RawClient;
using testing::request_text;

constexpr const char* kToken = "a-token-of-some-length-0123456789";

class Folder : public ::testing::Test {
 protected:
  void SetUp() override {
    std::signal(SIGPIPE, SIG_IGN);
    char name[] = "/tmp/every-access-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path write(const std::string& name, const std::string& text, mode_t mode = 0600) {
    const fs::path path = folder_ / name;
    std::ofstream(path) << text;
    ::chmod(path.c_str(), mode);
    return path;
  }
  /// A certificate of its own authority, for `names` (as openssl's subjectAltName has them).
  void make_certificate(const std::string& name, const std::string& names) {
    const std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "
        "/CN=every -addext subjectAltName=" +
        names + " -keyout " + (folder_ / (name + ".key")).string() + " -out " +
        (folder_ / (name + ".pem")).string() + " 2>/dev/null";
    ASSERT_EQ(std::system(command.c_str()), 0) << "openssl is needed";
  }
  std::shared_ptr<const TlsIdentity> identity(const std::string& name) {
    auto read = TlsIdentity::read(folder_ / (name + ".pem"), folder_ / (name + ".key"));
    EXPECT_TRUE(read) << read.error().message;
    return *read;
  }
  fs::path folder_;
};

class TokensTest : public Folder {};

TEST_F(TokensTest, LetsInEachLineOfTheFile) {
  const auto tokens = Tokens::read(
      write("t", "# for the CI\n" + std::string(kToken) + "\r\n\nanother-token-0123456789=  \n"));
  ASSERT_TRUE(tokens) << tokens.error().message;
  EXPECT_TRUE((*tokens)->admits(kToken));
  EXPECT_TRUE((*tokens)->admits("another-token-0123456789="));
  for (const std::string_view wrong : {"", "a-token", "a-token-of-some-length-012345678",
                                       "a-token-of-some-length-01234567890", "# for the CI"})
    EXPECT_FALSE((*tokens)->admits(wrong)) << wrong;
}

TEST_F(TokensTest, RefusesAFileOthersMayRead) {
  const auto tokens = Tokens::read(write("t", kToken, 0640));
  ASSERT_FALSE(tokens);
  EXPECT_EQ(tokens.error().code, ErrorCode::kPermissionDenied);
  EXPECT_NE(tokens.error().message.find("chmod 600"), std::string::npos);
}

TEST_F(TokensTest, SaysWhichLineIsNoToken) {
  const auto two_words =
      Tokens::read(write("t", std::string(kToken) + "\ntwo words here and there\n"));
  ASSERT_FALSE(two_words);
  EXPECT_NE(two_words.error().message.find("/t:2: "), std::string::npos);
  const auto brief = Tokens::read(write("u", "secret"));
  ASSERT_FALSE(brief);
  EXPECT_EQ(brief.error().code, ErrorCode::kInvalidArgument);
}

TEST_F(TokensTest, RefusesAnEmptyFileAndAMissingOne) {
  EXPECT_EQ(Tokens::read(write("t", "# nobody\n")).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(Tokens::read(folder_ / "nosuch").error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(Tokens::read(folder_));
}

TEST_F(TokensTest, MakesTokensThatItTakes) {
  const std::string token = make_token();
  EXPECT_EQ(token.size(), 43u);
  EXPECT_NE(token, make_token());
  EXPECT_TRUE((*Tokens::read(write("t", token)))->admits(token));
}

TEST(CredentialsTest, AreFoundInTheHeaderAndForWebSocketsInTheAddress) {
  EXPECT_EQ(shown_token("Bearer abc", {}), "abc");
  EXPECT_EQ(shown_token("bearer  abc", {}), "abc");
  EXPECT_EQ(shown_token("Basic abc", {}), "");
  EXPECT_EQ(shown_token("", "/?access_token=a%2Bb"), "a+b");
  EXPECT_EQ(shown_token("Bearer abc", "/?access_token=x"), "abc");
  EXPECT_EQ(shown_token("", {}), "");
}

class TlsIdentityTest : public Folder {};

TEST_F(TlsIdentityTest, KnowsTheNamesOfItsCertificate) {
  make_certificate("a", "DNS:node.example,DNS:*.lan,IP:127.0.0.1");
  EXPECT_EQ(identity("a")->names(), (std::vector<std::string>{"node.example", "*.lan"}));
}

TEST_F(TlsIdentityTest, RefusesTheKeyOfAnother) {
  make_certificate("a", "DNS:a.example");
  make_certificate("b", "DNS:b.example");
  const auto mixed = TlsIdentity::read(folder_ / "a.pem", folder_ / "b.key");
  ASSERT_FALSE(mixed);
  EXPECT_EQ(mixed.error().code, ErrorCode::kInvalidArgument) << mixed.error().message;
}

TEST_F(TlsIdentityTest, SaysWhatIsNoCertificateAndWhatIsNoKey) {
  make_certificate("a", "DNS:a.example");
  const auto text = write("text", "hello");
  EXPECT_EQ(TlsIdentity::read(text, folder_ / "a.key").error().code, ErrorCode::kMalformed);
  EXPECT_EQ(TlsIdentity::read(folder_ / "a.pem", text).error().code, ErrorCode::kMalformed);
  EXPECT_EQ(TlsIdentity::read(folder_ / "nosuch", text).error().code, ErrorCode::kNotFound);
}

TEST_F(TlsIdentityTest, RefusesAKeyEverybodyMayRead) {
  make_certificate("a", "DNS:a.example");
  ::chmod((folder_ / "a.key").c_str(), 0644);
  const auto read = TlsIdentity::read(folder_ / "a.pem", folder_ / "a.key");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kPermissionDenied);
}

TEST(NodeAddressTest, ReadsTheFormsThereAre) {
  const auto plain = NodeAddress::parse("http://127.0.0.1:3100");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->render(), "http://127.0.0.1:3100");
  const auto usual = NodeAddress::parse("https://node.example/");
  ASSERT_TRUE(usual);
  EXPECT_EQ(usual->render(), "https://node.example:3000");
  const auto v6 = NodeAddress::parse("https://[::1]:3000/");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->host, "::1");
  EXPECT_EQ(v6->authority(), "[::1]:3000");
  for (const std::string_view odd :
       {"node.example", "ftp://x", "http://", "http://x:0", "http://x:y", "http://x:70000",
        "http://u@x", "http://x/path", "http://[::1", "http://[::1]x", ""})
    EXPECT_FALSE(NodeAddress::parse(odd)) << odd;
}

/// Servers with and without tokens and TLS, and clients of them.
class AccessTest : public Folder, public ServiceFixture {
 protected:
  void SetUp() override {
    Folder::SetUp();
    options_.port = 0;
  }
  void serve() {
    auto opened = Server::open(options_, service, logger);
    ASSERT_TRUE(opened) << opened.error().message;
    server_ = std::move(*opened);
    server_->start();
  }
  void TearDown() override {
    if (server_) server_->stop();
    Folder::TearDown();
  }
  void with_tokens() {
    auto tokens = Tokens::read(write("tokens", kToken));
    ASSERT_TRUE(tokens);
    options_.tokens = *tokens;
  }
  void with_tls(const std::string& names = "DNS:localhost,IP:127.0.0.1") {
    make_certificate("a", names);
    options_.tls = identity("a");
    access_.tls_ca = folder_ / "a.pem";
  }
  core::Result<Response> ask(const std::string& scheme, Request request = {}) {
    auto address = NodeAddress::parse(scheme + "127.0.0.1:" + std::to_string(server_->port()));
    EXPECT_TRUE(address);
    if (request.target == "/") request.target = "/-/healthz";
    return call_remote(*address, access_, request);
  }
  [[nodiscard]] std::uint16_t port() const { return server_->port(); }

  ServerOptions options_;
  RemoteAccess access_;
  std::unique_ptr<Server> server_;
};

TEST_F(AccessTest, OpensToOtherMachinesWithTokensOnly) {
  options_.hosts = {"0.0.0.0"};
  const auto closed = Server::open(options_, service, logger);
  ASSERT_FALSE(closed);
  EXPECT_EQ(closed.error().code, ErrorCode::kPermissionDenied);
  EXPECT_NE(closed.error().message.find("every keys token"), std::string::npos);
  with_tokens();
  serve();
  EXPECT_EQ(ask("http://")->status, 401);
  access_.token = kToken;
  EXPECT_EQ(ask("http://")->status, 200);
}

TEST_F(AccessTest, AsksForATokenOnEveryRequestOfAConnection) {
  with_tokens();
  serve();
  RawClient client = RawClient::to_port(port());
  const std::string bearer = std::string("Authorization: Bearer ") + kToken + "\r\n";
  client.send(request_text("GET", "/tick", {}, bearer) + request_text("GET", "/tick"));
  EXPECT_EQ(client.read_response().body, "7");
  EXPECT_EQ(client.read_response().status, 401);
}

TEST_F(AccessTest, DoesNotTakeInTheBodyOfAStranger) {
  with_tokens();
  serve();
  RawClient client = RawClient::to_port(port());
  client.send(
      "POST /run HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Content-Length: 50000000\r\n\r\n{");
  EXPECT_EQ(client.read_response().status, 401);
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(node.runs(), 0u);
}

TEST_F(AccessTest, TheOwnersSocketAsksForNone) {
  with_tokens();
  options_.socket = folder_ / "every.sock";
  serve();
  EXPECT_EQ(call_owner(options_.socket, {Method::kGet, "/-/healthz", {}, {}})->status, 200);
}

TEST_F(AccessTest, AnswersOverTls) {
  with_tls();
  with_tokens();
  access_.token = kToken;
  serve();
  const auto response =
      ask("https://", {Method::kPost, "/run", {{"Content-Type", "application/json"}}, kAdd});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "8.3");
  EXPECT_TRUE(server_->url().starts_with("https://127.0.0.1:"));
}

TEST_F(AccessTest, TakesAndGivesLargeBodiesOverTls) {
  with_tls();
  serve();
  const std::string text(8'000'000, 'x');
  const auto response = ask("https://", {Method::kPost,
                                         "/run",
                                         {{"Content-Type", "application/json"}},
                                         R"({"tasks":[],")" + text + "\":1}"});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 400);
}

TEST_F(AccessTest, TellsWhoSpeaksPlainHttpToUseTls) {
  with_tls();
  serve();
  const auto response = ask("http://");
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 400);
  EXPECT_NE(response->body.find("https://"), std::string::npos);
}

TEST_F(AccessTest, TellsWhoSpeaksTlsToAPlainPortToUseHttp) {
  serve();
  const auto response = ask("https://");
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kUnsupported);
  EXPECT_NE(response.error().message.find("use http://127.0.0.1:"), std::string::npos)
      << response.error().message;
}

TEST_F(AccessTest, AClientBelievesNoCertificateItDoesNotKnow) {
  with_tls();
  serve();
  access_.tls_ca.clear();
  const auto response = ask("https://");
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kPermissionDenied);
  EXPECT_NE(response.error().message.find("--tls-ca"), std::string::npos);
}

TEST_F(AccessTest, AClientBelievesNoCertificateForAnotherName) {
  with_tls("DNS:node.example");
  serve();
  const auto response = ask("https://");
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kPermissionDenied);
  EXPECT_NE(response.error().message.find("is not for 127.0.0.1"), std::string::npos)
      << response.error().message;
}

TEST_F(AccessTest, CutsOffAHandshakeThatDoesNotCome) {
  with_tls();
  options_.limits.handshake = std::chrono::milliseconds(100);
  serve();
  RawClient silent = RawClient::to_port(port());
  RawClient slow = RawClient::to_port(port());
  slow.send(std::string_view("\x16\x03\x01\x02", 4));
  EXPECT_EQ(silent.read_to_end(), "");
  EXPECT_EQ(slow.read_to_end(), "");
  EXPECT_EQ(ask("https://")->status, 200);
}

TEST_F(AccessTest, HandshakesThatDoNotComeMakeRoom) {
  with_tls();
  options_.limits.connections = 2;
  serve();
  RawClient first = RawClient::to_port(port());
  RawClient second = RawClient::to_port(port());
  first.send("\x16");
  second.send("\x16");
  RawClient third = RawClient::to_port(port());
  third.send("\x16");
  EXPECT_EQ(first.read_to_end(), "");
  EXPECT_EQ(ask("https://")->status, 200);
}

TEST_F(AccessTest, AClientDoesNotWaitForAHandshakeForEver) {
  serve();
  access_.connect = std::chrono::milliseconds(200);
  // Takes connections and says nothing.
  const core::UniqueFd deaf(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(here);
  ASSERT_EQ(::bind(deaf.get(), reinterpret_cast<sockaddr*>(&here), sizeof(here)), 0);
  ASSERT_EQ(::listen(deaf.get(), 4), 0);
  ASSERT_EQ(::getsockname(deaf.get(), reinterpret_cast<sockaddr*>(&here), &size), 0);
  const auto address =
      NodeAddress::parse("https://127.0.0.1:" + std::to_string(ntohs(here.sin_port)));
  const auto response = call_remote(*address, access_, {});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kTimeout) << response.error().message;
}

TEST_F(AccessTest, SaysThatNobodyListens) {
  const auto response = call_remote(*NodeAddress::parse("http://127.0.0.1:1"), {}, {});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(response.error().message.find("http://127.0.0.1:1"), std::string::npos);
}

TEST_F(AccessTest, StopsWithoutWaitingForIdleTlsClients) {
  with_tls();
  serve();
  RawClient silent = RawClient::to_port(port());
  silent.send("\x16");
  const auto begin = std::chrono::steady_clock::now();
  server_->stop(std::chrono::seconds(20));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

}  // namespace
}  // namespace every::gateway
