// Each way a guest can be ended, the first sentence it gives, and where it was.
#include "harness.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace every::wasm {
namespace {

using core::ErrorCode;
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Trap {
  const char* name;
  const char* body;
  ErrorCode code;
  const char* sentence;
};

class TrapTest : public ::testing::TestWithParam<Trap> {};

TEST_P(TrapTest, SaysWhatHappenedAndWhere) {
  const Trap& trap = GetParam();
  auto harness = Harness::wat(std::string(R"((component
    (core module $m
      (type $none (func))
      (type $number (func (result i32)))
      (memory 1)
      (table 2 funcref)
      (elem (i32.const 0) $other)
      (func $other (type $number) (i32.const 1))
      (func $_ZN4math5innerEv )") +
                              trap.body + R"()
      (func $outer (export "f") (call $_ZN4math5innerEv)))
    (core instance $i (instantiate $m))
    (func (export "f") (canon lift (core func $i "f")))))");
  ASSERT_TRUE(harness.prepared()) << harness.prepared().error().message;
  auto spec = harness.spec("f", {});
  spec.limits.time = std::chrono::milliseconds(200);
  const auto ran = harness.run(spec);
  ASSERT_FALSE(ran.value);
  EXPECT_EQ(ran.code(), trap.code);
  EXPECT_THAT(ran.error(), StartsWith(std::string("not able to run fn f: ") + trap.sentence));
  const std::string backtrace(ran.value.error().find("backtrace"));
  EXPECT_THAT(backtrace, StartsWith("0: math::inner() (m"));
  if (std::string_view(trap.name) != "Recursion") {
    EXPECT_THAT(backtrace, HasSubstr("\n1: outer (m+0x"));
  } else {
    EXPECT_THAT(backtrace, HasSubstr(" × 40\n…"));
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, TrapTest,
    ::testing::Values(
        Trap{"Unreachable", "unreachable", ErrorCode::kGuestTrap,
             "the guest stopped itself (unreachable; in Rust usually a panic)"},
        Trap{"Division", "(drop (i32.div_s (i32.const 1) (i32.const 0)))", ErrorCode::kGuestTrap,
             "the guest divided an integer by zero (integer divide by zero)"},
        Trap{"Overflow", "(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))",
             ErrorCode::kGuestTrap, "the guest divided the least integer by -1 (integer overflow)"},
        Trap{"Memory", "(drop (i32.load (i32.const 70000)))", ErrorCode::kGuestTrap,
             "the guest read or wrote outside its memory (out of bounds memory access)"},
        Trap{"Conversion", "(drop (i32.trunc_f64_s (f64.const nan)))", ErrorCode::kGuestTrap,
             "the guest made an integer of a float that has none"},
        Trap{"CallOfAnotherType", "(call_indirect (type $none) (i32.const 0))",
             ErrorCode::kGuestTrap,
             "the guest called a function by a pointer of another type (indirect call type "
             "mismatch)"},
        Trap{"CallOfNothing", "(call_indirect (type $none) (i32.const 1))", ErrorCode::kGuestTrap,
             "the guest called a function by a null pointer (uninitialized element)"},
        Trap{"CallBeyondTheTable", "(call_indirect (type $none) (i32.const 9))",
             ErrorCode::kGuestTrap, "the guest called a function by a pointer that leads nowhere"},
        Trap{"Recursion", "(call $_ZN4math5innerEv)", ErrorCode::kResourceExhausted,
             "it reached the stack limit of 1048576 bytes (1 MiB)"},
        Trap{"Time", "(loop (br 0))", ErrorCode::kTimeout, "it reached the time limit of 200 ms"}),
    [](const auto& each) { return std::string(each.param.name); });

TEST(UncaughtTest, AnExceptionThatNobodyCatchesIsNamed) {
  auto harness = Harness::wat(R"((component
    (core module $m (tag $oops) (func $thrower (export "f") (throw $oops)))
    (core instance $i (instantiate $m))
    (func (export "f") (canon lift (core func $i "f")))))");
  ASSERT_TRUE(harness.prepared()) << harness.prepared().error().message;
  const auto ran = harness.call("f", {});
  EXPECT_EQ(ran.code(), ErrorCode::kGuestTrap);
  EXPECT_EQ(ran.error(),
            "not able to run fn f: the guest threw an exception that it did not catch");
}

/// Writes to stderr by wasi:cli and wasi:io, then traps.
TEST(WordsTest, WhatTheGuestSaidOnStderrComesFirst) {
  auto harness = Harness::wat(R"((component
    (import "wasi:io/error@0.2.0" (instance $errors (export "error" (type $e (sub resource)))))
    (alias export $errors "error" (type $io-error))
    (import "wasi:io/streams@0.2.0" (instance $streams
      (export "output-stream" (type $out (sub resource)))
      (alias outer 1 $io-error (type $failed))
      (type $e (variant (case "last-operation-failed" (own $failed)) (case "closed")))
      (export "stream-error" (type $error (eq $e)))
      (export "[method]output-stream.blocking-write-and-flush"
        (func (param "self" (borrow $out)) (param "contents" (list u8)) (result (result (error $error)))))))
    (alias export $streams "output-stream" (type $out))
    (import "wasi:cli/stderr@0.2.0" (instance $stderr
      (alias outer 1 $out (type $outer))
      (export "output-stream" (type $o (eq $outer)))
      (export "get-stderr" (func (result (own $o))))))
    (alias export $streams "[method]output-stream.blocking-write-and-flush" (func $write))
    (alias export $stderr "get-stderr" (func $get))
    (core module $memory (memory (export "m") 1)
      (data (i32.const 100) "thread 'main' panicked at src/lib.rs:1:2:\nno luck\n"))
    (core instance $memory (instantiate $memory))
    (alias core export $memory "m" (core memory $mem))
    (core func $write (canon lower (func $write) (memory $mem)))
    (core func $get (canon lower (func $get)))
    (core module $m
      (import "" "write" (func $write (param i32 i32 i32 i32)))
      (import "" "get" (func $get (result i32)))
      (func (export "f")
        (call $write (call $get) (i32.const 100) (i32.const 50) (i32.const 0))
        unreachable))
    (core instance $i (instantiate $m (with "" (instance (export "write" (func $write)) (export "get" (func $get))))))
    (func (export "f") (canon lift (core func $i "f")))))");
  ASSERT_TRUE(harness.prepared()) << harness.prepared().error().message;
  const auto ran = harness.call("f", {});
  EXPECT_EQ(
      ran.error(),
      "not able to run fn f: no luck (src/lib.rs:1:2): the guest stopped itself (unreachable; "
      "in Rust usually a panic)");
  ASSERT_EQ(ran.lines.size(), 2);
  EXPECT_EQ(ran.lines[1].level, core::LogLevel::kWarn);
  EXPECT_EQ(ran.lines[1].category, "guest:f:stderr");
  EXPECT_EQ(ran.lines[1].message, "no luck");
}

}  // namespace
}  // namespace every::wasm
