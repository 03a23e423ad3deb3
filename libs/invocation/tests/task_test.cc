#include <limits>

#include "support.h"
#include <gtest/gtest.h>

#include "every/invocation/invocation.h"
#include "every/ipld/dag_cbor.h"

namespace every::invocation {
namespace {

using test::cid;
using test::json;
using test::normalize_url;

constexpr std::string_view kLink = "bafyrmihmxmsbt4n3g6dzmj7rho34mzfbaoqqbsfcq7etsogslqftbyj7du";

ipld::Map task() {
  return *json(R"({"cause":null,"meta":{"memory":4294967296,"time":100000},"prf":[],
    "run":{"input":{"args":[1],"func":"f"},"nnc":"","op":"wasm/run","rsc":"ipfs://bafkreifpuvdozlzwzpc2yhvf5aqzad7rnzme7ynqobfpokcqjdnohurjui"}})")
              .if_map();
}

ipld::Value with(std::string key, ipld::Value value) {
  ipld::Map map = task();
  map.set(std::move(key), std::move(value));
  return map;
}

TEST(TaskTest, ParseAndRenderAreInverses) {
  const auto parsed = Task::parse(task(), normalize_url);
  ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
  EXPECT_EQ(parsed->render(), ipld::Value(task()));
}

TEST(TaskTest, UnknownKeysAreDropped) {
  EXPECT_EQ(Task::parse(with("auth", "x"), normalize_url)->render(), ipld::Value(task()));
}

TEST(TaskTest, AMissingCauseIsWrittenAsNull) {
  ipld::Map map = task();
  map.erase("cause");
  EXPECT_EQ(Task::parse(map, normalize_url)->render(), ipld::Value(task()));
}

TEST(TaskTest, ACauseThatIsNoLinkIsWrittenAsNull) {
  EXPECT_EQ(Task::parse(with("cause", "because"), normalize_url)->render(), ipld::Value(task()));
}

TEST(TaskTest, ACauseThatIsALinkIsKept) {
  const ipld::Value value = with("cause", cid(kLink));
  EXPECT_EQ(Task::parse(value, normalize_url)->render(), value);
}

TEST(TaskTest, MetaIsKeptVerbatim) {
  for (const char* meta : {"null", "5", R"({"fuel":1.8446744073709552e19,"else":[]})"}) {
    EXPECT_EQ(Task::parse(with("meta", json(meta)), normalize_url)->meta, json(meta)) << meta;
  }
}

TEST(TaskTest, ProofsThatAreNoListAreWrittenAsNone) {
  EXPECT_EQ(Task::parse(with("prf", nullptr), normalize_url)->render(), ipld::Value(task()));
}

TEST(TaskTest, ProofsAreLinks) {
  const ipld::Value value = with("prf", ipld::List{cid(kLink)});
  EXPECT_EQ(Task::parse(value, normalize_url)->render(), value);
  const auto refused = Task::parse(with("prf", ipld::List{"text"}), normalize_url);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, core::ErrorCode::kMalformed);
}

class MissingTaskKeyTest : public testing::TestWithParam<const char*> {};
TEST_P(MissingTaskKeyTest, IsRefusedNamingIt) {
  ipld::Map map = task();
  map.erase(GetParam());
  const auto parsed = Task::parse(map, normalize_url);
  ASSERT_FALSE(parsed.has_value());
  EXPECT_EQ(parsed.error().code, core::ErrorCode::kMalformed);
  EXPECT_NE(parsed.error().message.find("`" + std::string(GetParam()) + "`"), std::string::npos)
      << parsed.error().message;
}
INSTANTIATE_TEST_SUITE_P(Required, MissingTaskKeyTest, testing::Values("run", "meta", "prf"));

TEST(WorkflowTest, ParseAndRenderAreInverses) {
  const ipld::Value value = ipld::Map{{"tasks", ipld::List{task(), task()}}};
  EXPECT_EQ(Workflow::parse(value, normalize_url)->render(), value);
}

// Whatever is written must be readable again: depth counts from the block, not from the value.
TEST(WorkflowTest, NestsAsDeepAsItsBlockMay) {
  for (const bool in_meta : {false, true}) {
    for (std::size_t levels = ipld::kMaxDepth - 6; levels <= ipld::kMaxDepth; ++levels) {
      ipld::Value nested = 1;
      for (std::size_t i = 0; i < levels; ++i) nested = ipld::List{std::move(nested)};
      Task deep = *Task::parse(task(), normalize_url);
      (in_meta ? deep.meta : deep.run.input) = std::move(nested);
      const Workflow workflow{{deep}};
      const auto written = workflow.encode();
      const auto encoded = ipld::dag_cbor::encode(workflow.render());
      ASSERT_EQ(written.has_value(), encoded.has_value()) << levels;
      if (written) {
        EXPECT_EQ(*written, *encoded);
      } else {
        EXPECT_EQ(written.error().find("path"), encoded.error().find("path"));
      }
      EXPECT_EQ(deep.invocation_cid().has_value(),
                ipld::dag_cbor::cid_of(ipld::Map{{"task", deep.render()}}).has_value());
      EXPECT_EQ(deep.run.cid().has_value(), ipld::dag_cbor::cid_of(deep.run.render()).has_value());
    }
  }
}

TEST(WorkflowTest, WhatHasNoBlockIsRefusedNamingWhere) {
  Task broken = *Task::parse(task(), normalize_url);
  broken.run.op = "\xff";
  EXPECT_EQ(Workflow{{broken}}.encode().error().find("path"),
            ipld::dag_cbor::encode(Workflow{{broken}}.render()).error().find("path"));
  EXPECT_FALSE(broken.run.cid());
  broken = *Task::parse(task(), normalize_url);
  broken.meta = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(Workflow{{broken}}.encode());
  EXPECT_TRUE(broken.run.cid());
  EXPECT_FALSE(broken.invocation_cid());
}

TEST(WorkflowTest, UnknownKeysAreDropped) {
  const ipld::Value value = ipld::Map{{"name", "x"}, {"tasks", ipld::List{task()}}};
  EXPECT_EQ(Workflow::parse(value, normalize_url)->render(),
            ipld::Value(ipld::Map{{"tasks", ipld::List{task()}}}));
}

TEST(WorkflowTest, AnInstructionThatIsALinkIsRefusedNamingTheTask) {
  const ipld::Value value = ipld::Map{{"tasks", ipld::List{task(), with("run", cid(kLink))}}};
  const auto parsed = Workflow::parse(value, normalize_url);
  ASSERT_FALSE(parsed.has_value());
  EXPECT_EQ(parsed.error().code, core::ErrorCode::kUnsupported);
  EXPECT_NE(parsed.error().message.find("tasks[1]"), std::string::npos) << parsed.error().message;
}

TEST(WorkflowTest, TasksMustBeAList) {
  for (const char* text : {"{}", R"({"tasks":{}})", "[]", "null"}) {
    const auto parsed = Workflow::parse(json(text), normalize_url);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_EQ(parsed.error().code, core::ErrorCode::kMalformed);
  }
}

struct LimitCase {
  const char* name;
  const char* meta;
  std::optional<std::uint64_t> memory, time, fuel;
};
class AskedLimitsTest : public testing::TestWithParam<LimitCase> {};
TEST_P(AskedLimitsTest, CountsOnlyWhatWasReallyAsked) {
  const AskedLimits asked = asked_limits(json(GetParam().meta));
  EXPECT_EQ(asked.memory_bytes, GetParam().memory);
  EXPECT_EQ(asked.time_ms, GetParam().time);
  EXPECT_EQ(asked.fuel, GetParam().fuel);
}
constexpr auto kNone = std::nullopt;
INSTANTIATE_TEST_SUITE_P(
    Meta, AskedLimitsTest,
    testing::Values(
        LimitCase{"Customary", R"({"memory":4294967296,"time":100000})", kNone, kNone, kNone},
        LimitCase{"FuelAsFloat", R"({"fuel":18446744073709552000})", kNone, kNone, kNone},
        LimitCase{"FuelAsInteger", R"({"fuel":18446744073709551615})", kNone, kNone, kNone},
        LimitCase{"Asked", R"({"memory":1048576,"time":250,"fuel":9})", 1048576, 250, 9},
        LimitCase{"WholeFloats", R"({"memory":1e6,"time":2.0})", 1000000, 2, kNone},
        LimitCase{"CustomaryAsFloats", R"({"memory":4294967296.0,"time":100000.0})", kNone, kNone,
                  kNone},
        LimitCase{"Nonsense", R"({"memory":-1,"time":"soon","fuel":1.5})", kNone, kNone, kNone},
        LimitCase{"NoMap", "null", kNone, kNone, kNone}),
    [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace every::invocation
