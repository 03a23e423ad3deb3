#include "every/core/log.h"

#include <cstdlib>
#include <ctime>

#include <gtest/gtest.h>

#include "every/core/testing/manual_clock.h"

namespace every::core {
namespace {

LogRecord record() {
  return {1'700'000'000'123'456'789, LogLevel::kInfo,  "3.1 + 5.2 = 8.3",
          "wasm_execution",          "guest:rust:add", {{"cid", "bafy"}}};
}

TEST(LogfmtTest, WritesTheKeysInTheOriginalsOrderAndQuotesOnlyWhatNeedsIt) {
  EXPECT_EQ(render_logfmt(record(), LogColour::kNever),
            "ts=2023-11-14T22:13:20.123456789Z level=info message=\"3.1 + 5.2 = 8.3\" "
            "subject=wasm_execution "
            "category=guest:rust:add cid=bafy");
}

TEST(LogfmtTest, EscapesControlCharactersAndBrokenUtf8SoThatOneRecordIsOneLine) {
  LogRecord evil = record();
  evil.message = "a\nlevel=error \x1b[2J \xff \"q\" \\";
  const std::string line = render_logfmt(evil, LogColour::kNever);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_EQ(line.find('\x1b'), std::string::npos);
  EXPECT_NE(line.find("a\\nlevel=error \\u001b[2J \xef\xbf\xbd \\\"q\\\" \\\\"), std::string::npos)
      << line;
}

TEST(LogfmtTest, NothingThatATerminalOrAReaderOfLinesActsOnGetsThrough) {
  LogRecord evil = record();
  // C1 control sequence introducer, next line, line separator, right-to-left override, NUL
  evil.message = std::string(
                     "a\xc2\x9b"
                     "31m\xc2\x85\xe2\x80\xa8\xe2\x80\xae") +
                 '\0';
  evil.category = "x\nlevel=error";
  for (const std::string& line : {render_logfmt(evil, LogColour::kNever), render_json(evil),
                                  render_pretty(evil, LogColour::kNever)}) {
    EXPECT_NE(line.find("a\\u009b31m\\u0085\\u2028\\u202e\\u0000"), std::string::npos) << line;
    EXPECT_EQ(line.find_first_of(std::string("\n\0", 2)), std::string::npos) << line;
  }
}

TEST(PrettyTest, ShowsTimeLevelGuestAndMessageAndWhatIsLongBehindABar) {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  EXPECT_EQ(render_pretty(record(), LogColour::kNever),
            "22:13:20.123 info  guest:rust:add 3.1 + 5.2 = 8.3  cid=bafy");
  LogRecord failed = record();
  failed.subject = "worker.run.task.err";
  failed.level = LogLevel::kError;
  failed.message = "error in running task";
  failed.fields = {{"err", "not able\n22:13:20.123 info  forged"},
                   {"cid", "bafyrmichclyfhdx23umdf6lttv2kgbs2mnyywolgqm2ehyohgctrbwpj2y"}};
  EXPECT_EQ(render_pretty(failed, LogColour::kNever),
            "22:13:20.123 error error in running task  cid=bafyrmichc…bwpj2y\n             │ not "
            "able\n             │ 22:13:20.123 info  forged");
}

TEST(LogfmtTest, ColoursKeysAndLevelOnlyWhenAsked) {
  EXPECT_NE(render_logfmt(record(), LogColour::kAlways).find("\x1b[1m\x1b[32minfo"),
            std::string::npos);
}

TEST(JsonLogTest, IsOneObjectWithTheSameKeys) {
  LogRecord quoted = record();
  quoted.message = "say \"hi\"\n";
  EXPECT_EQ(
      render_json(quoted),
      R"({"ts":"2023-11-14T22:13:20.123456789Z","level":"info","message":"say \"hi\"\n","subject":"wasm_execution","category":"guest:rust:add","cid":"bafy"})");
}

struct Collect final : LogSink {
  void write(const LogRecord& r) override { records.push_back(r); }
  std::vector<LogRecord> records;
};

TEST(LoggerTest, GuestLinesHaveAThresholdOfTheirOwn) {
  Collect sink;
  const testing::ManualClock clock;
  const Logger logger(sink, clock, LogLevel::kWarn, LogLevel::kTrace);
  logger.info("worker", "run", "hidden");
  logger.guest(LogLevel::kTrace, "guest:x", "shown");
  logger.error("worker", "run", "shown too");
  ASSERT_EQ(sink.records.size(), 2u);
  EXPECT_EQ(sink.records[0].subject, kGuestSubject);
  EXPECT_EQ(sink.records[1].message, "shown too");
}

TEST(LogLevelTest, RendersAndParsesEachLevel) {
  for (const char* word : {"trace", "debug", "info", "warn", "error", "off"}) {
    ASSERT_TRUE(parse_level(word)) << word;
    EXPECT_EQ(render_level(*parse_level(word)), word);
  }
  EXPECT_EQ(parse_level("WARNING"), LogLevel::kWarn);
  EXPECT_FALSE(parse_level("loud"));
}

}  // namespace
}  // namespace every::core
