#include "guest_output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace every::wasm {
namespace {

using ::testing::ElementsAre;

class GuestOutputTest : public ::testing::Test {
 protected:
  std::vector<std::string> lines_;
  GuestOutput output_{"divide", 5, [this](LogLine line) {
                        lines_.push_back(std::string(core::render_level(line.level)) + " " +
                                         line.category + " " + line.message);
                      }};
};

TEST_F(GuestOutputTest, StreamsAreCutIntoLinesAndTheRestComesAtTheEnd) {
  output_.write(GuestSource::kStdout, 0, "", "one\ntw");
  output_.write(GuestSource::kStdout, 0, "", "o\nthree");
  output_.finish();
  EXPECT_THAT(lines_, ElementsAre("info guest:divide:stdout one", "info guest:divide:stdout two",
                                  "info guest:divide:stdout three"));
}

TEST_F(GuestOutputTest, StderrIsAWarningAndTheLastWords) {
  output_.write(
      GuestSource::kStderr, 0, "",
      "\nthread panicked: boom\nnote: run with `RUST_BACKTRACE=1` environment variable\n");
  EXPECT_EQ(output_.last_words().sentence, "thread panicked: boom");
  EXPECT_EQ(lines_.at(0), "warn guest:divide:stderr thread panicked: boom");
}

TEST_F(GuestOutputTest, CriticalIsAnErrorAndKeepsItsContext) {
  output_.write(GuestSource::kLogging, 5, "guest:rust:divide", "Division by zero error");
  EXPECT_THAT(lines_, ElementsAre("error guest:rust:divide Division by zero error"));
}

TEST_F(GuestOutputTest, ALineWithoutEndIsCut) {
  output_.write(GuestSource::kStdout, 0, "", std::string(100'000, 'x'));
  output_.finish();
  ASSERT_EQ(lines_.size(), 2);
  EXPECT_EQ(lines_[0].size(), 64 * 1024 + std::string("info guest:divide:stdout ").size());
}

TEST_F(GuestOutputTest, APrintOfSeveralLinesIsSeveralAndAMessageIsOne) {
  output_.write(GuestSource::kPrint, 0, "", "one\r\ntwo\n");
  output_.write(GuestSource::kLogging, 2, "ctx", "three\nfour");
  EXPECT_THAT(lines_, ElementsAre("info guest:divide:stdout one", "info guest:divide:stdout two",
                                  "info ctx three\nfour"));
}

TEST_F(GuestOutputTest, AMessageWithoutEndIsCutAndSoIsItsContext) {
  output_.write(GuestSource::kLogging, 2, std::string(10'000, 'c'), std::string(1'000'000, 'x'));
  ASSERT_EQ(lines_.size(), 1);
  EXPECT_LT(lines_[0].size(), 66'000);
  EXPECT_THAT(lines_[0], ::testing::EndsWith("x…"));
}

TEST_F(GuestOutputTest, BrokenTextIsMadeReadable) {
  output_.write(GuestSource::kStdout, 0, "", "a\xff\n");
  EXPECT_THAT(lines_, ElementsAre("info guest:divide:stdout a\xef\xbf\xbd"));
}

TEST_F(GuestOutputTest, PastTheLimitOneLineSaysSo) {
  for (int i = 0; i < 10; ++i) output_.write(GuestSource::kPrint, 0, "", "x");
  ASSERT_EQ(lines_.size(), 6);
  EXPECT_EQ(lines_.back(), "warn guest:divide more than 5 log lines; the rest is left out");
}

TEST_F(GuestOutputTest, PastFourMebibytesOfLinesOneLineSaysSo) {
  GuestOutput output("f", 10'000, [this](LogLine line) { lines_.push_back(line.message); });
  for (int i = 0; i < 100; ++i)
    output.write(GuestSource::kLogging, 2, "c", std::string(std::size_t{64} << 20, 'x'));
  ASSERT_LT(lines_.size(), 65);
  EXPECT_EQ(lines_.back(), "more than 4 MiB of log lines; the rest is left out");
}

}  // namespace
}  // namespace every::wasm
