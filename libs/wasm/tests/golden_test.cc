// Every type the original runtime was asked to echo, against the receipts it issued (tests/data/types/golden.json).
#include <map>
#include <set>

#include "harness.h"
#include <gtest/gtest.h>

#include "every/ipld/dag_json.h"

namespace every::wasm {
namespace {

struct Case {
  std::string name;
  std::string function;
  ipld::List args;
  ipld::Value out;
};

ipld::Value parse(const std::string& text) {
  auto value = ipld::dag_json::decode(text);
  EXPECT_TRUE(value) << text;
  return value.value_or(ipld::Value());
}

/// Where the original loses information, and where the value awaits another's.
const std::map<std::string, std::string>& ours() {
  static const std::map<std::string, std::string> table = {
      {"f32_pi", "3.1415927"},
      {"string_null", R"("null")"},
      {"string_cid", R"("bafybeigyzag5d4vokwcqvfxnvbnnkhzgfcutf4uxloco565kwm3ipoyh3e")"},
      {"bytes_empty", R"({"/":{"bytes":""}})"},
      {"list_string_ok", R"(["ok","b"])"},
      {"pairs_list", R"([["a",1],["b",2]])"},
      {"option_option_none", "null"},
      {"f64_integral", "2.0"}};
  return table;
}

const std::set<std::string>& refused() {
  static const std::set<std::string> names = {"option_option_some", "pairs_map", "e_float_for_int",
                                              "e_too_many"};
  return names;
}

std::vector<Case> cases() {
  const auto bytes = read_data("types/golden.json");
  const auto golden = ipld::dag_json::decode(core::as_text(bytes));
  std::vector<Case> out;
  for (const auto& [name, entry] : *golden->if_map()->find("cases")->if_map()) {
    const auto& task =
        entry.if_map()->find("workflow")->if_map()->find("tasks")->if_list()->front();
    const auto* input = task.if_map()->find("run")->if_map()->find("input")->if_map();
    Case item{name, *input->find("func")->if_string(), *input->find("args")->if_list(), {}};
    const auto* receipts = entry.if_map()->find("receipts");
    if (ours().contains(name)) {
      item.out = parse(ours().at(name));
    } else if (entry.if_map()->find("error") || refused().contains(name)) {
      item.out = ipld::Value("refused");
    } else if (receipts && !receipts->if_list()->empty()) {
      item.out = receipts->if_list()->front().if_map()->find("out")->if_list()->back();
    }
    out.push_back(std::move(item));
  }
  return out;
}

class GoldenTest : public ::testing::TestWithParam<Case> {
 protected:
  static Harness& harness() {
    static Harness harness(read_data("types/types.wasm"));
    return harness;
  }
};

TEST_P(GoldenTest, AnswersAsTheOriginalDidOrSaysWhyNot) {
  const auto ran = harness().call(GetParam().function, GetParam().args);
  if (GetParam().out == ipld::Value("refused")) {
    ASSERT_FALSE(ran.value);
    EXPECT_TRUE(ran.error().starts_with("not able to run fn ")) << ran.error();
  } else {
    ASSERT_TRUE(ran.value) << ran.error();
    EXPECT_EQ(*ran.value, GetParam().out) << *ipld::dag_json::encode(*ran.value);
  }
}

INSTANTIATE_TEST_SUITE_P(Types, GoldenTest, ::testing::ValuesIn(cases()),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace every::wasm
