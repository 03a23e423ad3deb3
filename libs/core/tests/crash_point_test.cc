#include "every/core/crash_point.h"

#include <csignal>

#include <gtest/gtest.h>

namespace every::core {
namespace {

TEST(CrashPlanTest, EveryPointHasANameOfItsOwn) {
  for (const CrashPoint point : crash_points()) {
    CrashPlan plan;
    EXPECT_TRUE(CrashPlan::parse(render_crash_point(point), plan)) << render_crash_point(point);
  }
}

TEST(CrashPlanTest, RefusesWhatIsNoPointAndNamesThoseThereAre) {
  for (const char* text : {"", "nowhere", "task-done:0", "task-done:x", "task-done:1x"}) {
    CrashPlan plan;
    const auto status = CrashPlan::parse(text, plan);
    ASSERT_FALSE(status) << text;
    EXPECT_EQ(status.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(status.error().message.find("batch-committed"), std::string::npos);
  }
}

TEST(CrashPlanDeathTest, EndsTheProcessTheNthTime) {
  EXPECT_EXIT(
      {
        CrashPlan plan;
        if (!CrashPlan::parse("task-done:2", plan)) std::abort();
        plan.reach(CrashPoint::kTaskDone);
        plan.reach(CrashPoint::kTaskTold);
        plan.reach(CrashPoint::kTaskDone);
      },
      ::testing::KilledBySignal(SIGKILL), "");
}

TEST(CrashPlanTest, WithoutAPlanNothingHappens) {
  CrashPlan plan;
  for (const CrashPoint point : crash_points()) plan.reach(point);
}

}  // namespace
}  // namespace every::core
