#include "log_choices.h"

#include <cstdio>

#include <gtest/gtest.h>

namespace every::cli {
namespace {

struct Chosen {
  core::Result<LogSetup> setup;
  std::string told;
};

Chosen choose(const NodeChoices& choices, LogTarget target, const char* every_log,
              const char* rust_log) {
  std::FILE* file = std::tmpfile();
  const Console console(file, core::LogColour::kNever);
  const Environment environment = [&](const char* name) -> std::optional<std::string> {
    const char* value = std::string_view(name) == "EVERY_LOG"  ? every_log
                        : std::string_view(name) == "RUST_LOG" ? rust_log
                                                               : nullptr;
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
  auto setup = choose_log(choices, target, environment, console);
  std::string told(static_cast<std::size_t>(std::ftell(file)), ' ');
  std::rewind(file);
  const std::size_t got = std::fread(told.data(), 1, told.size(), file);
  EXPECT_EQ(got, told.size());
  std::fclose(file);
  return {std::move(setup), std::move(told)};
}

TEST(LogChoicesTest, AServerShowsItsLinesFromInfoAndGuestsFromTrace) {
  const auto chosen = choose({}, LogTarget::kStdout, nullptr, nullptr);
  EXPECT_EQ(chosen.setup->filter.threshold, core::LogLevel::kInfo);
  EXPECT_EQ(chosen.setup->filter.guests, core::LogLevel::kTrace);
}

TEST(LogChoicesTest, TheOptionBeatsEveryLogWhichBeatsRustLog) {
  EXPECT_EQ(choose({}, LogTarget::kStdout, nullptr, "debug").setup->filter.threshold,
            core::LogLevel::kDebug);
  EXPECT_EQ(choose({}, LogTarget::kStdout, "error", "debug").setup->filter.threshold,
            core::LogLevel::kError);
  NodeChoices choices;
  choices.log_level = "trace";
  EXPECT_EQ(choose(choices, LogTarget::kStdout, "error", "debug").setup->filter.threshold,
            core::LogLevel::kTrace);
}

TEST(LogChoicesTest, WhatTheEnvironmentAsksInVainIsToldAndTheRestApplies) {
  const auto chosen = choose({}, LogTarget::kStdout, nullptr, "warn,libp2p=info");
  EXPECT_EQ(chosen.told, "! RUST_LOG: `libp2p=info`: nothing here is called libp2p\n");
  EXPECT_EQ(chosen.setup->filter.threshold, core::LogLevel::kWarn);
}

TEST(LogChoicesTest, AnOptionThatMeansNothingIsRefused) {
  NodeChoices choices;
  choices.log_level = "loud";
  const auto chosen = choose(choices, LogTarget::kStdout, nullptr, nullptr);
  ASSERT_FALSE(chosen.setup);
  EXPECT_EQ(chosen.setup.error().code, core::ErrorCode::kInvalidArgument);
  EXPECT_EQ(chosen.setup.error().message, "--log-level: `loud`: nothing here is called loud");
}

TEST(LogChoicesTest, GuestsHaveAnOptionOfTheirOwn) {
  NodeChoices choices;
  choices.guest_log_level = core::LogLevel::kError;
  EXPECT_EQ(choose(choices, LogTarget::kStdout, "debug", nullptr).setup->filter.guests,
            core::LogLevel::kError);
}

TEST(LogChoicesTest, ACommandLeavesOutWhatItsAnswerTells) {
  const auto chosen = choose({}, LogTarget::kStderr, nullptr, nullptr);
  const core::LogRecord failed{0, core::LogLevel::kError, "x", "worker.run.task.err", "worker.run",
                               {}};
  const core::LogRecord broken{0, core::LogLevel::kError, "x", "store.commit.err", "store", {}};
  EXPECT_FALSE(chosen.setup->filter.shows(failed));
  EXPECT_TRUE(chosen.setup->filter.shows(broken));
}

}  // namespace
}  // namespace every::cli
