#include "task_set.h"

#include <gtest/gtest.h>

namespace every::gateway {
namespace {

TEST(TaskSetTest, JoinsRangesWhateverTheOrder) {
  TaskSet set;
  for (const std::uint32_t task : {5u, 0u, 2u, 1u, 7u, 6u, 1u}) set.insert(task);
  EXPECT_EQ(set.render(100), "0-2,5-7");
  EXPECT_TRUE(set.contains(2));
  EXPECT_FALSE(set.contains(3));
  EXPECT_TRUE(set.contains(7));
  EXPECT_FALSE(set.contains(8));
}

TEST(TaskSetTest, ReadsWhatItWrote) {
  for (const std::string_view text : {"", "0", "0-3", "1,3-5,9"})
    EXPECT_EQ(TaskSet::parse(text).render(100), text);
}

TEST(TaskSetTest, TakesWhatItDoesNotUnderstandForNothing) {
  for (const std::string_view text :
       {"end", "a-b", "3-1", "5,2", "1,,2", "1-", "-1", "0-4294967295", "99999999999", "1 "})
    EXPECT_EQ(TaskSet::parse(text).render(100), "") << text;
}

TEST(TaskSetTest, LeavesOutWhatDoesNotFit) {
  TaskSet set;
  for (std::uint32_t task = 0; task < 1000; task += 2) set.insert(task);
  const std::string text = set.render(20);
  EXPECT_LE(text.size(), 20u);
  EXPECT_EQ(TaskSet::parse(text).render(100), text);
}

}  // namespace
}  // namespace every::gateway
