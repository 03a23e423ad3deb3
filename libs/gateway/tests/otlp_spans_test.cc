#include "otlp_spans.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace every::gateway::otlp {
namespace {

namespace json = boost::json;

constexpr std::string_view kParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

const ipld::Cid kCid = ipld::Cid::of_dag_cbor(core::as_bytes(std::string_view("instruction")));

runtime::TaskAnswer a_task() {
  runtime::TaskAnswer task{.instruction = kCid};
  task.task = 3;
  task.name = "sum";
  task.func = "add";
  task.state = runtime::TaskState::kOk;
  task.trace.way = invocation::Way::kRan;
  task.trace.ready = 1'795'773'600'000'000'001;
  task.trace.started = 1'795'773'600'000'000'002;
  task.trace.ended = 1'795'773'600'000'000'003;
  return task;
}

json::object span_of(const Item& item) {
  return json::parse(render_span(item)).as_object();
}

json::value attribute(const json::object& span, std::string_view key) {
  for (const json::value& entry : span.at("attributes").as_array()) {
    if (entry.at("key").as_string() == key) return entry.at("value");
  }
  return nullptr;
}

TEST(OtlpSpansTest, ATaskIsASpanBelowItsRun) {
  const json::object span = span_of({"run1", "", a_task()});
  EXPECT_EQ(span.at("traceId").as_string(), trace_id_of("run1"));
  EXPECT_EQ(span.at("spanId").as_string(), span_id_of("run1", 3));
  EXPECT_EQ(span.at("parentSpanId").as_string(), span_id_of("run1"));
  EXPECT_EQ(span.at("name").as_string(), "add");
  EXPECT_EQ(span.at("kind").as_int64(), 1);
  EXPECT_EQ(span.at("startTimeUnixNano").as_string(), "1795773600000000001");
  EXPECT_EQ(span.at("endTimeUnixNano").as_string(), "1795773600000000003");
  EXPECT_EQ(span.at("events").at(0).at("timeUnixNano").as_string(), "1795773600000000002");
  EXPECT_EQ(span.at("status").at("code").as_int64(), 1);
  EXPECT_EQ(attribute(span, "every.task.index"), json::value({{"intValue", "3"}}));
  EXPECT_EQ(attribute(span, "every.task.way"), json::value({{"stringValue", "ran"}}));
  EXPECT_EQ(attribute(span, "every.task.replayed"), json::value({{"boolValue", false}}));
  EXPECT_TRUE(attribute(span, "every.receipt").is_null()) << "what is not known is left out";
}

TEST(OtlpSpansTest, AFailureHasItsMessageWhateverItsBytes) {
  runtime::TaskAnswer task = a_task();
  task.state = runtime::TaskState::kFailed;
  task.error = core::Error{core::ErrorCode::kGuestTrap, "it said \"no\"\n\xff", {}};
  const json::object span = span_of({"run1", "", task});
  EXPECT_EQ(span.at("status").at("code").as_int64(), 2);
  EXPECT_EQ(span.at("status").at("message").as_string(), "it said \"no\"\n\xef\xbf\xbd");
  EXPECT_EQ(attribute(span, "error.type"), json::value({{"stringValue", "guest_trap"}}));
}

TEST(OtlpSpansTest, ARunIsTheRootOrBelowItsRequest) {
  const runtime::RunAnswer run{.id = "run1",
                               .name = "orders",
                               .workflow = kCid,
                               .state = runtime::RunState::kCompleted,
                               .tasks = {},
                               .answer = {},
                               .error = {},
                               .accepted = 5,
                               .finished = 9};
  const json::object root = span_of({"run1", "", run, 7});
  EXPECT_EQ(root.at("name").as_string(), "run orders");
  EXPECT_FALSE(root.contains("parentSpanId"));
  EXPECT_EQ(attribute(root, "every.run.tasks"), json::value({{"intValue", "7"}}));
  const json::object below = span_of({"run1", std::string(kParent), run, 7});
  EXPECT_EQ(below.at("traceId").as_string(), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(below.at("parentSpanId").as_string(), "b7ad6b7169203331");
  EXPECT_EQ(below.at("spanId"), root.at("spanId")) << "ids follow from the run's";
  EXPECT_EQ(below.at("kind").as_int64(), 2);
}

TEST(OtlpSpansTest, IdsAreOfTheRightSizeAndDiffer) {
  EXPECT_EQ(trace_id_of("r").size(), 32u);
  EXPECT_EQ(span_id_of("r").size(), 16u);
  EXPECT_NE(span_id_of("r", 0), span_id_of("r", 1));
  EXPECT_NE(span_id_of("r", 0), span_id_of("r"));
  EXPECT_EQ(trace_id_of("r"), trace_id_of("r"));
  EXPECT_NE(trace_id_of("r"), trace_id_of("s"));
}

TEST(OtlpSpansTest, AParentIsReadAsTheStandardHasIt) {
  const auto parent = TraceParent::parse(kParent);
  ASSERT_TRUE(parent);
  EXPECT_EQ(parent->span_id, "b7ad6b7169203331");
  EXPECT_EQ(parent->sampled, TraceParent::Sampled::kYes);
  const std::string later = "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00-more";
  ASSERT_TRUE(TraceParent::parse(later));
  EXPECT_EQ(TraceParent::parse(later)->sampled, TraceParent::Sampled::kNo);
  EXPECT_FALSE(is_sampled(later));
  EXPECT_TRUE(is_sampled(""));
}

class OddParentTest : public ::testing::TestWithParam<const char*> {};

TEST_P(OddParentTest, IsNone) {
  EXPECT_FALSE(TraceParent::parse(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(
    W3c, OddParentTest,
    ::testing::Values("", "00-", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
                      "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                      "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                      "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                      "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g",
                      "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));

TEST(OtlpSpansTest, ARequestNamesItsSender) {
  const std::vector<std::pair<std::string, std::string>> resource{{"service.name", "every"}};
  const std::vector<Item> items{{"run1", "", a_task()}, {"run2", "", a_task()}};
  const auto request = json::parse(render_request(resource, "1.0", items));
  const auto& one = request.at("resourceSpans").as_array();
  ASSERT_EQ(one.size(), 1u);
  EXPECT_EQ(one[0].at("resource").at("attributes").at(0).at("value").at("stringValue").as_string(),
            "every");
  EXPECT_EQ(one[0].at("scopeSpans").at(0).at("scope").at("version").as_string(), "1.0");
  EXPECT_EQ(one[0].at("scopeSpans").at(0).at("spans").as_array().size(), 2u);
}

}  // namespace
}  // namespace every::gateway::otlp
