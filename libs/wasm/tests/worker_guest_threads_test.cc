#include <algorithm>
#include <atomic>
#include <future>
#include <latch>
#include <mutex>

#include "worker/guest_threads.h"
#include <gtest/gtest.h>

namespace every::wasm::worker {
namespace {

TEST(GuestThreadsTest, RunsEveryJob) {
  std::atomic<int> ran = 0;
  {
    GuestThreads threads({.cores = 2, .max_threads = 4});
    for (int i = 0; i < 1000; ++i) threads.post([&] { ++ran; });
  }
  EXPECT_EQ(ran, 1000);
}

TEST(GuestThreadsTest, StartsJobsInOrderOnOneCore) {
  std::vector<int> order;
  {
    GuestThreads threads({.cores = 1, .max_threads = 1});
    for (int i = 0; i < 100; ++i) threads.post([&, i] { order.push_back(i); });
  }
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  EXPECT_EQ(order.size(), 100);
}

TEST(GuestThreadsTest, TwentyEndlessJobsDoNotStopTheNext) {
  GuestThreads threads({.cores = 2, .max_threads = 32, .long_after = std::chrono::milliseconds(2)});
  std::promise<void> end;
  const auto ended = end.get_future().share();
  for (int i = 0; i < 20; ++i) threads.post([ended] { ended.wait(); });
  std::promise<void> good;
  threads.post([&] { good.set_value(); });
  EXPECT_EQ(good.get_future().wait_for(std::chrono::seconds(60)), std::future_status::ready);
  end.set_value();
}

TEST(GuestThreadsTest, NeverRunsMoreThanItsBound) {
  std::mutex mutex;
  int running = 0;
  int most = 0;
  std::latch three_run(3);
  std::promise<void> end;
  const auto ended = end.get_future().share();
  {
    GuestThreads threads(
        {.cores = 1, .max_threads = 3, .long_after = std::chrono::milliseconds(1)});
    for (int i = 0; i < 8; ++i) {
      threads.post([&, i] {
        {
          const std::lock_guard lock(mutex);
          most = std::max(most, ++running);
        }
        if (i < 3) three_run.count_down();
        ended.wait();
        const std::lock_guard lock(mutex);
        --running;
      });
    }
    three_run.wait();
    end.set_value();
  }
  EXPECT_EQ(most, 3);
  EXPECT_EQ(running, 0);
}

TEST(GuestThreadsTest, KeepsShortJobsToItsCores) {
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  {
    GuestThreads threads({.cores = 2, .max_threads = 8, .long_after = std::chrono::hours(1)});
    for (int i = 0; i < 200; ++i) {
      threads.post([&] {
        const int now = ++running;
        int seen = most;
        while (now > seen && !most.compare_exchange_weak(seen, now)) {
        }
        std::this_thread::yield();
        --running;
      });
    }
  }
  EXPECT_LE(most, 2);
}

TEST(GuestThreadsTest, RefusesJobsOnceStopped) {
  GuestThreads threads({});
  threads.stop();
  EXPECT_EQ(threads.post([] {}), GuestThreads::Posted::kStopped);
}

}  // namespace
}  // namespace every::wasm::worker
