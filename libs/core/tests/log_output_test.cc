#include "every/core/log_output.h"

#include <array>
#include <csignal>
#include <thread>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "every/core/file.h"

namespace every::core {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class LogOutputTest : public ::testing::Test {
 protected:
  LogOutputTest() {
    std::signal(SIGPIPE, SIG_IGN);
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    read_ = UniqueFd(ends[0]);
    write_ = UniqueFd(ends[1]);
  }
  static LogRecord record(std::string message) {
    return {0, LogLevel::kInfo, std::move(message), "s", "c", {}};
  }
  /// Everything until all writing ends are closed.
  std::string read_all() {
    std::string all;
    std::array<char, 65536> buffer{};
    for (;;) {
      const ssize_t got = ::read(read_.get(), buffer.data(), buffer.size());
      if (got <= 0) return all;
      all.append(buffer.data(), static_cast<std::size_t>(got));
    }
  }

  UniqueFd read_;
  UniqueFd write_;
};

TEST_F(LogOutputTest, WritesWholeLinesInOrderAndAllOfThemBeforeItEnds) {
  std::string all;
  std::thread reader([&] { all = read_all(); });
  {
    const auto sink = make_output_sink(write_.get(), {});
    for (int i = 0; i < 5000; ++i) sink->write(record("line " + std::to_string(i)));
  }
  write_.reset();
  reader.join();
  std::size_t at = 0;
  for (int i = 0; i < 5000; ++i) {
    at = all.find("\"line " + std::to_string(i) + "\"", at);
    ASSERT_NE(at, std::string::npos) << i;
  }
  EXPECT_THAT(all, StartsWith("ts="));
  EXPECT_THAT(all, EndsWith("category=c\n"));
}

TEST_F(LogOutputTest, AReaderThatTakesNothingHoldsNobodyUpAndLearnsHowMuchItMissed) {
  constexpr std::size_t kBound = 64 * 1024;
  const std::string text(1000, 'x');
  auto sink =
      make_output_sink(write_.get(), {.most_bytes = kBound, .end_within = std::chrono::hours(1)});
  for (int i = 0; i < 5000; ++i) sink->write(record(text));  // returns though nobody reads
  std::string all;
  std::thread reader([&] { all = read_all(); });
  sink.reset();
  write_.reset();
  reader.join();
  EXPECT_LT(all.size(), 5000U * 1000U);
  EXPECT_THAT(all, HasSubstr("log lines were left out"));
  EXPECT_THAT(all, EndsWith("\n"));
}

TEST_F(LogOutputTest, AReaderThatIsGoneLosesTheRestAndNothingElseHappens) {
  const auto sink = make_output_sink(write_.get(), {});
  read_.reset();
  for (int i = 0; i < 1000; ++i) sink->write(record("into the void"));
}

TEST_F(LogOutputTest, TheEndDoesNotWaitForeverForAReaderThatSleeps) {
  auto sink = make_output_sink(write_.get(), {.end_within = std::chrono::milliseconds(1)});
  for (int i = 0; i < 200; ++i) sink->write(record(std::string(4000, 'x')));
  sink.reset();
  SUCCEED();
}

TEST_F(LogOutputTest, AFullDiskLosesLinesAndTheSinkGoesOn) {
  const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  if (!full.valid()) GTEST_SKIP() << "this machine has no /dev/full";
  const auto sink = make_output_sink(full.get(), {});
  for (int i = 0; i < 100; ++i) sink->write(record("nowhere"));
}

TEST_F(LogOutputTest, WritesTheFormatItWasMadeFor) {
  {
    const auto sink = make_output_sink(write_.get(), {.format = LogFormat::kJson});
    sink->write(record("hello"));
  }
  write_.reset();
  EXPECT_THAT(read_all(), StartsWith("{\"ts\":"));
}

}  // namespace
}  // namespace every::core
