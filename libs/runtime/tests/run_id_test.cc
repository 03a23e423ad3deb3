#include "run_id.h"

#include <algorithm>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace every::runtime {
namespace {

TEST(RunIdTest, IdsOfOneMomentSortInTheOrderTheyWereAskedFor) {
  RunIds ids;
  std::vector<std::string> made;
  for (int i = 0; i < 10'000; ++i) made.push_back(ids.next(1'700'000'000'000'000'000 + i));
  EXPECT_TRUE(std::ranges::is_sorted(made));
  EXPECT_EQ(std::set<std::string>(made.begin(), made.end()).size(), made.size());
}

TEST(RunIdTest, IdsOfLaterMomentsSortBehindThoseOfEarlierOnes) {
  RunIds ids;
  const std::string first = ids.next(1'700'000'000'000'000'000);
  const std::string second = ids.next(1'700'000'000'001'000'000);
  EXPECT_LT(first, second);
  EXPECT_LT(first, id_at(1'700'000'000'001'000'000));
  EXPECT_LT(id_at(1'700'000'000'001'000'000), second);
}

TEST(RunIdTest, AClockThatWasSetBackGivesIdsOfItsTime) {
  RunIds ids;
  const std::string late = ids.next(1'700'000'000'001'000'000);
  EXPECT_LT(ids.next(1'700'000'000'000'000'000), late);
}

}  // namespace
}  // namespace every::runtime
