#include "every/gateway/client.h"

#include "support.h"
#include <gtest/gtest.h>

namespace every::gateway {
namespace {

TEST(ClientTest, ReadsAWholeResponse) {
  const auto response = parse_response(
      "HTTP/1.1 422 Unprocessable Content\r\nContent-Type: text/plain\r\nContent-Length: "
      "3\r\n\r\n8.3");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 422);
  EXPECT_EQ(header(*response, "content-type"), "text/plain");
  EXPECT_EQ(response->body, "8.3");
}

TEST(ClientTest, NoticesAnAnswerThatBrokeOff) {
  EXPECT_EQ(parse_response("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n8.3").error().code,
            core::ErrorCode::kMalformed);
  EXPECT_EQ(parse_response("HTTP/1.1 200 OK\r\nContent-Le").error().code,
            core::ErrorCode::kMalformed);
  EXPECT_EQ(parse_response("").error().code, core::ErrorCode::kMalformed);
}

TEST(ClientTest, SaysThatNobodyListens) {
  const auto response = call_owner("/nonexistent-home/every.sock", {});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, core::ErrorCode::kUnavailable);
}

TEST(ClientTest, JoinsTheChunksOfAnAnswer) {
  const auto response = parse_response(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA\r\n, "
      "chunked.\r\n0\r\n\r\n");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "hello, chunked.");
}

TEST(ClientTest, RefusesChunksThatBreakOff) {
  for (const std::string_view body :
       {"5\r\nhel", "5\r\nhello\r\n", "x\r\n", "", "5", "ffffffffffffffff\r\nx\r\n"}) {
    const auto response =
        parse_response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(body));
    EXPECT_FALSE(response) << body;
  }
}

}  // namespace
}  // namespace every::gateway
