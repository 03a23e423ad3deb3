#include "why_view.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace every::cli {
namespace {

constexpr core::WallNanos kNow = 1'764'192'120'000'000'000;

boost::json::object parse(const std::string& text) {
  return boost::json::parse(text).as_object();
}
std::string place(const std::string& name, const std::string& run) {
  return R"({"run":")" + run +
         R"(","run_name":"test","accepted":"2025-11-26T21:20:00Z","task":0,"name":")" + name +
         R"(","instruction":"bafyi"})";
}
std::string why(const std::string& reason, const std::string& sentence, const std::string& more) {
  return R"({"run":"r2","task":0,"name":"a","func":"add","component":"bafkc","instruction":"bafyi","state":"ok","way":"ran","reason":")" +
         reason + R"(","sentence":")" + sentence +
         R"(","missing":[],"searched":{"runs":3,"all":true})" + more + "}";
}

TEST(WhyViewTest, ShowsTheValueThatDiffersBesideTheEarlierTask) {
  const auto text = render_why(
      parse(why(
          "changed", "task a ran again because its argument args[1] (2 → 3) changed",
          R"(,"known":null,"earlier":null,"changes":[{"task":)" + place("a", "r2") +
              R"(,"earlier":)" + place("a", "r1") +
              R"(,"awaited_by":null,"more":0,"differences":[{"field":"argument","path":"args[1]","before":"2","after":"3"}]}])")),
      kNow);
  EXPECT_TRUE(text.starts_with("task a ran again because its argument args[1] (2 → 3) changed.\n"))
      << text;
  EXPECT_NE(text.find("nearest before: task a of run r1 (test), accepted 2025-11-26 21:20:00 UTC"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("args[1]"), std::string::npos);
  EXPECT_NE(text.find("2 → 3\n"), std::string::npos) << text;
}

TEST(WhyViewTest, ShowsBothBuildsOfAComponentAndWhatDiffers) {
  const auto text = render_why(
      parse(why(
          "changed", "s",
          R"(,"known":null,"earlier":null,"changes":[{"task":)" + place("a", "r2") +
              R"(,"earlier":)" + place("a", "r1") +
              R"(,"awaited_by":null,"more":0,"differences":[{"field":"component","path":null,"before":"bafkold","after":"bafknew",)"
              R"("before_build":{"language":"rust","built":"2025-11-26T21:00:00Z","tools":{"rustc":"1.89"},"options":{},"files":{}},)"
              R"("after_build":null,"build_changes":["file lib.rs changed"]}]}])")),
      kNow);
  EXPECT_NE(text.find("before  bafkold"), std::string::npos) << text;
  EXPECT_NE(text.find("rust, built 2025-11-26 21:00:00 UTC; rustc 1.89"), std::string::npos)
      << text;
  EXPECT_NE(text.find("now     bafknew"), std::string::npos) << text;
  EXPECT_NE(text.find("no record of its build here"), std::string::npos) << text;
  EXPECT_NE(text.find("· file lib.rs changed"), std::string::npos) << text;
}

TEST(WhyViewTest, SaysHowLongAgoAKnownResultWasMade) {
  const auto text = render_why(
      parse(why(
          "hit", "task a did not run",
          R"(,"changes":[],"earlier":null,"known":{"receipt":"bafyr","provenance":"local","created":"2025-11-26T21:20:00Z","made_by":)" +
              place("first", "r1") + R"(,"node":null,"engine":"wasmtime 48","attested_by":[]})")),
      kNow);
  EXPECT_NE(text.find("2 minutes ago"), std::string::npos) << text;
  EXPECT_NE(text.find("task first of run r1"), std::string::npos) << text;
  EXPECT_NE(text.find("wasmtime 48"), std::string::npos) << text;
}

TEST(WhyViewTest, ListsWhatRanBeforeWhatDidNot) {
  const auto text =
      render_whys(parse(R"({"run":"r2","tasks":[)" +
                        why("hit", "task a did not run: its result was known", "") + "," +
                        why("first", "task a ran because nothing like it had run", "") + "]}"),
                  80);
  EXPECT_LT(text.find("ran because"), text.find("did not run")) << text;
  EXPECT_EQ(text.find("task a"), std::string::npos) << "the name stands before it";
}

TEST(WhyViewTest, BreaksLongSentencesAtTheWidth) {
  std::string sentence = "task a ran because";
  for (int i = 0; i < 40; ++i) sentence += " word" + std::to_string(i);
  const auto text =
      render_whys(parse(R"({"run":"r","tasks":[)" + why("first", sentence, "") + "]}"), 60);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    EXPECT_LE(end - begin, 60u) << text;
    begin = end + 1;
  }
}

TEST(WhyViewTest, OfMoreTasksThanFitTheRestIsCounted) {
  std::string list;
  for (int i = 0; i < 100; ++i) list += (i > 0 ? "," : "") + why("first", "task a ran because", "");
  const auto text = render_whys(parse(R"({"run":"r","tasks":[)" + list + "]}"), 80);
  EXPECT_NE(text.find("and 70 more that ran"), std::string::npos) << text;
}

TEST(WhyViewTest, WhatIsNoAnswerIsShownAsNothing) {
  EXPECT_FALSE(render_why({}, kNow).empty());
  EXPECT_EQ(render_whys({}, 80), "It has no tasks.\n");
  const auto odd = render_why(
      parse(why("changed", "\\u001b[2Js", R"(,"changes":[7,{"task":1}],"known":5,"earlier":[])")),
      kNow);
  EXPECT_EQ(odd.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace every::cli
