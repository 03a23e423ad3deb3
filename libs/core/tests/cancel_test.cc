#include "every/core/cancel.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

namespace every::core {
namespace {

TEST(CancelTokenTest, OfNoSourceIsNeverCancelled) {
  EXPECT_FALSE(CancelToken().cancelled());
}

TEST(CancelTokenTest, CallsEachCallbackOnce) {
  const CancelSource source;
  int calls = 0;
  const auto registration = source.token().on_cancel([&] { ++calls; });
  source.cancel();
  source.cancel();
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(source.token().cancelled());
}

TEST(CancelTokenTest, CallsAtOnceWhenAlreadyCancelled) {
  const CancelSource source;
  source.cancel();
  bool called = false;
  const auto registration = source.token().on_cancel([&] { called = true; });
  EXPECT_TRUE(called);
}

TEST(CancelTokenTest, DoesNotCallAfterTheRegistrationIsGone) {
  const CancelSource source;
  bool called = false;
  {
    const auto registration = source.token().on_cancel([&] { called = true; });
  }
  source.cancel();
  EXPECT_FALSE(called);
}

TEST(CancelTokenTest, RemovingWaitsForACallbackUnderWay) {
  const CancelSource source;
  std::atomic<bool> entered = false;
  std::atomic<bool> released = false;
  std::atomic<bool> finished = false;
  auto registration = std::make_unique<CancelToken::Registration>(source.token().on_cancel([&] {
    entered = true;
    while (!released) std::this_thread::yield();
    finished = true;
  }));
  std::thread canceller([&] { source.cancel(); });
  while (!entered) std::this_thread::yield();
  std::thread releaser([&] { released = true; });
  registration.reset();
  EXPECT_TRUE(finished);
  canceller.join();
  releaser.join();
}

}  // namespace
}  // namespace every::core
