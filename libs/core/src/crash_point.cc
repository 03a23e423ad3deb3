#include "every/core/crash_point.h"

#include <array>
#include <charconv>
#include <csignal>
#include <vector>

#include <unistd.h>

#include "every/core/text.h"

namespace every::core {
namespace {

using enum CrashPoint;

constexpr std::array kPoints{kRunAdmitted,  kRunRecorded,  kTaskStarting,   kTaskDone,
                             kBatchBegun,   kBatchApplied, kBatchCommitted, kTaskTold,
                             kRunAnswering, kRunAnswered,  kRunMarked,      kRunResuming};

}  // namespace

std::string_view render_crash_point(CrashPoint point) {
  switch (point) {
    case kRunAdmitted:
      return "run-admitted";
    case kRunRecorded:
      return "run-recorded";
    case kTaskStarting:
      return "task-starting";
    case kTaskDone:
      return "task-done";
    case kBatchBegun:
      return "batch-begun";
    case kBatchApplied:
      return "batch-applied";
    case kBatchCommitted:
      return "batch-committed";
    case kTaskTold:
      return "task-told";
    case kRunAnswering:
      return "run-answering";
    case kRunAnswered:
      return "run-answered";
    case kRunMarked:
      return "run-marked";
    case kRunResuming:
      break;
  }
  return "run-resuming";
}

std::span<const CrashPoint> crash_points() {
  return kPoints;
}

Status CrashPlan::parse(std::string_view text, CrashPlan& plan) {
  const std::size_t colon = text.find(':');
  std::uint64_t times = 1;
  bool counted = true;
  if (colon != std::string_view::npos) {
    const std::string_view number = text.substr(colon + 1);
    const auto read = std::from_chars(number.data(), number.data() + number.size(), times);
    counted = read.ec == std::errc() && read.ptr == number.data() + number.size() && times > 0;
  }
  for (const CrashPoint point : kPoints) {
    if (!counted || render_crash_point(point) != text.substr(0, colon)) continue;
    plan.point_ = point;
    plan.left_ = times;
    plan.armed_ = true;
    return {};
  }
  std::vector<std::string> names;
  for (const CrashPoint point : kPoints) names.emplace_back(render_crash_point(point));
  return fail(ErrorCode::kInvalidArgument, "'" + std::string(text) +
                                               "' is no point to crash at; they are " +
                                               join_words(names) + ", with :N for the N-th time");
}

void CrashPlan::count_down() {
  if (left_.fetch_sub(1) == 1) ::kill(::getpid(), SIGKILL);
}

}  // namespace every::core
