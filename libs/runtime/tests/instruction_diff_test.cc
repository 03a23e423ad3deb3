#include "instruction_diff.h"

#include <gtest/gtest.h>

#include "every/ipld/dag_json.h"

namespace every::runtime {
namespace {

using Field = Difference::Field;

const char* const kOld = "bafkreiazcgwgx2jv7fkef5xzijilqsqdlsejtkx5r25gnmw6usgirxru6e";
const char* const kNew = "bafkreifpuvdozlzwzpc2yhvf5aqzad7rnzme7ynqobfpokcqjdnohurjui";

invocation::Instruction make(const std::string& func, const std::string& args,
                             const std::string& component = kOld) {
  invocation::Instruction instruction;
  instruction.rsc = "ipfs://" + component;
  instruction.op = "wasm/run";
  instruction.input = *ipld::dag_json::decode(R"({"func":")" + func + R"(","args":)" + args + "}");
  return instruction;
}
std::string await(const std::string& cid, const std::string& branch = "ok") {
  return R"({"await/)" + branch + R"(":{"/":")" + cid + R"("}})";
}

TEST(InstructionDiffTest, EqualInstructionsDifferInNothing) {
  EXPECT_EQ(distance(make("add", "[1,2]"), make("add", "[1,2]")), 0u);
  EXPECT_TRUE(diff(make("add", "[1,2]"), make("add", "[1,2]")).list.empty());
}

TEST(InstructionDiffTest, NamesTheValueThatDiffersByItsPath) {
  const auto found =
      diff(make("f", R"([1,{"size":{"w":3,"h":4}}])"), make("f", R"([1,{"size":{"w":3,"h":5}}])"));
  ASSERT_EQ(found.list.size(), 1u);
  EXPECT_EQ(found.list[0].field, Field::kArgument);
  EXPECT_EQ(found.list[0].path, "args[1].size.h");
  EXPECT_EQ(found.list[0].before, "4");
  EXPECT_EQ(found.list[0].after, "5");
}

TEST(InstructionDiffTest, TellsAnIntegerFromAFloat) {
  const auto found = diff(make("f", "[2]"), make("f", "[2.0]"));
  ASSERT_EQ(found.list.size(), 1u);
  EXPECT_NE(found.list[0].before, found.list[0].after);
}

TEST(InstructionDiffTest, NamesMembersAndArgumentsThatAreThereOnOneSideOnly) {
  const auto found = diff(make("f", R"([{"a":1,"b":2}])"), make("f", R"([{"b":2,"c":3}, 9])"));
  ASSERT_EQ(found.list.size(), 3u);
  EXPECT_EQ(found.list[0].path, "args[0].a");
  EXPECT_EQ(found.list[0].after, "");
  EXPECT_EQ(found.list[1].path, "args[0].c");
  EXPECT_EQ(found.list[1].before, "");
  EXPECT_EQ(found.list[2].path, "args[1]");
  EXPECT_EQ(found.list[2].after, "9");
}

TEST(InstructionDiffTest, TellsComponentFunctionAndNonceApart) {
  auto after = make("g", "[1]", kNew);
  after.nnc = invocation::Nonce::from_random({});
  const auto found = diff(make("f", "[1]"), after);
  ASSERT_EQ(found.list.size(), 3u);
  EXPECT_EQ(found.list[0].field, Field::kComponent);
  EXPECT_EQ(found.list[0].before, kOld);
  EXPECT_EQ(found.list[0].after, kNew);
  EXPECT_EQ(found.list[1].field, Field::kFunction);
  EXPECT_EQ(found.list[2].field, Field::kNonce);
  EXPECT_EQ(found.list[2].before, "");
  EXPECT_EQ(distance(make("f", "[1]"), after), 3u);
}

TEST(InstructionDiffTest, AnotherAddressOfTheSameComponentIsADifference) {
  auto after = make("f", "[1]");
  after.rsc = "https://ipfs.io/ipfs/" + std::string(kOld);
  const auto found = diff(make("f", "[1]"), after);
  ASSERT_EQ(found.list.size(), 1u);
  EXPECT_EQ(found.list[0].field, Field::kComponent);
  EXPECT_EQ(found.list[0].after, after.rsc);
}

TEST(InstructionDiffTest, AwaitsOfOtherInstructionsAreToldAsSuch) {
  const auto found = diff(make("f", "[" + await(kOld) + "]"), make("f", "[" + await(kNew) + "]"));
  ASSERT_EQ(found.list.size(), 1u);
  EXPECT_EQ(found.list[0].field, Field::kAwait);
  EXPECT_EQ(found.list[0].before, kOld);
  const auto branch =
      diff(make("f", "[" + await(kOld) + "]"), make("f", "[" + await(kOld, "error") + "]"));
  ASSERT_EQ(branch.list.size(), 1u);
  EXPECT_EQ(branch.list[0].field, Field::kArgument) << "the same instruction by another branch";
}

TEST(InstructionDiffTest, ListsTheFirstOfManyDifferencesAndCountsTheRest) {
  std::string before = "[";
  std::string after = "[";
  for (int i = 0; i < 100; ++i) {
    before += (i > 0 ? ",1" : "1");
    after += (i > 0 ? ",2" : "2");
  }
  const auto found = diff(make("f", "[" + before + "]]"), make("f", "[" + after + "]]"));
  EXPECT_EQ(found.list.size() + found.more, 100u);
  EXPECT_LT(found.list.size(), 20u);
}

TEST(InstructionDiffTest, SaysALargeValueByItsSize) {
  EXPECT_EQ(brief(ipld::Value(core::Bytes(1 << 20, 7))), "(bytes of 1048581 bytes)");
  EXPECT_LT(brief(ipld::Value(std::string(1000, 'x'))).size(), 100u);
  EXPECT_EQ(brief(ipld::Value("short")), "\"short\"");
}

TEST(InstructionDiffTest, SurvivesInstructionsThatAreNoneOfOurs) {
  invocation::Instruction odd;
  odd.input = ipld::Value(7);
  EXPECT_GT(distance(odd, make("f", "[1]")), 0u);
  EXPECT_FALSE(diff(odd, make("f", "[1]")).list.empty());
}

TEST(BuildChangesTest, NameFilesToolsAndOptions) {
  const BuildNote before{
      "rust", 1, {{"rustc", "1.89"}}, {{"profile", "release"}}, {{"a.rs", "x"}, {"b.rs", "y"}}};
  const BuildNote after{
      "rust", 2, {{"rustc", "1.90"}}, {{"profile", "release"}}, {{"a.rs", "z"}, {"c.rs", "y"}}};
  EXPECT_EQ(build_changes(before, after),
            (std::vector<std::string>{"file a.rs changed", "file b.rs is gone", "file c.rs is new",
                                      "tool rustc: 1.89 → 1.90"}));
  EXPECT_EQ(build_changes(before, before).size(), 1u);
}

}  // namespace
}  // namespace every::runtime
