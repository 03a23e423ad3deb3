#include "result_body.h"

#include "js_json.h"
#include "support.h"
#include <gtest/gtest.h>

namespace every::gateway {
namespace {

using ipld::Integer;
using ipld::List;
using ipld::Map;
using ipld::Value;

struct Row {
  std::string_view name;
  Value value;
  std::string_view content_type;
  std::string_view js_type;
  std::string_view body;
  std::string_view entry;  ///< `out`, `type` and `headers` of the entry in the list of all results
};

class ResultBodyTest : public ::testing::TestWithParam<Row> {};

TEST_P(ResultBodyTest, RendersAValueAsABody) {
  const Body body = render_body(GetParam().value);
  EXPECT_EQ(body.content_type, GetParam().content_type);
  EXPECT_EQ(body.js_type, GetParam().js_type);
  EXPECT_EQ(body.bytes, GetParam().body);
}

TEST_P(ResultBodyTest, RendersAValueAsOneOfAllResults) {
  runtime::TaskAnswer task{0,
                           "t",
                           "f",
                           std::nullopt,
                           ipld::Cid::of_dag_cbor({}),
                           runtime::TaskState::kOk,
                           std::nullopt,
                           std::make_shared<const Value>(GetParam().value),
                           nullptr,
                           true,
                           std::nullopt,
                           {}};
  std::string out;
  append_all_results_entry(out, task);
  EXPECT_EQ(out, "{" + std::string(GetParam().entry) + ",\"replayed\":true}");
}

#define TEXT_HEADERS R"("headers":{"Content-Type":"text/plain; charset=utf-8"})"
#define JSON_HEADERS R"("headers":{"Content-Type":"application/json; charset=utf-8"})"

INSTANTIATE_TEST_SUITE_P(
    Values, ResultBodyTest,
    ::testing::Values(
        Row{"fraction", 8.3, kText, "Number", "8.3", R"("out":8.3,"type":"Number",)" TEXT_HEADERS},
        Row{"whole_float", 3.0, kText, "Number", "3", R"("out":3,"type":"Number",)" TEXT_HEADERS},
        Row{"huge_float", 1e21, kText, "Number", "1e+21",
            R"("out":1e+21,"type":"Number",)" TEXT_HEADERS},
        Row{"negative_zero", -0.0, kText, "Number", "0",
            R"("out":0,"type":"Number",)" TEXT_HEADERS},
        Row{"integer", 7, kText, "Number", "7", R"("out":7,"type":"Number",)" TEXT_HEADERS},
        Row{"integer_beyond_a_double", Integer::from_unsigned(18446744073709551615U), kText,
            "BigInt", "18446744073709551615",
            R"("out":"18446744073709551615","type":"BigInt",)" TEXT_HEADERS},
        Row{"text", "Hello Gary", kText, "String", "Hello Gary",
            R"("out":"Hello Gary","type":"String",)" TEXT_HEADERS},
        Row{"svg_text", "<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", "String",
            "<svg xmlns='http://www.w3.org/2000/svg'/>",
            R"("out":"<svg xmlns='http://www.w3.org/2000/svg'/>","type":"String","headers":{"Content-Type":"image/svg+xml"})"},
        Row{"list", List{1.5, "a", 2.0}, kJson, "Array", R"([1.5,"a",2])",
            R"("out":"[1.5,\"a\",2]","type":"Array",)" JSON_HEADERS},
        Row{"map", Map{{"x", 1}, {"y", nullptr}}, kJson, "Object", R"({"x":1,"y":null})",
            R"("out":"{\"x\":1,\"y\":null}","type":"Object",)" JSON_HEADERS},
        Row{"boolean", true, kJson, "Boolean", "true",
            R"("out":true,"type":"Boolean",)" JSON_HEADERS},
        Row{"null", nullptr, kJson, "Null", "null", R"("out":null,"type":"Null",)" JSON_HEADERS},
        Row{"bytes", core::Bytes{1, 2}, "application/octet-stream", "Uint8Array", "\x01\x02",
            R"("out":{"0":1,"1":2},"type":"Uint8Array","headers":{"Content-Type":"application/octet-stream","Content-Length":2})"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(ResultBodyTest, SaysTheStateOfATaskWithoutOutput) {
  runtime::TaskAnswer task{0,
                           "t",
                           "f",
                           std::nullopt,
                           ipld::Cid::of_dag_cbor({}),
                           runtime::TaskState::kSkipped,
                           std::nullopt,
                           nullptr,
                           nullptr,
                           false,
                           core::Error{core::ErrorCode::kDependencyFailed, "nothing failed", {}},
                           {}};
  std::string out;
  append_all_results_entry(out, task);
  const auto entry = boost::json::parse(out);
  EXPECT_TRUE(entry.at("out").is_null());
  EXPECT_EQ(entry.at("state").as_string(), "skipped");
  EXPECT_EQ(entry.at("error").as_string(), "nothing failed");
}

struct PairRow {
  std::string_view name;
  wit::TypePtr ok;
  wit::TypePtr err;
  Value value;
  ResultParts::Branch branch;
  Value payload;
};

class SplitResultTest : public ::testing::TestWithParam<PairRow> {};

TEST_P(SplitResultTest, TakesAResultApart) {
  const auto type = wit::make_result(GetParam().ok, GetParam().err);
  const auto parts = split_result(GetParam().value, type.get());
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->branch, GetParam().branch);
  EXPECT_EQ(parts->value, GetParam().payload);
}

const auto kU32 = wit::make_primitive(wit::Kind::kU32);
const auto kOptional = wit::make_option(kU32);
using enum ResultParts::Branch;

INSTANTIATE_TEST_SUITE_P(
    Pairs, SplitResultTest,
    ::testing::Values(
        PairRow{"ok", kU32, kU32, List{5, nullptr}, kOk, 5},
        PairRow{"err", kU32, kU32, List{nullptr, 6}, kErr, 6},
        PairRow{"ok_without_payload", nullptr, kU32, List{1, nullptr}, kOk, nullptr},
        PairRow{"err_without_payload", kU32, nullptr, List{nullptr, 1}, kErr, nullptr},
        PairRow{"ok_of_nothing", kOptional, kU32, List{nullptr, nullptr}, kOk, nullptr},
        PairRow{"err_of_nothing", kU32, kOptional, List{nullptr, nullptr}, kErr, nullptr}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(SplitResultTest, LeavesOtherTypesAlone) {
  EXPECT_FALSE(split_result(List{5, nullptr}, wit::make_list(kU32).get()));
  EXPECT_FALSE(split_result(List{5, nullptr}, nullptr));
}

TEST(JsJsonTest, EscapesWhatJsonCannotHold) {
  EXPECT_EQ(render_json_string("a\"\\\n\x01"), R"("a\"\\\n\u0001")");
}

TEST(JsJsonTest, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(render_json_string("a\xff"), "\"a\xef\xbf\xbd\"");
}

TEST(JsJsonTest, WritesLinksAndBytesInTheirDagJsonForm) {
  EXPECT_EQ(render_js_json(List{core::Bytes{1, 2, 3}}), R"([{"/":{"bytes":"AQID"}}])");
}

}  // namespace
}  // namespace every::gateway
