#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <future>
#include <latch>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

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

/// A place where jobs come from, as a worker's socket is.
class Source {
 public:
  void put(GuestThreads::Job job) {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
    changed_.notify_all();
  }
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }
  GuestThreads::Receive into(GuestThreads& threads) {
    return [this, &threads] {
      std::vector<GuestThreads::Job> jobs;
      {
        std::unique_lock lock(mutex_);
        EXPECT_FALSE(std::exchange(taken_, true));
        changed_.wait(lock, [&] { return closed_ || !jobs_.empty(); });
        receiver_ = std::this_thread::get_id();
        jobs = std::exchange(jobs_, {});
        taken_ = false;
        if (jobs.empty()) return Received::kEnd;
      }
      for (auto& job : jobs) threads.post(std::move(job));
      return Received::kMore;
    };
  }
  std::thread::id receiver() {
    const std::lock_guard lock(mutex_);
    return receiver_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<GuestThreads::Job> jobs_;
  bool closed_ = false;
  bool taken_ = false;
  std::thread::id receiver_;
};

TEST(GuestThreadsTest, WhoReceivedALoneJobRunsIt) {
  Source source;
  GuestThreads threads({.cores = 1, .max_threads = 4, .receive_after = std::chrono::hours(1)});
  threads.receive_with(source.into(threads));
  for (int i = 0; i < 100; ++i) {
    std::promise<std::thread::id> ran;
    source.put([&] { ran.set_value(std::this_thread::get_id()); });
    const auto runner = ran.get_future().get();
    EXPECT_EQ(runner, source.receiver());
  }
  source.close();
}

TEST(GuestThreadsTest, SomebodyElseReceivesWhileAJobTakesLong) {
  Source source;
  GuestThreads threads({.cores = 1,
                        .max_threads = 4,
                        .long_after = std::chrono::hours(1),
                        .receive_after = std::chrono::milliseconds(1)});
  threads.receive_with(source.into(threads));
  std::promise<void> end;
  std::promise<std::thread::id> begun;
  source.put([&] {
    begun.set_value(std::this_thread::get_id());
    end.get_future().wait();
  });
  const auto busy = begun.get_future().get();
  std::promise<void> good;
  source.put([&] { good.set_value(); });
  // The second is received, and waits for the only core.
  while (threads.waiting() == 0) std::this_thread::yield();
  EXPECT_NE(source.receiver(), busy);
  end.set_value();
  good.get_future().wait();
  EXPECT_EQ(threads.waiting(), 0);
  source.close();
}

TEST(GuestThreadsTest, EndlessReceivedJobsDoNotStopTheNext) {
  Source source;
  GuestThreads threads({.cores = 2,
                        .max_threads = 8,
                        .long_after = std::chrono::milliseconds(2),
                        .receive_after = std::chrono::milliseconds(1)});
  threads.receive_with(source.into(threads));
  std::promise<void> end;
  const auto ended = end.get_future().share();
  std::latch all_run(8);
  for (int i = 0; i < 8; ++i) {
    source.put([&all_run, ended] {
      all_run.count_down();
      ended.wait();
    });
  }
  all_run.wait();
  // No thread is left to run this one, but one to take it.
  std::promise<void> good;
  source.put([&] { good.set_value(); });
  while (threads.waiting() == 0) std::this_thread::yield();
  end.set_value();
  good.get_future().wait();
  source.close();
}

TEST(GuestThreadsTest, ManyReceivedJobsAllRunOnceOnTheirCores) {
  std::atomic<int> ran = 0;
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  Source source;
  {
    GuestThreads threads({.cores = 2, .max_threads = 8, .long_after = std::chrono::hours(1)});
    threads.receive_with(source.into(threads));
    for (int i = 0; i < 2000; ++i) {
      source.put([&] {
        const int now = ++running;
        int seen = most;
        while (now > seen && !most.compare_exchange_weak(seen, now)) {
        }
        ++ran;
        --running;
      });
    }
    while (ran < 2000) std::this_thread::yield();
    source.close();
  }
  EXPECT_EQ(ran, 2000);
  EXPECT_LE(most, 2);
}

TEST(GuestThreadsTest, RefusesJobsOnceStopped) {
  GuestThreads threads({});
  threads.stop();
  EXPECT_EQ(threads.post([] {}), GuestThreads::Posted::kStopped);
}

}  // namespace
}  // namespace every::wasm::worker
