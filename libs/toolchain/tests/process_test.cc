#include "every/toolchain/process.h"

#include "temporary.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace every::toolchain {
namespace {

using testing::HasSubstr;

ProcessSpec shell(std::string script) {
  return {{"/bin/sh", "-c", std::move(script)}, {}, system_environment(), {}, {}};
}

TEST(RunProcessTest, KeepsBothOutputsApartAndGivesTheExitCode) {
  const auto outcome = run_process(shell("echo out; echo err >&2; exit 3"), {});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->exit_code, 3);
  EXPECT_EQ(outcome->output, "out\n");
  EXPECT_EQ(outcome->errors, "err\n");
}

TEST(RunProcessTest, GivesInputOfAnySizeWhileReadingOutput) {
  auto spec = shell("cat");
  spec.input.assign(3'000'000, 'x');
  const auto outcome = run_process(spec, {});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->output, spec.input);
}

TEST(RunProcessTest, AProgramThatDoesNotReadItsInputIsFine) {
  auto spec = shell("exit 0");
  spec.input.assign(3'000'000, 'x');
  ASSERT_TRUE(run_process(spec, {}));
}

TEST(RunProcessTest, TellsWholeLinesAndTheUnfinishedOneAtTheEnd) {
  std::string told;
  auto spec = shell("printf 'one\\ntwo'");
  spec.on_output = [&](std::string_view text) { told += text; };
  ASSERT_TRUE(run_process(spec, {}));
  EXPECT_EQ(told, "one\ntwo");
}

TEST(RunProcessTest, GetsTheEnvironmentAndFolderGivenAndNoOther) {
  const Temporary folder;
  auto spec = shell("echo $GIVEN-$HOME; pwd");
  spec.environment = {{"GIVEN", "yes"}};
  spec.folder = folder.path();
  const auto outcome = run_process(spec, {});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->output, "yes-\n" + folder.path().string() + "\n");
}

TEST(RunProcessTest, CancellingEndsItWithAllItStarted) {
  const core::CancelSource source;
  auto spec = shell("sleep 1000 & echo started; wait");
  spec.on_output = [&](std::string_view) { source.cancel(); };
  const auto outcome = run_process(spec, source.token());
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, core::ErrorCode::kCancelled);
}

TEST(RunProcessTest, ASignalIsAnExitCodeAbove128) {
  EXPECT_EQ(run_process(shell("kill -9 $$"), {})->exit_code, 137);
}

TEST(RunProcessTest, AMissingProgramOrFolderIsNotFound) {
  ProcessSpec spec{{"no-such-program-anywhere"}, {}, system_environment(), {}, {}};
  EXPECT_EQ(run_process(spec, {}).error().code, core::ErrorCode::kNotFound);
  auto here = shell("true");
  here.folder = "/no/such/folder";
  EXPECT_THAT(run_process(here, {}).error().message, HasSubstr("/no/such/folder"));
}

TEST(WhoSaysWhyTest, PointsAboveOnlyWhereThereAreWords) {
  EXPECT_EQ(who_says_why({1, "", "error: x\n"}, "cargo"), "cargo says why above");
  const auto silent = who_says_why({3, "\n", " "}, "cargo");
  EXPECT_THAT(silent, HasSubstr("exit code 3"));
  EXPECT_THAT(silent, HasSubstr("every doctor"));
  const auto killed = who_says_why(*run_process(shell("echo half; kill -9 $$"), {}), "cargo");
  EXPECT_THAT(killed, HasSubstr("signal 9 (Killed)"));
  EXPECT_THAT(killed, HasSubstr("out of memory"));
}

std::chrono::steady_clock::time_point soon() {
  return std::chrono::steady_clock::now() + std::chrono::minutes(1);
}

TEST(StandingProcessTest, AnswersLineByLineUntilItEnds) {
  const auto process = StandingProcess::start(
      shell("while read line; do echo \"got $line\"; [ \"$line\" = end ] && exit; done"));
  ASSERT_TRUE(process);
  ASSERT_TRUE((*process)->tell("one\n"));
  EXPECT_EQ((*process)->hear(soon(), {}), "got one");
  ASSERT_TRUE((*process)->tell("two\nend\n"));
  EXPECT_EQ((*process)->hear(soon(), {}), "got two");
  EXPECT_EQ((*process)->hear(soon(), {}), "got end");
  EXPECT_EQ((*process)->hear(soon(), {}).error().code, core::ErrorCode::kUnavailable);
}

TEST(StandingProcessTest, OneThatSaysNothingIsNotWaitedForForever) {
  const auto process = StandingProcess::start(shell("sleep 1000"));
  ASSERT_TRUE(process);
  const auto now = std::chrono::steady_clock::now();
  EXPECT_EQ((*process)->hear(now, {}).error().code, core::ErrorCode::kTimeout);
  const core::CancelSource source;
  source.cancel();
  EXPECT_EQ((*process)->hear(soon(), source.token()).error().code, core::ErrorCode::kCancelled);
}

TEST(FindProgramTest, TakesTheFirstExecutableOfPath) {
  const Temporary folder;
  folder.write("a/tool", "not executable");
  const auto second = folder.write("b/tool", "#!/bin/sh\n");
  std::filesystem::permissions(second, std::filesystem::perms::owner_all);
  const Environment environment{{"PATH", (folder / "a").string() + "::" + (folder / "b").string()}};
  EXPECT_EQ(find_program(environment, "tool"), second);
  EXPECT_EQ(find_program(environment, "other"), std::nullopt);
  EXPECT_EQ(find_program({}, "tool"), std::nullopt);
  EXPECT_EQ(find_program({{"PATH", ""}}, "tool"), std::nullopt);
}

}  // namespace
}  // namespace every::toolchain
