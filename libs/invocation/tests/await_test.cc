#include "support.h"
#include <gtest/gtest.h>

#include "every/invocation/invocation.h"

namespace every::invocation {
namespace {

using test::cid;
using test::json;

constexpr std::string_view kA = "bafyrmihmxmsbt4n3g6dzmj7rho34mzfbaoqqbsfcq7etsogslqftbyj7du";
constexpr std::string_view kB = "bafyrmigtptkfraoegchxtzn74hskd5vojaxhlqmqldlx5blvpngefa4kai";

ipld::Value await_of(std::string key, std::string_view link = kA) {
  return ipld::Map{{std::move(key), cid(link)}};
}

TEST(AwaitTest, EachKeyIsABranch) {
  EXPECT_EQ(Await::parse(await_of("await/ok")), (Await{Branch::kOk, cid(kA)}));
  EXPECT_EQ(Await::parse(await_of("await/error")), (Await{Branch::kError, cid(kA)}));
  EXPECT_EQ(Await::parse(await_of("await/*")), (Await{Branch::kAny, cid(kA)}));
}

TEST(AwaitTest, ParseAndRenderAreInverses) {
  for (const Branch branch : {Branch::kOk, Branch::kError, Branch::kAny}) {
    const Await await{branch, cid(kA)};
    EXPECT_EQ(Await::parse(await.render()), await);
  }
}

TEST(AwaitTest, OtherValuesAreNoAwaits) {
  EXPECT_EQ(Await::parse(await_of("photo")), std::nullopt);
  EXPECT_EQ(Await::parse(cid(kA)), std::nullopt);
  EXPECT_EQ(Await::parse(json(R"({"await/ok":"bafy"})")), std::nullopt);
  EXPECT_EQ(Await::parse(ipld::Map{{"await/ok", cid(kA)}, {"x", 1}}), std::nullopt);
  EXPECT_EQ(Await::parse(json(R"(["ok",1])")), std::nullopt);
}

TEST(FindAwaitsTest, FindsThemAnywhereInOrderWithDuplicates) {
  const ipld::Value value = ipld::List{
      await_of("await/ok"), ipld::Map{{"a", ipld::List{await_of("await/*", kB)}}, {"b", 1}},
      await_of("await/ok")};
  EXPECT_EQ(find_awaits(value),
            (std::vector<Await>{
                {Branch::kOk, cid(kA)}, {Branch::kAny, cid(kB)}, {Branch::kOk, cid(kA)}}));
}

TEST(FindAwaitsTest, FindsNoneInPlainValues) {
  EXPECT_TRUE(
      find_awaits(
          json(
              R"([1,{"x":["ok",{"/":"bafkreifpuvdozlzwzpc2yhvf5aqzad7rnzme7ynqobfpokcqjdnohurjui"}]}])"))
          .empty());
}

TEST(ReplaceAwaitsTest, PutsAValueInEachPlaceAndLeavesTheRest) {
  const ipld::Value value = ipld::List{
      1, ipld::Map{{"a", await_of("await/ok")}, {"b", ipld::List{await_of("await/error", kB)}}}};
  int calls = 0;
  const auto replaced = replace_awaits(value, [&](const Await& await) -> core::Result<ipld::Value> {
    ++calls;
    return ipld::Value(await.instruction == cid(kA) ? "first" : "second");
  });
  ASSERT_TRUE(replaced.has_value());
  EXPECT_EQ(*replaced, json(R"([1,{"a":"first","b":["second"]}])"));
  EXPECT_EQ(calls, 2);
}

TEST(ReplaceAwaitsTest, DoesNotLookIntoWhatItPutIn) {
  int calls = 0;
  const auto replaced =
      replace_awaits(await_of("await/ok"), [&](const Await&) -> core::Result<ipld::Value> {
        ++calls;
        return await_of("await/ok", kB);
      });
  EXPECT_EQ(*replaced, await_of("await/ok", kB));
  EXPECT_EQ(calls, 1);
}

TEST(ReplaceAwaitsTest, StopsAtTheFirstError) {
  int calls = 0;
  const auto replaced =
      replace_awaits(ipld::List{await_of("await/ok"), await_of("await/ok", kB)},
                     [&](const Await&) -> core::Result<ipld::Value> {
                       ++calls;
                       return core::fail(core::ErrorCode::kDependencyFailed, "no");
                     });
  ASSERT_FALSE(replaced.has_value());
  EXPECT_EQ(replaced.error().code, core::ErrorCode::kDependencyFailed);
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace every::invocation
