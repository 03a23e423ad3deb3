#include "workflow_cache.h"

#include <string>

#include <gtest/gtest.h>

namespace every::gateway {
namespace {

constexpr std::string_view kJsonType = "application/json";

std::shared_ptr<const ReadWorkflow> read_by(
    const std::shared_ptr<const workflow::FunctionTable>& functions) {
  return std::make_shared<const ReadWorkflow>(ReadWorkflow{functions, {}, nullptr});
}

const auto kFunctions = std::make_shared<const workflow::FunctionTable>();

TEST(WorkflowCacheTest, FindsWhatTheSameBodyWasReadAs) {
  WorkflowCache cache;
  const auto read = read_by(kFunctions);
  cache.put(kJsonType, "{}", read);
  EXPECT_EQ(cache.find(kJsonType, "{}", kFunctions), read);
  EXPECT_EQ(cache.find(kJsonType, "{} ", kFunctions), nullptr);
}

TEST(WorkflowCacheTest, TellsBodiesOfAnotherContentTypeApart) {
  WorkflowCache cache;
  cache.put(kJsonType, "{}", read_by(kFunctions));
  EXPECT_EQ(cache.find("application/cbor", "{}", kFunctions), nullptr);
}

TEST(WorkflowCacheTest, FindsNothingThatWasReadByOtherFunctions) {
  WorkflowCache cache;
  cache.put(kJsonType, "{}", read_by(kFunctions));
  const auto others = std::make_shared<const workflow::FunctionTable>();
  EXPECT_EQ(cache.find(kJsonType, "{}", others), nullptr);
  const auto read = read_by(others);
  cache.put(kJsonType, "{}", read);
  EXPECT_EQ(cache.find(kJsonType, "{}", others), read);
}

TEST(WorkflowCacheTest, LetsGoOfWhatWasNotAskedForLongest) {
  WorkflowCache cache(std::size_t{8} << 10);  // three small bodies
  for (const char* body : {"1", "2", "3"}) cache.put(kJsonType, body, read_by(kFunctions));
  ASSERT_NE(cache.find(kJsonType, "1", kFunctions), nullptr);
  cache.put(kJsonType, "4", read_by(kFunctions));
  EXPECT_EQ(cache.find(kJsonType, "2", kFunctions), nullptr);
  for (const char* body : {"1", "3", "4"}) {
    EXPECT_NE(cache.find(kJsonType, body, kFunctions), nullptr) << body;
  }
}

TEST(WorkflowCacheTest, KeepsNoLargeBody) {
  WorkflowCache cache;
  const std::string large(WorkflowCache::kLargestBody + 1, ' ');
  cache.put(kJsonType, large, read_by(kFunctions));
  EXPECT_EQ(cache.find(kJsonType, large, kFunctions), nullptr);
}

}  // namespace
}  // namespace every::gateway
