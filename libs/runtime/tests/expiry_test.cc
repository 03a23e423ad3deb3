// Runs that have become too old or too much go; results stay.
#include <algorithm>
#include <thread>

#include "every/core/testing/manual_clock.h"
#include "every/runtime/housekeeping.h"
#include "every/runtime/sharing.h"
#include "every/runtime/testing/node_fixture.h"
#include "every/store/housekeeping.h"

namespace every::runtime {
namespace {

using std::chrono::hours;
constexpr hours kDay{24};

class ExpiryTest : public testing::NodeFixture {
 protected:
  explicit ExpiryTest() { open_with({}); }
  // Before the clock it looks at.
  ~ExpiryTest() override { node_.reset(); }
  void open_with(NodeOptions options) {
    node_clock_ = &time_;
    open(wasm::testing::FakeMode::kThreaded, {.durability = store::Durability::kMemory},
         std::move(options));
  }
  std::shared_ptr<const RunAnswer> add(int first, const std::string& name = "t") {
    auto answer = run(tasks({task(name, "add", "[" + std::to_string(first) + ",0.5]")}));
    EXPECT_EQ(answer->state, RunState::kCompleted);
    time_.advance(std::chrono::seconds(1));
    wait_until_recorded(answer->id);
    return answer;
  }
  /// A run whose results were known is answered before its record is written.
  void wait_until_recorded(const std::string& id) {
    for (;;) {
      const auto record = store_->find_run(id).value();
      if (record && record->finished != 0) return;
      std::this_thread::yield();
    }
  }
  [[nodiscard]] Expired expire() {
    const auto expired = node_->housekeeping()->expire();
    EXPECT_TRUE(expired) << expired.error().message;
    return expired ? *expired : Expired();
  }
  [[nodiscard]] std::size_t runs() { return node_->list_runs(1000, {}).value().size(); }

  core::testing::ManualClock time_;
};

TEST_F(ExpiryTest, ARunOlderThanTheLimitGoesAndItsResultIsStillKnown) {
  const auto old = add(1);
  time_.advance(30 * kDay);
  const auto young = add(2);
  const Expired expired = expire();
  EXPECT_EQ(expired.runs, 1u);
  EXPECT_EQ(expired.tasks, 1u);
  EXPECT_EQ(node_->get_run(old->id).error().code, core::ErrorCode::kNotFound);
  EXPECT_TRUE(node_->get_run(young->id));
  EXPECT_TRUE(node_->get_receipt(*old->tasks[0].receipt));
  const auto again = add(1);
  EXPECT_TRUE(again->tasks[0].replayed);
  EXPECT_EQ(again->tasks[0].receipt, old->tasks[0].receipt);
}

TEST_F(ExpiryTest, ItIsTheEndOfARunThatCounts) {
  const auto answer = add(1);
  time_.advance(30 * kDay - hours(1));
  EXPECT_EQ(expire().runs, 0u);
  time_.advance(hours(2));
  EXPECT_EQ(expire().runs, 1u);
  EXPECT_EQ(expire().runs, 0u);
}

TEST_F(ExpiryTest, APinnedRunStays) {
  const auto answer = add(1);
  ASSERT_TRUE(store_->housekeeping().pin({store::StorePin::Kind::kRun, answer->id, 1}));
  time_.advance(400 * kDay);
  EXPECT_EQ(expire().runs, 0u);
  EXPECT_TRUE(node_->get_run(answer->id));
}

TEST_F(ExpiryTest, WithoutALimitNothingGoes) {
  open_with({.keep = {.run_age = hours(0), .run_bytes = 0}});
  add(1);
  time_.advance(4000 * kDay);
  EXPECT_EQ(expire().runs, 0u);
}

TEST_F(ExpiryTest, WhatAllRunsTakeIsBoundedAndTheOldestGoFirst) {
  open_with({.keep = {.run_bytes = 200'000}});
  std::vector<std::string> ids;
  for (int i = 0; i < 6; ++i) ids.push_back(add(i, "t" + std::string(50'000, 'x'))->id);
  const Expired expired = expire();
  EXPECT_GT(expired.runs, 0u);
  EXPECT_LT(expired.runs, 6u);
  EXPECT_EQ(runs(), 6 - expired.runs);
  EXPECT_EQ(node_->get_run(ids.front()).error().code, core::ErrorCode::kNotFound);
  EXPECT_TRUE(node_->get_run(ids.back()));
  EXPECT_EQ(expire().runs, 0u);
}

TEST_F(ExpiryTest, AResultCanBeVerifiedWhenItsRunIsGone) {
  const auto answer = add(1);
  time_.advance(31 * kDay);
  ASSERT_EQ(expire().runs, 1u);
  const auto report =
      node_->sharing()->verify({.what = {answer->tasks[0].receipt->render()}, .engine = {}});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->same, 1u);
}

TEST_F(ExpiryTest, AnUnfinishedRunStaysHoweverOldItIs) {
  const auto answer = add(1);
  auto record = *store_->find_run(answer->id).value();
  record.id.back() = record.id.back() == '0' ? '1' : '0';
  record.status = store::RunStatus::kRunning;
  record.finished = 0;
  store::Batch batch;
  batch.runs.push_back(record);
  ASSERT_TRUE(store_->commit_and_wait(std::move(batch)));
  time_.advance(400 * kDay);
  EXPECT_EQ(expire().runs, 1u);
  EXPECT_TRUE(store_->find_run(record.id).value());
}

TEST_F(ExpiryTest, TheLogSaysWhatExpired) {
  add(1);
  add(2);
  time_.advance(31 * kDay);
  log_.clear();
  EXPECT_EQ(expire().runs, 2u);
  const auto records = log_.records();
  const auto said = std::ranges::find(records, "store.expire", &core::LogRecord::subject);
  ASSERT_NE(said, records.end());
  EXPECT_EQ(said->fields[0], (std::pair<std::string, std::string>("runs", "2")));
  log_.clear();
  EXPECT_EQ(expire().runs, 0u);
  EXPECT_TRUE(log_.records().empty());
}

TEST_F(ExpiryTest, ItHappensByItself) {
  open_with({.housekeeping_interval = std::chrono::milliseconds(1)});
  add(1);
  time_.advance(31 * kDay);
  while (runs() > 0) std::this_thread::yield();
}

}  // namespace
}  // namespace every::runtime
