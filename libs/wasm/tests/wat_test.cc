// Components given as text: types the fixture lacks, host interfaces, limits a guest tries to outlive, refusals.
#include "harness.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace every::wasm {
namespace {

using core::ErrorCode;
using ipld::List;
using ipld::Value;
using ::testing::HasSubstr;

/// A core module that echoes what is lowered as two values (a list, a map), with a bump allocator.
constexpr const char* kEchoPair = R"(
  (core module $m
    (memory (export "memory") 2)
    (global $next (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.set $next (i32.and (i32.add (global.get $next) (i32.const 15)) (i32.const -16)))
      (global.get $next)
      (global.set $next (i32.add (global.get $next) (local.get 3))))
    (func (export "pair") (param i32 i32) (result i32)
      (i32.store (i32.const 16) (local.get 0)) (i32.store (i32.const 20) (local.get 1)) (i32.const 16))
    (func (export "triple") (param i32 i32 i32) (result i32)
      (i32.store (i32.const 16) (local.get 0)) (i32.store (i32.const 20) (local.get 1)) (i32.store (i32.const 24) (local.get 2))
      (i32.const 16))
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
  (core instance $i (instantiate $m))
)";

std::string echo(const std::string& functions) {
  return "(component " + std::string(kEchoPair) + functions + ")";
}

std::string lifted(const std::string& name, const std::string& type, const std::string& core) {
  return R"((func (export ")" + name + R"(") (param "v" )" + type + ") (result " + type +
         R"() (canon lift (core func $i ")" + core +
         R"(") (memory $i "memory") (realloc (func $i "realloc")))))";
}

/// Calls the one function of a text component.
Ran call(const std::string& wat, const std::string& function, List args) {
  auto harness = Harness::wat(wat);
  EXPECT_TRUE(harness.prepared()) << harness.prepared().error().message;
  return harness.call(function, std::move(args));
}

TEST(TypesTest, AMapKeepsOrderAndDuplicatesAndTakesAMapOrPairs) {
  const auto wat = echo(lifted("echo", "(map string u32)", "pair"));
  const Value pairs(List{Value(List{"b", 2}), Value(List{"a", 1}), Value(List{"b", 3})});
  const auto listed = call(wat, "echo", {pairs});
  ASSERT_TRUE(listed.value) << listed.error();
  EXPECT_EQ(*listed.value, pairs);
  ipld::Map map;
  map.set("x", 7);
  const auto mapped = call(wat, "echo", {map});
  ASSERT_TRUE(mapped.value) << mapped.error();
  EXPECT_EQ(*mapped.value, Value(List{Value(List{"x", 7})}));
}

TEST(TypesTest, AFixedLengthListHasItsLength) {
  const auto wat = echo(lifted("echo", "(list u32 3)", "triple"));
  const auto right = call(wat, "echo", {List{1, 2, 3}});
  ASSERT_TRUE(right.value) << right.error();
  EXPECT_EQ(*right.value, Value(List{1, 2, 3}));
  const auto wrong = call(wat, "echo", {List{1, 2}});
  EXPECT_EQ(wrong.code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(wrong.error(), HasSubstr("exactly 3 elements"));
}

TEST(TypesTest, ListsOfNumbersOfEveryWidthComeBackWhole) {
  for (const auto* type :
       {"u16", "s16", "u32", "s32", "u64", "s64", "f32", "f64", "bool", "char"}) {
    const auto wat = echo(lifted("echo", std::string("(list ") + type + ")", "pair"));
    const std::string name = type;
    List values = {1, 2, 3, 100};
    if (name.front() == 'f') values = {1.5, -2.25};
    if (name == "bool") values = {true, false, true};
    if (name == "char") values = {"a", "é", "😀"};
    const auto ran = call(wat, "echo", {values});
    ASSERT_TRUE(ran.value) << name << ": " << ran.error();
    EXPECT_EQ(*ran.value, Value(values)) << name;
  }
}

TEST(TypesTest, NestedOptionsSayWhichLevelIsEmpty) {
  const auto wat = R"((component
    (core module $m
      (memory (export "memory") 1)
      (func (export "echo") (param i32 i32 i32) (result i32)
        (i32.store8 (i32.const 16) (local.get 0)) (i32.store8 (i32.const 20) (local.get 1)) (i32.store (i32.const 24) (local.get 2))
        (i32.const 16)))
    (core instance $i (instantiate $m))
    (func (export "echo") (param "v" (option (option u32))) (result (option (option u32)))
      (canon lift (core func $i "echo") (memory $i "memory")))))";
  for (const auto& value : {Value(), Value(List{Value()}), Value(List{Value(5)})}) {
    const auto ran = call(wat, "echo", {value});
    ASSERT_TRUE(ran.value) << ran.error();
    EXPECT_EQ(*ran.value, value);
  }
}

TEST(TypesTest, FunctionsInExportedInterfacesAreFoundByTheirNames) {
  const auto wat = echo(R"(
    (func $add (param "a" s32) (param "b" s32) (result s32) (canon lift (core func $i "add")))
    (instance $calc (export "add-up" (func $add)))
    (export "every:test/calc@1.2.3" (instance $calc)))");
  auto harness = Harness::wat(wat);
  ASSERT_TRUE(harness.prepared()) << harness.prepared().error().message;
  for (const auto* name :
       {"calc#add-up", "calc#addUp", "every:test/calc#add_up", "every:test/calc@1.2.3#add-up"}) {
    const auto ran = harness.call(name, {2, 3});
    ASSERT_TRUE(ran.value) << name << ": " << ran.error();
    EXPECT_EQ(*ran.value, Value(5));
  }
  EXPECT_EQ(harness.call("add-up", {2, 3}).code(), ErrorCode::kNotFound);
}

TEST(TypesTest, AnAsyncLiftedExportIsCalledLikeAnyOther) {
  const auto ran = call(R"((component
    (core module $m
      (import "" "return" (func $return (param i32)))
      (func (export "f") (param i32) (result i32) (call $return (i32.add (local.get 0) (i32.const 1))) (i32.const 0))
      (func (export "cb") (param i32 i32 i32) (result i32) unreachable))
    (core func $return (canon task.return (result u32)))
    (core instance $i (instantiate $m (with "" (instance (export "return" (func $return))))))
    (func (export "inc") async (param "x" u32) (result u32)
      (canon lift (core func $i "f") async (callback (func $i "cb"))))))",
                        "inc", {41});
  ASSERT_TRUE(ran.value) << ran.error();
  EXPECT_EQ(*ran.value, Value(42));
}

TEST(TypesTest, AnAsyncLiftedExportReturnsStringsAndNothing) {
  auto harness = Harness::wat(R"((component
    (core module $memory (memory (export "m") 1) (data (i32.const 32) "hello"))
    (core instance $memory (instantiate $memory))
    (alias core export $memory "m" (core memory $mem))
    (core module $m
      (import "" "text" (func $text (param i32 i32)))
      (import "" "nothing" (func $nothing))
      (func (export "text") (result i32) (call $text (i32.const 32) (i32.const 5)) (i32.const 0))
      (func (export "nothing") (result i32) (call $nothing) (i32.const 0))
      (func (export "cb") (param i32 i32 i32) (result i32) unreachable))
    (core func $text (canon task.return (result string) (memory $mem)))
    (core func $nothing (canon task.return))
    (core instance $i (instantiate $m (with "" (instance (export "text" (func $text)) (export "nothing" (func $nothing))))))
    (func (export "text") async (result string) (canon lift (core func $i "text") async (callback (func $i "cb")) (memory $mem)))
    (func (export "nothing") async (canon lift (core func $i "nothing") async (callback (func $i "cb"))))))");
  ASSERT_TRUE(harness.prepared()) << harness.prepared().error().message;
  const auto text = harness.call("text", {});
  ASSERT_TRUE(text.value) << text.error();
  EXPECT_EQ(*text.value, Value("hello"));
  const auto nothing = harness.call("nothing", {});
  ASSERT_TRUE(nothing.value) << nothing.error();
  EXPECT_EQ(*nothing.value, Value());
}

TEST(TypesTest, GarbageCollectedTypesAndExceptionsWork) {
  const auto ran = call(R"((component
    (core module $m
      (type $box (struct (field i32)))
      (tag $oops (param i32))
      (func $throw (param i32) (throw $oops (local.get 0)))
      (func (export "f") (param i32) (result i32)
        (local $b (ref null $box))
        (local.set $b (struct.new $box (local.get 0)))
        (block $caught (result i32)
          (try_table (catch $oops $caught) (call $throw (struct.get $box 0 (local.get $b))))
          (i32.const -1))
        (i32.const 1) i32.add))
    (core instance $i (instantiate $m))
    (func (export "f") (param "x" s32) (result s32) (canon lift (core func $i "f")))))",
                        "f", {6});
  ASSERT_TRUE(ran.value) << ran.error();
  EXPECT_EQ(*ran.value, Value(7));
}

TEST(LimitsTest, AGuestThatCatchesARefusedAllocationIsEndedAllTheSame) {
  const auto ran = call(R"((component
    (core module $m (memory 1) (func (export "f") (result i32) (memory.grow (i32.const 60000))))
    (core instance $i (instantiate $m))
    (func (export "grow") (result s32) (canon lift (core func $i "f")))))",
                        "grow", {});
  EXPECT_EQ(ran.code(), ErrorCode::kResourceExhausted);
  EXPECT_THAT(ran.error(), HasSubstr("it reached the memory limit of 1073741824 bytes (1 GiB)"));
}

TEST(LimitsTest, GrowthBeyondTheModulesOwnMaximumIsItsOwnAffair) {
  const auto ran = call(R"((component
    (core module $m (memory 1 2) (func (export "f") (result i32) (memory.grow (i32.const 60000))))
    (core instance $i (instantiate $m))
    (func (export "grow") (result s32) (canon lift (core func $i "f")))))",
                        "grow", {});
  ASSERT_TRUE(ran.value) << ran.error();
  EXPECT_EQ(*ran.value, Value(-1));
}

TEST(LimitsTest, ATableGrownTooLargeEndsTheTask) {
  const auto ran = call(R"((component
    (core module $m (table 1 funcref) (func (export "f") (result i32) (table.grow (ref.null func) (i32.const 20000000))))
    (core instance $i (instantiate $m))
    (func (export "grow") (result s32) (canon lift (core func $i "f")))))",
                        "grow", {});
  EXPECT_EQ(ran.code(), ErrorCode::kResourceExhausted);
}

TEST(LimitsTest, AMemoryThatStartsTooLargeNamesTheLimit) {
  auto harness = Harness::wat(R"((component
    (core module $m (memory 100) (func (export "f")))
    (core instance $i (instantiate $m))
    (func (export "f") (canon lift (core func $i "f")))))");
  auto spec = harness.spec("f", {});
  spec.limits.memory_bytes = 1 << 20;
  const auto ran = harness.run(spec);
  EXPECT_EQ(ran.code(), ErrorCode::kResourceExhausted);
  EXPECT_THAT(ran.error(), HasSubstr("memory limit of 1048576 bytes"));
}

/// Imports the WASI clock and poll of a version; `nap` sleeps and tells the time after.
std::string sleeper(const std::string& version) {
  return R"((component
    (import "wasi:io/poll@)" +
         version + R"(" (instance $poll
      (export "pollable" (type $p (sub resource)))
      (export "[method]pollable.block" (func (param "self" (borrow $p))))))
    (alias export $poll "pollable" (type $pollable))
    (import "wasi:clocks/monotonic-clock@)" +
         version + R"(" (instance $clock
      (alias outer 1 $pollable (type $outer))
      (export "pollable" (type $p (eq $outer)))
      (export "now" (func (result u64)))
      (export "subscribe-duration" (func (param "when" u64) (result (own $p))))))
    (alias export $poll "[method]pollable.block" (func $block))
    (alias export $clock "now" (func $now))
    (alias export $clock "subscribe-duration" (func $subscribe))
    (core func $block (canon lower (func $block)))
    (core func $now (canon lower (func $now)))
    (core func $subscribe (canon lower (func $subscribe)))
    (core func $drop (canon resource.drop $pollable))
    (core module $m
      (import "" "block" (func $block (param i32)))
      (import "" "now" (func $now (result i64)))
      (import "" "subscribe" (func $subscribe (param i64) (result i32)))
      (import "" "drop" (func $drop (param i32)))
      (func (export "nap") (param i64) (result i64)
        (local $p i32)
        (local.set $p (call $subscribe (local.get 0)))
        (call $block (local.get $p)) (call $drop (local.get $p))
        (call $now)))
    (core instance $i (instantiate $m (with "" (instance
      (export "block" (func $block)) (export "now" (func $now)) (export "subscribe" (func $subscribe)) (export "drop" (func $drop))))))
    (func (export "nap") (param "ns" u64) (result u64) (canon lift (core func $i "nap")))))";
}

TEST(SandboxTest, SleepingReturnsAtOnceAndMovesTheVirtualClock) {
  for (const auto* version : {"0.2.0", "0.2.9", "0.2.12"}) {
    auto harness = Harness::wat(sleeper(version));
    ASSERT_TRUE(harness.prepared()) << harness.prepared().error().message;
    const auto second = harness.call("nap", {1'000'000'000});
    ASSERT_TRUE(second.value) << second.error();
    EXPECT_EQ(*second.value, Value(1'000'000'000));
    const auto forever = harness.call("nap", {UINT64_MAX});
    ASSERT_TRUE(forever.value) << forever.error();
    EXPECT_EQ(*forever.value, Value(UINT64_MAX));
  }
}

/// Imports `interface` with one function and exports `f`, which calls it.
std::string caller(const std::string& interface, const std::string& function,
                   const std::string& type, const std::string& core_type) {
  return R"((component
    (import ")" +
         interface + R"(" (instance $x (export ")" + function + R"(" (func )" + type + R"())))
    (alias export $x ")" +
         function + R"(" (func $f))
    (core func $f (canon lower (func $f)))
    (core module $m (import "" "f" (func $f )" +
         core_type + R"()) (func (export "f") )" + core_type + R"( (call $f)))
    (core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
    (func (export "f") )" +
         type + R"( (canon lift (core func $i "f")))))";
}

TEST(SandboxTest, RandomNumbersFollowTheSeed) {
  auto harness = Harness::wat(
      caller("wasi:random/random@0.2.3", "get-random-u64", "(result u64)", "(result i64)"));
  ASSERT_TRUE(harness.prepared()) << harness.prepared().error().message;
  const auto with_seed = [&](std::uint8_t seed) {
    auto spec = harness.spec("f", {});
    spec.seed.fill(seed);
    return harness.run(spec).value.value_or(Value());
  };
  EXPECT_EQ(with_seed(1), with_seed(1));
  EXPECT_FALSE(with_seed(1) == with_seed(2));
  auto spec = harness.spec("f", {});
  for (std::size_t i = 0; i < spec.seed.size(); ++i) spec.seed[i] = static_cast<std::uint8_t>(i);
  EXPECT_EQ(
      harness.run(spec).value,
      Value(std::uint64_t{13557399450712487245U}));  // the example of docs/formats/determinism.md
}

TEST(SandboxTest, SocketsAreRefusedWithTheInterfacesOwnError) {
  const auto ran = call(R"((component
    (import "wasi:sockets/tcp-create-socket@0.2.0" (instance $x
      (type $e (enum "unknown" "access-denied" "not-supported"))
      (export "error-code" (type $code (eq $e)))
      (export "f" (func (result (result (error $code)))))))
    (alias export $x "f" (func $f))
    (core module $memory (memory (export "m") 1))
    (core instance $memory (instantiate $memory))
    (alias core export $memory "m" (core memory $mem))
    (core func $f (canon lower (func $f) (memory $mem)))
    (core module $m
      (import "" "m" (memory 1))
      (import "" "f" (func $f (param i32)))
      (func (export "f") (result i32)
        (call $f (i32.const 16))
        (i32.add (i32.mul (i32.load8_u (i32.const 16)) (i32.const 10)) (i32.load8_u (i32.const 17)))))
    (core instance $i (instantiate $m (with "" (instance (export "f" (func $f)) (export "m" (memory $mem))))))
    (func (export "f") (result u32) (canon lift (core func $i "f")))))",
                        "f", {});
  ASSERT_TRUE(ran.value) << ran.error();
  EXPECT_EQ(*ran.value, Value(11));  // an error, the second case: access-denied
}

TEST(SandboxTest, ExitEndsTheTask) {
  const auto ran = call(R"((component
    (import "wasi:cli/exit@0.2.0" (instance $x (export "exit" (func (param "status" (result))))))
    (alias export $x "exit" (func $f))
    (core func $f (canon lower (func $f)))
    (core module $m (import "" "f" (func $f (param i32))) (func (export "f") (call $f (i32.const 1))))
    (core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
    (func (export "f") (canon lift (core func $i "f")))))",
                        "f", {});
  EXPECT_EQ(ran.code(), ErrorCode::kGuestTrap);
  EXPECT_THAT(ran.error(), HasSubstr("exit with code 1"));
}

TEST(SandboxTest, HttpLinksAndACallNamesTheImport) {
  const auto ran = call(
      caller("wasi:http/types@0.2.10", "http-error-code", "(result u32)", "(result i32)"), "f", {});
  EXPECT_EQ(ran.code(), ErrorCode::kGuestTrap);
  EXPECT_THAT(ran.error(), HasSubstr("wasi:http/types@0.2.10 http-error-code"));
}

TEST(RefusalTest, AnUnknownImportIsNamed) {
  auto harness =
      Harness::wat(caller("acme:secret/things@1.0.0", "steal", "(result u32)", "(result i32)"));
  ASSERT_FALSE(harness.prepared());
  EXPECT_EQ(harness.prepared().error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(harness.prepared().error().message, HasSubstr("acme:secret/things@1.0.0"));
}

TEST(RefusalTest, AnUnknownFunctionOfAKnownInterfaceIsNamed) {
  auto harness =
      Harness::wat(caller("wasi:random/random@0.2.0", "get-luck", "(result u32)", "(result i32)"));
  ASSERT_FALSE(harness.prepared());
  EXPECT_EQ(harness.prepared().error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(harness.prepared().error().message, HasSubstr("get-luck"));
}

TEST(RefusalTest, TypesWithoutValuesAreNamedWithFunctionAndParameter) {
  const auto refused = [](const std::string& type, const std::string& extra) {
    auto harness = Harness::wat("(component " + extra + R"(
      (core module $m (func (export "f") (param i32)))
      (core instance $i (instantiate $m))
      (func (export "take-it") (param "thing" )" +
                                type + R"() (canon lift (core func $i "f")))))");
    return harness.prepared() ? core::Error{} : harness.prepared().error();
  };
  for (const auto& [type, word] :
       {std::pair("(stream u8)", "stream"), std::pair("(future u8)", "future")}) {
    const auto error = refused(type, "");
    EXPECT_EQ(error.code, ErrorCode::kUnsupported) << error.message;
    EXPECT_THAT(error.message, HasSubstr("`take-it`"));
    EXPECT_THAT(error.message, HasSubstr("`thing`"));
    EXPECT_THAT(error.message, HasSubstr(word));
  }
  const auto resource =
      refused("(own $r)", R"((type $r0 (resource (rep i32))) (export $r "r" (type $r0)))");
  EXPECT_EQ(resource.code, ErrorCode::kUnsupported) << resource.message;
  EXPECT_THAT(resource.message, HasSubstr("resource"));
}

TEST(RefusalTest, WhatIsNoComponentSaysWhatItIs) {
  const auto error = [](core::BytesView bytes) { return Harness(bytes).prepared().error(); };
  EXPECT_EQ(error(core::as_bytes("hello")).code, ErrorCode::kMalformed);
  EXPECT_THAT(error(core::as_bytes("(module)")).message, HasSubstr("component-type"));
  auto cut = read_data("types/types.wasm");
  cut.resize(cut.size() / 2);
  EXPECT_EQ(error(cut).code, ErrorCode::kMalformed);
}

}  // namespace
}  // namespace every::wasm
