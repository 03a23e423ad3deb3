#include "every/core/text.h"

#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace every::core {
namespace {

TEST(JsNumberTest, PrintsAsJavaScriptDoes) {
  const std::vector<std::pair<double, std::string>> cases{
      {8.3, "8.3"},
      {3, "3"},
      {-0.0, "0"},
      {3.9000000000000004, "3.9000000000000004"},
      {1e21, "1e+21"},
      {1e20, "100000000000000000000"},
      {123456789012345680000.0, "123456789012345680000"},
      {1e-6, "0.000001"},
      {1e-7, "1e-7"},
      {1.5e-7, "1.5e-7"},
      {-1.25, "-1.25"},
      {5e-324, "5e-324"},
      {1.7976931348623157e308, "1.7976931348623157e+308"},
      {0.1 + 0.2, "0.30000000000000004"},
      {100, "100"},
  };
  for (const auto& [value, text] : cases) EXPECT_EQ(js_number(value), text);
}

TEST(Utf8Test, TellsWellFormedFromMalformed) {
  for (const char* good : {"", "abc", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"})
    EXPECT_TRUE(is_utf8(good)) << good;
  for (const char* bad :
       {"\x80", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xf0\x80\x80\x80"})
    EXPECT_FALSE(is_utf8(bad));
}

TEST(Utf8Test, ReplacesWhatIsMalformed) {
  EXPECT_EQ(to_valid_utf8("a\xff z"), "a\xef\xbf\xbd z");
}

TEST(NearestTest, FindsATypoAndNothingFarAway) {
  const std::vector<std::string> names{"add", "divide", "subtract"};
  EXPECT_EQ(nearest("devide", names), "divide");
  EXPECT_EQ(nearest("xyzzy", names), "");
  EXPECT_EQ(nearest("dad", names), "add");
}

TEST(TrimBlanksTest, LeavesWhatStandsBetween) {
  EXPECT_EQ(trim_blanks(" \ta b\t "), "a b");
  EXPECT_EQ(trim_blanks(" \t "), "");
  EXPECT_EQ(trim_blanks(""), "");
  EXPECT_EQ(trim_blanks("\na\n"), "\na\n");
}

TEST(EscapeMarkupTest, WritesWhatHasAMeaningInMarkupByItsName) {
  EXPECT_EQ(escape_markup("<a b=\"c\">&amp;'</a>"),
            "&lt;a b=&quot;c&quot;&gt;&amp;amp;'&lt;/a&gt;");
}

TEST(ShortenTest, CutsAtACharacterBoundary) {
  EXPECT_EQ(shorten("h\xc3\xa9llo", 2), "h…");
  EXPECT_EQ(shorten("abc", 3), "abc");
}

}  // namespace
}  // namespace every::core
