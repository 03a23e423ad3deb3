#include "every/store/homestar_form.h"

#include <gtest/gtest.h>

namespace every::store {
namespace {

using ipld::List;
using ipld::Map;
using ipld::Value;

const char* const kCid = "bafkreigf3oxcezq263nrripwo3nyfj7ppxsg2j6dujr2q4xqar4lbwm7yq";

struct Row {
  std::string name;
  Value theirs;
  Value ours;
};
struct HomestarFormTest : ::testing::TestWithParam<Row> {};

TEST_P(HomestarFormTest, IsWhatTheOriginalMakesOfIt) {
  EXPECT_TRUE(is_homestar_form(GetParam().theirs, GetParam().ours));
}
INSTANTIATE_TEST_SUITE_P(
    All, HomestarFormTest,
    ::testing::Values(
        Row{"Same", 2.5, 2.5}, Row{"TextNull", {}, "null"},
        Row{"TextOfACid", ipld::Cid::parse(kCid).value(), kCid},
        Row{"TextOfAReference", ipld::Cid::parse(kCid).value(), std::string("/ipfs/") + kCid},
        Row{"NoBytes", List{}, core::Bytes{}}, Row{"F32", 0.3333333, 0.33333334},
        Row{"TinyF32", 0.0, 1e-30},
        Row{"Pairs", Map{{"a", 1}, {"b", 2}}, List{List{"b", 2}, List{"a", 1}}},
        Row{"PairsOfOneKey", Map{{"a", 2}}, List{List{"a", 1}, List{"a", 2}}},
        Row{"NoPairs", Map{}, List{}}, Row{"SomeSome", 5, List{5}},
        Row{"SomeNone", {}, List{Value()}},
        Row{"Inside", List{"ok", Map{{"name", Value()}}}, List{"ok", Map{{"name", "null"}}}}),
    [](const auto& row) { return row.param.name; });

struct NotHomestarFormTest : ::testing::TestWithParam<Row> {};
TEST_P(NotHomestarFormTest, IsAnotherResult) {
  EXPECT_FALSE(is_homestar_form(GetParam().theirs, GetParam().ours));
}
INSTANTIATE_TEST_SUITE_P(
    All, NotHomestarFormTest,
    ::testing::Values(Row{"OtherText", {}, "nil"}, Row{"OtherNumber", 2.5, 2.6},
                      Row{"NearNumberThatIsNoF32", 0.1, 0.1000000001},
                      Row{"OtherCid", ipld::Cid::parse(kCid).value(), "text"},
                      Row{"Bytes", List{}, core::Bytes{1}}, Row{"IntegerForFloat", 2, 2.0},
                      Row{"PairMissing", Map{{"a", 1}}, List{List{"a", 1}, List{"b", 2}}},
                      Row{"PairTooMuch", Map{{"a", 1}, {"b", 2}}, List{List{"a", 1}}},
                      Row{"TheOtherWayRound", "null", {}}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace every::store
