#include "node_access.h"
#include <gtest/gtest.h>

#include "every/gateway/client.h"

namespace every::cli {
namespace {

TEST(ErrorFromTest, ReadsSentenceCodeAndPlace) {
  const auto error = error_from(
      {500,
       {},
       R"({"error":"boom","code":"guest_trap","task":"half","func":"divide","cid":"bafy"})"});
  EXPECT_EQ(error.message, "boom");
  EXPECT_EQ(error.code, core::ErrorCode::kGuestTrap);
  EXPECT_EQ(error.find("task"), "half");
  EXPECT_EQ(error.find("cid"), "bafy");
}

TEST(ErrorFromTest, TakesTheSummaryOfAValidationError) {
  const auto error = error_from(
      {400, {{std::string(gateway::kSummaryHeader), "task add: a must be number"}}, "[{}]"});
  EXPECT_EQ(error.message, "task add: a must be number");
  EXPECT_EQ(error.code, core::ErrorCode::kInvalidArgument);
}

TEST(ErrorFromTest, FallsBackOnTheBody) {
  EXPECT_EQ(error_from({400, {}, "Malformed JSON in request body"}).message,
            "Malformed JSON in request body");
}

}  // namespace
}  // namespace every::cli
