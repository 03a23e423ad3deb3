#include "target.h"

#include <gtest/gtest.h>

namespace every::gateway {
namespace {

TEST(TargetTest, TakesPathAndQueryApart) {
  const auto target = parse_target("/add/schema?a=3.1&b=5.2");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->segments, (std::vector<std::string>{"add", "schema"}));
  ASSERT_EQ(target->query.size(), 2u);
  EXPECT_EQ(*target->find_query("b"), "5.2");
}

TEST(TargetTest, HasNoSegmentsAtTheRoot) {
  EXPECT_TRUE(parse_target("/")->segments.empty());
}

TEST(TargetTest, IgnoresATrailingSlash) {
  EXPECT_EQ(parse_target("/add/")->segments.size(), 1u);
}

TEST(TargetTest, DecodesPercentAndPlus) {
  const auto target = parse_target("/iface%23add?name=Gary+L&x=a%2Bb");
  EXPECT_EQ(target->segments.front(), "iface#add");
  EXPECT_EQ(*target->find_query("name"), "Gary L");
  EXPECT_EQ(*target->find_query("x"), "a+b");
}

TEST(TargetTest, TakesTheAbsoluteForm) {
  EXPECT_EQ(parse_target("http://localhost:3000/add")->segments.front(), "add");
}

TEST(TargetTest, RefusesHalfAPercentEscape) {
  EXPECT_EQ(parse_target("/add%2").error().code, core::ErrorCode::kMalformed);
  EXPECT_EQ(parse_target("/?a=%zz").error().code, core::ErrorCode::kMalformed);
}

TEST(TargetTest, RefusesBytesThatAreNotUtf8) {
  EXPECT_EQ(parse_target("/%ff").error().code, core::ErrorCode::kMalformed);
}

TEST(TargetTest, RefusesWhatIsNoPath) {
  EXPECT_EQ(parse_target("*").error().code, core::ErrorCode::kMalformed);
}

TEST(TargetTest, CountsASwitchAsOnUnlessItSaysFalse) {
  EXPECT_TRUE(parse_target("/run?allResults")->is_on("allResults"));
  EXPECT_TRUE(parse_target("/run?allResults=true")->is_on("allResults"));
  EXPECT_FALSE(parse_target("/run?allResults=false")->is_on("allResults"));
  EXPECT_FALSE(parse_target("/run?allResults=0")->is_on("allResults"));
  EXPECT_FALSE(parse_target("/run")->is_on("allResults"));
}

TEST(TargetTest, EncodedComponentsReadBack) {
  const std::string text = "a b/c?d#e%f&ü";
  EXPECT_EQ(parse_target("/" + encode_component(text))->segments.front(), text);
}

}  // namespace
}  // namespace every::gateway
