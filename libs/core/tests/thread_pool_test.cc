#include "every/core/thread_pool.h"

#include <atomic>
#include <memory>

#include <gtest/gtest.h>

#include "every/core/guarded.h"

namespace every::core {
namespace {

TEST(ThreadPoolTest, RunsEveryPostedJobBeforeItStops) {
  std::atomic<int> sum = 0;
  ThreadPool pool("test", 3);
  for (int i = 1; i <= 100; ++i) {
    EXPECT_EQ(pool.post([&sum, owned = std::make_unique<int>(i)] { sum += *owned; }),
              ThreadPool::Posted::kYes);
  }
  pool.stop();
  EXPECT_EQ(sum, 5050);
}

TEST(ThreadPoolTest, RefusesJobsAfterStopping) {
  ThreadPool pool("test", 1);
  pool.stop();
  EXPECT_EQ(pool.post([] {}), ThreadPool::Posted::kStopped);
}

TEST(GuardedTest, ShowsOneThreadAtATime) {
  Guarded<int> counter(0);
  ThreadPool pool("test", 4);
  for (int i = 0; i < 1000; ++i) pool.post([&] { ++*counter.lock(); });
  pool.stop();
  EXPECT_EQ(*counter.lock(), 1000);
}

}  // namespace
}  // namespace every::core
