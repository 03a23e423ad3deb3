#include "known_filter.h"

#include <string>

#include <gtest/gtest.h>

#include "every/core/bytes.h"

namespace every::store {
namespace {

ipld::Cid numbered(std::size_t number) {
  return ipld::Cid::of_dag_cbor(core::as_bytes(std::to_string(number)));
}

TEST(KnownFilterTest, SaysPerhapsToEverythingUntilItIsComplete) {
  KnownFilter filter;
  EXPECT_TRUE(filter.may_hold(numbered(1)));
  filter.complete();
  EXPECT_FALSE(filter.may_hold(numbered(1)));
}

TEST(KnownFilterTest, NeverSaysNoToWhatWasAddedHoweverMuchThatIs) {
  KnownFilter filter;
  filter.complete();
  constexpr std::size_t kMany = 300'000;  // several layers
  for (std::size_t i = 0; i < kMany; ++i) filter.add(numbered(i));
  std::size_t missing = 0;
  for (std::size_t i = 0; i < kMany; ++i) missing += filter.may_hold(numbered(i)) ? 0 : 1;
  EXPECT_EQ(missing, 0u);
}

TEST(KnownFilterTest, IsSeldomWrongAboutWhatWasNotAdded) {
  KnownFilter filter;
  filter.complete();
  constexpr std::size_t kMany = 100'000;
  for (std::size_t i = 0; i < kMany; ++i) filter.add(numbered(i));
  std::size_t wrong = 0;
  for (std::size_t i = kMany; i < 2 * kMany; ++i) wrong += filter.may_hold(numbered(i)) ? 1 : 0;
  EXPECT_LT(wrong, kMany / 25);
}

TEST(KnownFilterTest, TakesWhatItHoldsWithoutGrowing) {
  KnownFilter filter;
  filter.complete();
  for (std::size_t round = 0; round < 100'000; ++round) filter.add(numbered(round % 10));
  std::size_t wrong = 0;
  for (std::size_t i = 10; i < 10'010; ++i) wrong += filter.may_hold(numbered(i)) ? 1 : 0;
  EXPECT_EQ(wrong, 0u);
}

}  // namespace
}  // namespace every::store
