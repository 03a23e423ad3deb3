#include <random>

#include "worker/messages.h"
#include "worker/wire.h"
#include <gtest/gtest.h>

#include "every/wasm/testing/fake_executor.h"

namespace every::wasm::worker {
namespace {

using core::ErrorCode;
using wit::Kind;

ipld::Cid some_cid() {
  return ipld::Cid::of(ipld::Codec::kRaw, ipld::HashCode::kSha2_256, core::as_bytes("x"));
}

TaskSpec some_spec() {
  TaskSpec spec{some_cid(),
                "fn with \xff any bytes",
                {1, "two", 3.5, core::Bytes{1, 2}, ipld::List{nullptr, true}, some_cid()},
                {},
                {}};
  spec.limits = {1, std::chrono::nanoseconds(2), 3, 4, 5};
  spec.seed.fill(9);
  return spec;
}

ComponentInfo some_info() {
  const auto point = wit::make_record("point", {{"x", wit::make_primitive(Kind::kF64), "across"},
                                                {"y", wit::make_primitive(Kind::kF64), ""}});
  const auto shape = wit::make_variant("shape", {{"dot", nullptr, ""}, {"at", point, ""}});
  wit::Function all;
  all.interface_name = "ns:pkg/iface@1.2.3";
  all.name = "all";
  all.docs = "everything";
  all.params = {
      {"a", wit::make_list(shape)},
      {"b", wit::make_option(wit::make_enum("e", {"x", "y"}))},
      {"c", wit::make_tuple({wit::make_primitive(Kind::kU8), wit::make_flags("f", {"g"})})},
      {"d", wit::make_map(wit::make_primitive(Kind::kString), point)},
      {"e", wit::make_fixed_list(wit::make_primitive(Kind::kChar), 4)}};
  all.result = wit::make_result(point, nullptr);
  wit::Function none;
  none.name = "none";
  ComponentInfo info{some_cid(), 42, {}, {"wasi:logging/logging", "x:y/z"}, "world w {}"};
  info.functions = {std::make_shared<const wit::Function>(all),
                    std::make_shared<const wit::Function>(none)};
  return info;
}

TEST(StartMessageTest, RoundTrips) {
  const auto spec = some_spec();
  const auto bytes = encode(spec);
  ASSERT_TRUE(bytes);
  const auto back = decode_start(*bytes);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->component, spec.component);
  EXPECT_EQ(back->function, spec.function);
  EXPECT_EQ(back->args, spec.args);
  EXPECT_EQ(back->seed, spec.seed);
  EXPECT_EQ(back->limits.memory_bytes, 1);
  EXPECT_EQ(back->limits.time.count(), 2);
  EXPECT_EQ(back->limits.fuel, 3);
  EXPECT_EQ(back->limits.result_bytes, 4);
  EXPECT_EQ(back->limits.log_lines, 5);
}

TEST(StartMessageTest, CarriesAnArgumentAsDeepAsAnyValue) {
  ipld::Value deep = 1;
  for (std::size_t i = 1; i < ipld::kMaxDepth; ++i) deep = ipld::List{deep};
  auto spec = some_spec();
  spec.args = {deep};
  const auto bytes = encode(spec);
  ASSERT_TRUE(bytes);
  const auto back = decode_start(*bytes);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->args, spec.args);
}

TEST(DoneMessageTest, RoundTripsAResult) {
  const TaskOutcome outcome{core::Bytes{1, 2, 3}, {std::chrono::nanoseconds(5), 6, 7}};
  const auto back = decode_done(encode(outcome));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->value, outcome.value);
  EXPECT_EQ(back->stats.run_time.count(), 5);
  EXPECT_EQ(back->stats.peak_memory_bytes, 6);
  EXPECT_EQ(back->stats.fuel, 7);
}

TEST(DoneMessageTest, RoundTripsEveryCode) {
  for (const auto& row : core::error_codes()) {
    const TaskOutcome outcome{core::fail(core::Error{row.code, "why", {{"key", "value"}}}), {}};
    const auto back = decode_done(encode(outcome));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->value, outcome.value) << row.name;
  }
}

TEST(LogMessageTest, RoundTrips) {
  const auto back = decode_log(encode(LogLine{core::LogLevel::kWarn, "guest:x", "text"}));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->level, core::LogLevel::kWarn);
  EXPECT_EQ(back->category, "guest:x");
  EXPECT_EQ(back->message, "text");
}

TEST(LogMessageTest, RepairsTextThatIsNone) {
  const auto back = decode_log(encode(LogLine{core::LogLevel::kWarn, "c", "a\xff"}));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->message, "a\xef\xbf\xbd");
}

TEST(WelcomeMessageTest, RoundTrips) {
  const auto back = decode_welcome(
      encode(Welcome{kProtocolVersion, {WorkerRole::kCompile, 1, 2, "/cache", 3, 4, 5}}));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->settings.role, WorkerRole::kCompile);
  EXPECT_EQ(back->settings.max_threads, 2);
  EXPECT_EQ(back->settings.code_cache, "/cache");
  EXPECT_EQ(back->settings.data_bytes, 3);
  EXPECT_EQ(back->settings.guest_bytes, 4);
  EXPECT_EQ(back->settings.cpu_seconds, 5);
}

TEST(WelcomeMessageTest, RefusesAnotherVersion) {
  const auto back = decode_welcome(encode(Welcome{kProtocolVersion + 1, {}}));
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().code, ErrorCode::kUnsupported);
}

TEST(ComponentInfoMessageTest, RoundTripsEveryShapeOfType) {
  const auto info = some_info();
  const auto back = decode_info(encode(info));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ((*back)->cid, info.cid);
  EXPECT_EQ((*back)->imports, info.imports);
  EXPECT_EQ((*back)->wit, info.wit);
  ASSERT_EQ((*back)->functions.size(), 2);
  const auto& all = *(*back)->functions[0];
  EXPECT_EQ(wit::render(all), wit::render(*info.functions[0]));
  EXPECT_EQ(all.full_name(), info.functions[0]->full_name());
  EXPECT_TRUE(wit::equal(*all.params[0].type, *info.functions[0]->params[0].type));
  EXPECT_EQ(all.params[3].type->element->fields[0].docs, "across");
}

TEST(ComponentInfoMessageTest, KeepsSharedTypesShared) {
  const auto back = decode_info(encode(some_info()));
  ASSERT_TRUE(back);
  const auto& all = *(*back)->functions[0];
  EXPECT_EQ(all.params[3].type->element, all.result->element);
}

TEST(ComponentInfoMessageTest, RefusesTypesThatUnfoldWithoutEnd) {
  auto type = wit::make_primitive(Kind::kU8);
  for (int i = 0; i < 60; ++i) type = wit::make_tuple({type, type});
  auto info = some_info();
  wit::Function function;
  function.name = "f";
  function.result = type;
  info.functions = {std::make_shared<const wit::Function>(function)};
  EXPECT_FALSE(decode_info(encode(info)));
}

TEST(ComponentInfoMessageTest, RefusesTypesThatNestDeeperThanTheStackBears) {
  const auto nested = [](int depth) {
    auto type = wit::make_primitive(Kind::kU8);
    for (int i = 1; i < depth; ++i) type = wit::make_list(type);
    wit::Function function;
    function.name = "f";
    function.result = type;
    auto info = some_info();
    info.functions = {std::make_shared<const wit::Function>(function)};
    return decode_info(encode(info));
  };
  EXPECT_TRUE(nested(1000));
  EXPECT_FALSE(nested(1001));
}

template <typename Decode>
void expect_no_truncation_decodes(const core::Bytes& bytes, Decode decode) {
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode(core::BytesView(bytes).first(size))) << size;
}

TEST(MessagesTest, RefuseEveryTruncation) {
  expect_no_truncation_decodes(*encode(some_spec()),
                               [](auto bytes) { return decode_start(bytes); });
  expect_no_truncation_decodes(encode(some_info()), [](auto bytes) { return decode_info(bytes); });
  expect_no_truncation_decodes(encode(LogLine{core::LogLevel::kInfo, "c", "m"}),
                               [](auto bytes) { return decode_log(bytes); });
  expect_no_truncation_decodes(encode(TaskOutcome{core::fail(ErrorCode::kTimeout, "why"), {}}),
                               [](auto bytes) { return decode_done(bytes); });
}

TEST(MessagesTest, SurviveDamage) {
  std::mt19937 random(2);
  const auto spec = *encode(some_spec());
  const auto info = encode(some_info());
  for (int round = 0; round < 20'000; ++round) {
    auto bytes = round % 2 == 0 ? spec : info;
    for (int i = 0; i < 3; ++i)
      bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random());
    (void)decode_start(bytes);
    (void)decode_info(bytes);
    (void)decode_done(bytes);
    (void)decode_loaded(bytes);
    (void)decode_log(bytes);
  }
}

}  // namespace
}  // namespace every::wasm::worker
