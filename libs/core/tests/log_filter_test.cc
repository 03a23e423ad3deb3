#include "every/core/log_filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace every::core {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

LogRecord line(LogLevel level, std::string subject, std::string category) {
  return {0, level, "x", std::move(subject), std::move(category), {}};
}

LogFilter filter_of(std::string_view text) {
  LogFilter filter;
  EXPECT_THAT(apply_log_directives(text, filter), IsEmpty()) << text;
  return filter;
}

TEST(LogFilterTest, ALevelAloneIsForTheNodesOwnLines) {
  const LogFilter filter = filter_of("warn");
  EXPECT_FALSE(filter.shows(line(LogLevel::kInfo, "worker.receipt", "worker.run")));
  EXPECT_TRUE(filter.shows(line(LogLevel::kWarn, "worker.receipt", "worker.run")));
  EXPECT_TRUE(filter.shows(line(LogLevel::kTrace, "wasm_execution", "guest:rust:add")));
}

TEST(LogFilterTest, OffIsForAll) {
  const LogFilter filter = filter_of("off");
  EXPECT_FALSE(filter.shows(line(LogLevel::kError, "worker.receipt", "worker.run")));
  EXPECT_FALSE(filter.shows(line(LogLevel::kError, "wasm_execution", "guest:rust:add")));
}

TEST(LogFilterTest, ATargetIsASubjectOrCategoryOrTheStartOfOne) {
  const LogFilter filter = filter_of("error,worker=debug, guest:rust=warn ,fetch_rsc");
  EXPECT_TRUE(filter.shows(line(LogLevel::kDebug, "worker.receipt", "worker.run")));
  EXPECT_FALSE(filter.shows(line(LogLevel::kDebug, "workflow.run", "workflow")));
  EXPECT_FALSE(filter.shows(line(LogLevel::kInfo, "wasm_execution", "guest:rust:add")));
  EXPECT_TRUE(filter.shows(line(LogLevel::kInfo, "wasm_execution", "guest:rusty:add")));
  EXPECT_TRUE(filter.shows(line(LogLevel::kTrace, "fetch_rsc", "fetch")));
  EXPECT_FALSE(filter.shows(line(LogLevel::kInfo, "fetch_rscs", "fetch")));
  EXPECT_EQ(filter.least(), LogLevel::kTrace);
}

TEST(LogFilterTest, TheLongestTargetDecides) {
  const LogFilter filter = filter_of("worker.receipt=off,worker=info");
  EXPECT_FALSE(filter.shows(line(LogLevel::kError, "worker.receipt", "worker.run")));
  EXPECT_TRUE(filter.shows(line(LogLevel::kInfo, "worker.replay", "worker.run")));
}

TEST(LogFilterTest, TheOriginalsNameMeansThisProgram) {
  EXPECT_EQ(filter_of("homestar_runtime=debug").threshold, LogLevel::kDebug);
  EXPECT_TRUE(filter_of("off,homestar_runtime::worker=info")
                  .shows(line(LogLevel::kInfo, "worker.receipt", "worker.run")));
}

TEST(LogFilterTest, WhatCannotBeHonouredIsToldAndTheRestApplies) {
  LogFilter filter;
  const auto ignored =
      apply_log_directives("libp2p=info,worker=loud,worker[run]=info,debug/only this", filter);
  EXPECT_THAT(ignored, ElementsAre(HasSubstr("/only this"), HasSubstr("libp2p"), HasSubstr("level"),
                                   HasSubstr("spans")));
  EXPECT_EQ(filter.threshold, LogLevel::kDebug);
}

}  // namespace
}  // namespace every::core
