// Core modules with a component-type section, as wit-bindgen leaves them, become components when they are prepared.
#include "harness.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace every::wasm {
namespace {

using ::testing::HasSubstr;

TEST(CoreModuleTest, RunsAsPlainCargoLeftIt) {
  Harness harness(read_data("core/math.wasm"));
  ASSERT_TRUE(harness.prepared()) << harness.prepared().error().message;
  const auto sum = harness.call("add", {3.1, 5.2});
  ASSERT_TRUE(sum.value) << sum.error();
  EXPECT_EQ(*sum.value, ipld::Value(8.3));
  ASSERT_EQ(sum.lines.size(), 1);
  EXPECT_EQ(sum.lines.front().category, "guest:rust:add");
}

TEST(CoreModuleTest, ItsWitIsKnown) {
  Harness harness(read_data("core/math.wasm"));
  ASSERT_TRUE(harness.prepared());
  EXPECT_THAT((*harness.prepared())->wit, HasSubstr("export add: func(a: f64, b: f64) -> f64;"));
  EXPECT_THAT((*harness.prepared())->imports, ::testing::ElementsAre("wasi:logging/logging"));
}

TEST(CoreModuleTest, DivisionByZeroSpeaksAndStops) {
  Harness harness(read_data("core/math.wasm"));
  const auto ran = harness.call("divide", {1.0, 0.0});
  EXPECT_EQ(
      ran.error(),
      "not able to run fn divide: the guest stopped itself (unreachable; in Rust usually a panic)");
  ASSERT_EQ(ran.lines.size(), 1);
  EXPECT_EQ(ran.lines.front().message, "Division by zero error");
  EXPECT_EQ(ran.lines.front().level, core::LogLevel::kError);
}

/// Reads an unsigned LEB128 number and moves past it.
std::size_t read_leb(const core::Bytes& bytes, std::size_t& at) {
  std::size_t value = 0;
  for (unsigned shift = 0;; shift += 7) {
    const auto byte = bytes[at++];
    value |= static_cast<std::size_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return value;
  }
}

/// The component-type section of a core module, as a WAT annotation.
std::string component_type_of(const core::Bytes& module) {
  for (std::size_t at = 8; at < module.size();) {
    const auto id = module[at++];
    const auto size = read_leb(module, at);
    const auto end = at + size;
    if (id == 0) {
      const auto name_size = read_leb(module, at);
      const std::string name(reinterpret_cast<const char*>(module.data()) + at, name_size);
      if (name.starts_with("component-type")) {
        std::string text = "(@custom \"" + name + "\" \"";
        static constexpr char kHex[] = "0123456789abcdef";
        for (at += name_size; at < end; ++at)
          text += std::string("\\") + kHex[module[at] >> 4] + kHex[module[at] & 15];
        return text + "\")";
      }
    }
    at = end;
  }
  return {};
}

TEST(CoreModuleTest, OneMadeForPreview1GetsTheAdapter) {
  const auto section = component_type_of(read_data("core/math.wasm"));
  ASSERT_FALSE(section.empty());
  auto harness = Harness::wat(R"((module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 64) "\40\00\00\00\00\00\00\00")
    (data (i32.const 128) "hello from libc\0a")
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
      (i32.mul (memory.grow (i32.const 2)) (i32.const 65536)))
    (func (export "add") (param f64 f64) (result f64)
      (i32.store (i32.const 16) (i32.const 128)) (i32.store (i32.const 20) (i32.const 16))
      (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 8)))
      (f64.add (local.get 0) (local.get 1)))
    (func (export "divide") (param f64 f64) (result f64) (f64.div (local.get 0) (local.get 1)))
    )" + section + ")");
  ASSERT_TRUE(harness.prepared()) << harness.prepared().error().message;
  const auto sum = harness.call("add", {1.5, 2.0});
  ASSERT_TRUE(sum.value) << sum.error();
  EXPECT_EQ(*sum.value, ipld::Value(3.5));
  ASSERT_EQ(sum.lines.size(), 1);
  EXPECT_EQ(sum.lines.front().category, "guest:add:stdout");
  EXPECT_EQ(sum.lines.front().message, "hello from libc");
}

}  // namespace
}  // namespace every::wasm
