// Guests that misbehave: each comes to its own clear end, and the next task runs as if nothing had been.
#include <atomic>
#include <thread>

#include "harness.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace every::wasm {
namespace {

using core::ErrorCode;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class GuestTest : public ::testing::Test {
 protected:
  static Harness& harness() {
    static Harness harness(read_data("types/types.wasm"));
    return harness;
  }
  void TearDown() override {
    const auto ran = harness().call("add", {40, 2});
    ASSERT_TRUE(ran.value) << ran.error();
    EXPECT_EQ(*ran.value, ipld::Value(42));
  }
};

TEST_F(GuestTest, OneThatNeverReturnsIsEndedByItsTimeLimit) {
  auto spec = harness().spec("spin", {});
  spec.limits.time = std::chrono::milliseconds(30);
  const auto ran = harness().run(spec);
  EXPECT_EQ(ran.code(), ErrorCode::kTimeout);
  EXPECT_THAT(ran.error(),
              StartsWith("not able to run fn spin: it reached the time limit of 30 ms"));
}

TEST_F(GuestTest, OneThatNeverReturnsIsEndedByCancellation) {
  std::promise<TaskOutcome> done;
  const auto id = harness().executor().start(
      harness().spec("spin", {}), [](LogLine) {},
      [&](TaskOutcome outcome) { done.set_value(std::move(outcome)); });
  harness().executor().cancel(id);
  const auto outcome = done.get_future().get();
  ASSERT_FALSE(outcome.value);
  EXPECT_EQ(outcome.value.error().code, ErrorCode::kCancelled);
}

TEST_F(GuestTest, EndlessRecursionReachesTheStackLimit) {
  const auto ran = harness().call("recurse", {std::int64_t{1} << 40});
  EXPECT_EQ(ran.code(), ErrorCode::kResourceExhausted);
  EXPECT_THAT(
      ran.error(),
      StartsWith(
          "not able to run fn recurse: it reached the stack limit of 1048576 bytes (1 MiB)"));
}

TEST_F(GuestTest, MoreMemoryThanAllowedNamesTheLimit) {
  auto spec = harness().spec("allocate", {256});
  spec.limits.memory_bytes = std::uint64_t{64} << 20;
  const auto ran = harness().run(spec);
  EXPECT_EQ(ran.code(), ErrorCode::kResourceExhausted);
  EXPECT_THAT(
      ran.error(),
      StartsWith(
          "not able to run fn allocate: it reached the memory limit of 67108864 bytes (64 MiB)"));
}

TEST_F(GuestTest, MemoryWithinTheLimitIsGivenAndCounted) {
  const auto ran = harness().call("allocate", {16});
  ASSERT_TRUE(ran.value) << ran.error();
  EXPECT_GE(ran.stats.peak_memory_bytes, std::uint64_t{16} << 20);
}

TEST_F(GuestTest, APanicIsTheGuestsOwnDoing) {
  const auto ran = harness().call("trap", {"boom"});
  EXPECT_EQ(ran.code(), ErrorCode::kGuestTrap);
  EXPECT_EQ(
      ran.error(),
      "not able to run fn trap: the guest stopped itself (unreachable; in Rust usually a panic)");
}

TEST_F(GuestTest, DividingByZeroEndsTheTask) {
  const auto ran = harness().call("divide", {1, 0});
  EXPECT_EQ(ran.code(), ErrorCode::kGuestTrap);
  EXPECT_THAT(ran.error(), StartsWith("not able to run fn divide: "));
}

TEST_F(GuestTest, NaNAndInfinityAreNoResults) {
  for (const auto& [function, word] :
       {std::pair("not-a-number", "NaN"), std::pair("infinity", "infinity")}) {
    const auto ran = harness().call(function, {});
    EXPECT_EQ(ran.code(), ErrorCode::kGuestTrap);
    EXPECT_THAT(ran.error(), HasSubstr(std::string("its result is ") + word));
  }
}

TEST_F(GuestTest, AFloodOfLogLinesIsCutAndTheTaskGoesOn) {
  auto spec = harness().spec("log-flood", {1000});
  spec.limits.log_lines = 10;
  const auto ran = harness().run(spec);
  ASSERT_TRUE(ran.value) << ran.error();
  ASSERT_EQ(ran.lines.size(), 11);
  EXPECT_EQ(ran.lines.back().message, "more than 10 log lines; the rest is left out");
}

TEST_F(GuestTest, AResultBeyondTheLimitNamesTheLimit) {
  auto spec = harness().spec("repeat", {7, 1 << 20});
  spec.limits.result_bytes = 1 << 16;
  const auto ran = harness().run(spec);
  EXPECT_EQ(ran.code(), ErrorCode::kResourceExhausted);
  EXPECT_EQ(
      ran.error(),
      "not able to run fn repeat: its result is larger than the limit of 65536 bytes (64 KiB)");
}

TEST_F(GuestTest, AResultOfExactlyTheLimitIsDelivered) {
  auto spec = harness().spec("repeat", {7, 1 << 16});
  spec.limits.result_bytes = 1 << 16;
  const auto ran = harness().run(spec);
  ASSERT_TRUE(ran.value) << ran.error();
  EXPECT_EQ(ran.value->if_bytes()->size(), 1 << 16);
}

TEST_F(GuestTest, SixtyFourMebibytesGoInAndOut) {
  core::Bytes bytes(std::size_t{64} << 20);
  for (std::size_t i = 0; i < bytes.size(); i += 4097) bytes[i] = static_cast<std::uint8_t>(i);
  const auto ran = harness().call("echo-bytes", {bytes});
  ASSERT_TRUE(ran.value) << ran.error();
  EXPECT_EQ(*ran.value->if_bytes(), bytes);
}

TEST_F(GuestTest, FiniteFuelEndsTheTaskThatUsesItUp) {
  auto spec = harness().spec("spin", {});
  spec.limits.fuel = 100'000;
  const auto ran = harness().run(spec);
  EXPECT_EQ(ran.code(), ErrorCode::kResourceExhausted);
  EXPECT_THAT(ran.error(),
              StartsWith("not able to run fn spin: it used up its fuel limit of 100000"));
  EXPECT_EQ(ran.stats.fuel, 100'000);
}

TEST_F(GuestTest, EnoughFuelChangesNothing) {
  auto spec = harness().spec("add", {1, 2});
  spec.limits.fuel = 100'000'000;
  const auto ran = harness().run(spec);
  ASSERT_TRUE(ran.value) << ran.error();
  EXPECT_EQ(*ran.value, ipld::Value(3));
}

TEST_F(GuestTest, FuelIsCountedWhereTheLimitsNameSomeAndIsTheSameEachTime) {
  auto spec = harness().spec("add", {1, 2});
  EXPECT_EQ(harness().run(spec).stats.fuel, 0);
  spec.limits.fuel = 100'000'000;
  const auto used = harness().run(spec).stats.fuel;
  EXPECT_GT(used, 0);
  EXPECT_LT(used, 100'000'000);
  EXPECT_EQ(harness().run(spec).stats.fuel, used);
}

TEST_F(GuestTest, LogLinesKeepLevelAndCategory) {
  const auto ran = harness().call("log-levels", {"hello"});
  ASSERT_TRUE(ran.value) << ran.error();
  ASSERT_EQ(ran.lines.size(), 6);
  EXPECT_EQ(ran.lines.front().level, core::LogLevel::kTrace);
  EXPECT_EQ(ran.lines.back().level, core::LogLevel::kError);
  EXPECT_THAT(ran.lines.front().message, HasSubstr("hello"));
}

TEST_F(GuestTest, ArgumentsThatDoNotFitAreNamedWithPathTypeAndValue) {
  const auto range = harness().call("echo-u8", {256});
  EXPECT_EQ(range.code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(
      range.error(),
      "not able to run fn echo-u8: parameter `v`: expected u8, got integer 256 (out of range)");
  const auto nested = harness().call("echo-matrix", {ipld::List{ipld::List{1, "x"}}});
  EXPECT_EQ(
      nested.error(),
      "not able to run fn echo-matrix: parameter `v`: at /0/1: expected f64, got string \"x\"");
  const auto count = harness().call("add", {1});
  EXPECT_EQ(count.error(),
            "not able to run fn add: it takes 2 arguments, got 1: func(a: s64, b: s64) -> s64");
}

TEST_F(GuestTest, FunctionsAreFoundByTheOriginalsSpellings) {
  for (const auto* name :
       {"echo-list-s32", "echo_list_s32", "echoListS32", "EchoListS32", "ECHO_LIST_S32"}) {
    const auto ran = harness().call(name, {ipld::List{1}});
    EXPECT_TRUE(ran.value) << name << ": " << ran.error();
  }
  const auto unknown = harness().call("ad", {1, 2});
  EXPECT_EQ(unknown.code(), ErrorCode::kNotFound);
  EXPECT_THAT(unknown.error(), HasSubstr("has no function `ad`"));
  EXPECT_THAT(unknown.error(), HasSubstr("Did you mean `add`?"));
}

TEST_F(GuestTest, ManyAtOnceEachGetTheirOwnAnswer) {
  constexpr int kTasks = 200;
  std::vector<std::promise<TaskOutcome>> done(kTasks);
  for (int i = 0; i < kTasks; ++i) {
    harness().executor().start(
        harness().spec("add", {i, i}), [](LogLine) {},
        [&done, i](TaskOutcome outcome) { done[i].set_value(std::move(outcome)); });
  }
  for (int i = 0; i < kTasks; ++i) {
    const auto outcome = done[i].get_future().get();
    ASSERT_TRUE(outcome.value);
    EXPECT_EQ(*ipld::dag_cbor::decode(*outcome.value), ipld::Value(2 * i));
  }
}

TEST_F(GuestTest, WhatIsUnderWayWhenTheExecutorStopsIsAnswered) {
  Harness other(read_data("types/types.wasm"));
  std::atomic<int> answers = 0;
  for (int i = 0; i < 5; ++i) {
    other.executor().start(
        other.spec("spin", {}), [](LogLine) {},
        [&](TaskOutcome outcome) {
          EXPECT_FALSE(outcome.value);
          ++answers;
        });
  }
  other.executor().stop();
  EXPECT_EQ(answers, 5);
  other.executor().start(
      other.spec("add", {1, 2}), [](LogLine) {},
      [&](TaskOutcome outcome) {
        EXPECT_EQ(outcome.value.error().code, ErrorCode::kUnavailable);
        ++answers;
      });
  EXPECT_EQ(answers, 6);
}

}  // namespace
}  // namespace every::wasm
