#include "admission.h"

#include "support.h"
#include <gtest/gtest.h>

namespace every::gateway {
namespace {

struct Row {
  std::string_view name;
  std::vector<Header> headers;
  bool admitted;
};

class AdmissionTest : public ::testing::TestWithParam<Row> {};

TEST_P(AdmissionTest, JudgesHostAndOrigin) {
  const Request request{Method::kGet, "/", GetParam().headers, {}, Peer::kNetwork};
  EXPECT_EQ(!refuse(request, {}).has_value(), GetParam().admitted);
}

INSTANTIATE_TEST_SUITE_P(
    Requests, AdmissionTest,
    ::testing::Values(
        Row{"localhost", {{"Host", "localhost:3000"}}, true},
        Row{"upper_case", {{"HOST", "LocalHost"}}, true},
        Row{"ipv4", {{"Host", "127.0.0.1:3000"}}, true},
        Row{"ipv6", {{"Host", "[::1]:3000"}}, true},
        Row{"foreign_name", {{"Host", "evil.example:3000"}}, false},
        Row{"name_that_begins_alike", {{"Host", "localhost.evil.example"}}, false},
        Row{"port_that_is_none", {{"Host", "localhost:3000.evil.example"}}, false},
        Row{"two_hosts", {{"Host", "localhost"}, {"host", "evil.example"}}, false},
        Row{"no_host", {}, false}, Row{"empty_host", {{"Host", ""}}, false},
        Row{"loopback_page", {{"Host", "localhost"}, {"Origin", "http://localhost:5173"}}, true},
        Row{"loopback_page_ipv6", {{"Host", "localhost"}, {"Origin", "http://[::1]:5173"}}, true},
        Row{"foreign_page", {{"Host", "localhost"}, {"Origin", "https://evil.example"}}, false},
        Row{"page_that_looks_alike",
            {{"Host", "localhost"}, {"Origin", "http://localhost.evil.example"}},
            false},
        Row{"opaque_origin", {{"Host", "localhost"}, {"Origin", "null"}}, false}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(AdmissionTest, TrustsTheOwner) {
  EXPECT_FALSE(refuse({Method::kGet, "/", {}, {}, Peer::kOwner}, {}));
}

TEST(AdmissionTest, TakesConfiguredHostsAndOrigins) {
  ServiceOptions options;
  options.hosts = {"node.lan"};
  options.origins = {"https://panel.example"};
  const Request request{Method::kGet,
                        "/",
                        {{"Host", "node.lan:3000"}, {"Origin", "https://panel.example"}},
                        {},
                        Peer::kNetwork};
  EXPECT_FALSE(refuse(request, options));
}

Request from(Peer peer, std::vector<Header> headers, Method method = Method::kGet) {
  return {method, "/", std::move(headers), {}, peer};
}

TEST(AdmissionTest, AsksAStrangerForAToken) {
  const auto refused = refuse(from(Peer::kStranger, {{"Host", "localhost"}}), {});
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 401);
  EXPECT_EQ(header(*refused, "www-authenticate"), R"(Bearer realm="every")");
  EXPECT_NE(refused->body.find("--token-file"), std::string::npos);
}

TEST(AdmissionTest, TellsAWrongTokenFromNone) {
  const auto refused =
      refuse(from(Peer::kStranger, {{"Host", "localhost"}, {"Authorization", "Bearer wrong"}}), {});
  ASSERT_TRUE(refused);
  EXPECT_EQ(header(*refused, "www-authenticate"), R"(Bearer realm="every", error="invalid_token")");
  EXPECT_EQ(refused->body.find("wrong\""), std::string::npos);
}

TEST(AdmissionTest, LetsThePreflightOfAStrangerPassWhereItsPageMay) {
  EXPECT_FALSE(refuse(from(Peer::kStranger, {{"Host", "localhost"}}, Method::kOptions), {}));
  EXPECT_TRUE(
      refuse(from(Peer::kStranger, {{"Host", "localhost"}, {"Origin", "https://evil.example"}},
                  Method::kOptions),
             {}));
}

TEST(AdmissionTest, TakesAnyAddressAsHostBehindAToken) {
  for (const std::string host : {"192.0.2.1:3000", "[2001:db8::1]:3000", "localhost:3000"})
    EXPECT_FALSE(refuse(from(Peer::kTokenHolder, {{"Host", host}}), {})) << host;
  for (const std::string host : {"evil.example", "1.2.3.4.evil.example", ""})
    EXPECT_EQ(refuse(from(Peer::kTokenHolder, {{"Host", host}}), {})->status, 403) << host;
  EXPECT_EQ(refuse(from(Peer::kNetwork, {{"Host", "192.0.2.1:3000"}}), {})->status, 403);
}

TEST(AdmissionTest, SaysHowANameBecomesTheNodes) {
  const auto refused = refuse(from(Peer::kTokenHolder, {{"Host", "node.lan:3000"}}), {});
  EXPECT_NE(refused->body.find("--host-name node.lan"), std::string::npos) << refused->body;
}

TEST(AdmissionTest, AStarInACertificatesNameStandsForOneLabel) {
  ServiceOptions options;
  options.hosts = {"*.example.org"};
  const auto admits = [&](const std::string& host) {
    return !refuse(from(Peer::kNetwork, {{"Host", host}}), options);
  };
  EXPECT_TRUE(admits("node.example.org:3000"));
  EXPECT_FALSE(admits("example.org"));
  EXPECT_FALSE(admits("a.b.example.org"));
  EXPECT_FALSE(admits(".example.org"));
}

TEST(AdmissionTest, AdmitsThePagesOfTheNodeItself) {
  const auto of = [](const std::string& host, const std::string& origin) {
    return refuse(from(Peer::kTokenHolder, {{"Host", host}, {"Origin", origin}}), {});
  };
  EXPECT_FALSE(of("192.0.2.1:3000", "https://192.0.2.1:3000"));
  EXPECT_TRUE(of("192.0.2.1:3000", "https://192.0.2.1:4000"));
  EXPECT_TRUE(of("192.0.2.1:3000", "https://192.0.2.1"));
}

TEST(AdmissionTest, EchoesTheOriginItAdmits) {
  Response response;
  add_common_headers(response, {Method::kGet, "/", {{"Origin", "http://localhost:5173"}}, {}}, {});
  EXPECT_EQ(header(response, "access-control-allow-origin"), "http://localhost:5173");
  EXPECT_EQ(header(response, "vary"), "Origin");
  EXPECT_NE(header(response, "access-control-expose-headers").find("Every-Receipt"),
            std::string::npos);
}

TEST(AdmissionTest, TellsCachesThatTheOriginMattersThoughNoneIsSent) {
  Response response;
  add_common_headers(response, {}, {});
  EXPECT_EQ(header(response, "vary"), "Origin");
  EXPECT_EQ(response.find_header("access-control-allow-origin"), nullptr);
}

TEST(AdmissionTest, AllowsEveryPageByAStar) {
  ServiceOptions options;
  options.origins = {"*"};
  const Request request{Method::kGet,
                        "/",
                        {{"Host", "localhost"}, {"Origin", "https://any.example"}},
                        {},
                        Peer::kNetwork};
  EXPECT_FALSE(refuse(request, options));
  Response response;
  add_common_headers(response, request, options);
  EXPECT_EQ(header(response, "access-control-allow-origin"), "*");
  EXPECT_EQ(response.find_header("vary"), nullptr);
}

TEST(AdmissionTest, AStarOpensNoForeignHost) {
  ServiceOptions options;
  options.origins = {"*"};
  EXPECT_TRUE(refuse({Method::kGet, "/", {{"Host", "evil.example"}}, {}, Peer::kNetwork}, options));
}

TEST(AdmissionTest, ARefusedPageMayNotReadWhy) {
  Response response{403, {}, {}};
  add_common_headers(response, {Method::kGet, "/", {{"Origin", "https://evil.example"}}, {}}, {});
  EXPECT_EQ(response.find_header("access-control-allow-origin"), nullptr);
}

TEST(AdmissionTest, APreflightAllowsWhatTheRoutesRead) {
  const Response response = preflight({Method::kOptions, "/-/runs", {}, {}});
  EXPECT_EQ(response.status, 204);
  const std::string headers = header(response, "access-control-allow-headers");
  for (const std::string_view name :
       {"Accept", "Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID"})
    EXPECT_NE(headers.find(name), std::string::npos) << name;
  EXPECT_NE(header(response, "access-control-allow-methods").find("POST"), std::string::npos);
}

TEST(AdmissionTest, APreflightOfAnotherAddressSpaceIsAnsweredInItsTerms) {
  const Response response =
      preflight({Method::kOptions, "/", {{"Access-Control-Request-Private-Network", "true"}}, {}});
  EXPECT_EQ(header(response, "access-control-allow-private-network"), "true");
}

TEST(AdmissionTest, KeepsEveryAnswerFromActingAsAPage) {
  Response response;
  add_common_headers(response, {}, {});
  EXPECT_EQ(header(response, "x-content-type-options"), "nosniff");
  EXPECT_EQ(header(response, "content-security-policy"), "sandbox; default-src 'none'");
}

}  // namespace
}  // namespace every::gateway
