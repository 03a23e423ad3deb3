#include "timeline.h"

#include "run_view.h"
#include "times.h"
#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace every::cli {
namespace {

constexpr core::WallNanos kStart = 1'764'192'000'000'000'000;  // 2025-11-26T21:20:00Z
constexpr core::WallNanos kMilli = 1'000'000;

std::string time_at(core::WallNanos milliseconds) {
  return core::render_timestamp(kStart + milliseconds * kMilli);
}

/// A task that was ready, started and over at these milliseconds; in the guest from start to end.
boost::json::object task(const std::string& name, const std::string& state, const std::string& way,
                         core::WallNanos ready, core::WallNanos started, core::WallNanos ended) {
  const auto time_or_null = [](core::WallNanos time) {
    return time < 0 ? boost::json::value() : boost::json::value(time_at(time));
  };
  boost::json::object trace{{"way", way.empty() ? boost::json::value() : boost::json::value(way)},
                            {"ready", time_or_null(ready)},
                            {"started", time_or_null(started)},
                            {"ended", time_or_null(ended)},
                            {"run_ns", started < 0 || ended < 0 ? 0 : (ended - started) * kMilli},
                            {"peak_memory", 1'114'112},
                            {"bytes_in", 2},
                            {"bytes_out", 9}};
  return {{"task", 0},
          {"name", name},
          {"func", "add"},
          {"state", state},
          {"error", nullptr},
          {"replayed", way == "hit"},
          {"trace", std::move(trace)}};
}

boost::json::object run(boost::json::array tasks, core::WallNanos finished = 100) {
  boost::json::object run{{"id", "r1"}, {"state", "completed"}, {"accepted", time_at(0)}};
  run["finished"] = finished < 0 ? boost::json::value() : boost::json::value(time_at(finished));
  if (finished < 0) run["state"] = "running";
  run["tasks"] = std::move(tasks);
  return run;
}

std::string draw(const boost::json::object& run, TimelineLook look = {.width = 80}) {
  return render_timeline(run, look);
}
/// The lines that hold a text.
std::vector<std::string> lines_with(const std::string& text, const std::string& part) {
  std::vector<std::string> found;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    const std::string line = text.substr(begin, end - begin);
    if (line.find(part) != std::string::npos) found.push_back(line);
    begin = end + 1;
  }
  return found;
}
std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

TEST(TimelineTest, DrawsWaitingAndRunningInProportion) {
  const auto text = draw(run({task("a", "ok", "ran", 0, 50, 100)}));
  const auto lines = lines_with(text, "█");
  ASSERT_GE(lines.size(), 1u) << text;
  const auto waits = static_cast<double>(count(lines[0], "░"));
  const auto runs = static_cast<double>(count(lines[0], "█"));
  EXPECT_NEAR(waits, runs, 1) << text;
  EXPECT_NE(lines[0].find("ran"), std::string::npos) << text;
  EXPECT_NE(lines[0].find("50 ms"), std::string::npos) << text;
  EXPECT_NE(lines[0].find("1.1 MB"), std::string::npos) << text;
}

TEST(TimelineTest, NoLineIsLongerThanTheTerminal) {
  boost::json::array tasks;
  for (int i = 0; i < 30; ++i)
    tasks.push_back(
        task("a name that is rather long " + std::to_string(i), "ok", "ran", i, i + 10, i + 70));
  for (const std::size_t width : {80, 100, 140, 200}) {
    const auto text = draw(run(tasks), {.width = width});
    for (const auto& line : lines_with(text, "█")) EXPECT_LE(text_width(line), width) << line;
    EXPECT_NE(text.find(" ms\n"), std::string::npos) << "the axis ends with the whole time";
  }
}

TEST(TimelineTest, TellsHitsJoinedAndFailedApartWithoutColour) {
  const auto text = draw(
      run({task("known", "ok", "hit", 0, -1, 0), task("shared", "ok", "joined", 0, 10, 50),
           task("bad", "failed", "ran", 0, 10, 50), task("left", "skipped", "none", -1, -1, 50)}));
  EXPECT_NE(lines_with(text, "known ")[0].find("◆"), std::string::npos) << text;
  EXPECT_NE(lines_with(text, "shared")[0].find("▒"), std::string::npos) << text;
  EXPECT_NE(lines_with(text, "bad")[0].find("✘"), std::string::npos) << text;
  EXPECT_NE(lines_with(text, "left")[0].find("·"), std::string::npos) << text;
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_NE(draw(run({task("a", "ok", "ran", 0, 1, 9)}),
                 {.width = 80, .colour = core::LogColour::kAlways})
                .find("\x1b[32m"),
            std::string::npos);
}

TEST(TimelineTest, DrawsARunUnderWayUpToNow) {
  const auto text =
      draw(run({task("busy", "pending", "", 0, 10, -1), task("next", "pending", "", 5, -1, -1),
                task("later", "pending", "", -1, -1, -1)},
               -1),
           {.width = 80, .now = kStart + 1000 * kMilli});
  EXPECT_NE(lines_with(text, "busy")[0].find("running"), std::string::npos) << text;
  EXPECT_NE(lines_with(text, "busy")[0].find("▶"), std::string::npos) << text;
  EXPECT_NE(lines_with(text, "next")[0].find("waiting"), std::string::npos) << text;
  EXPECT_NE(lines_with(text, "later")[0].find("pending"), std::string::npos) << text;
  EXPECT_NE(text.find("1 s\n"), std::string::npos) << text;
}

TEST(TimelineTest, FoldsManyTasksToThoseThatMatter) {
  boost::json::array tasks;
  for (int i = 0; i < 1000; ++i)
    tasks.push_back(task("t" + std::to_string(i), "ok", "ran", 0, 10, i == 500 ? 95 : 20));
  tasks.push_back(task("bad", "failed", "ran", 0, 10, 30));
  const auto text = draw(run(tasks));
  EXPECT_LT(std::ranges::count(text, '\n'), 45) << text;
  EXPECT_NE(text.find("tasks     1,001: 1,000 ran, 1 failed"), std::string::npos) << text;
  EXPECT_NE(text.find("t500"), std::string::npos) << text;
  EXPECT_NE(text.find("bad"), std::string::npos) << text;
  EXPECT_NE(text.find("990 more are not shown"), std::string::npos) << text;
  const auto all = draw(run(tasks), {.width = 80, .show = TimelineLook::Show::kAll});
  EXPECT_NE(all.find("t999"), std::string::npos);
}

TEST(TimelineTest, SaysWhenNoTimesWereKept) {
  auto old = task("a", "ok", "", -1, -1, -1);
  old["trace"] = nullptr;
  const auto text = draw(run({old}));
  EXPECT_NE(text.find("was not kept"), std::string::npos) << text;
  EXPECT_EQ(text.find("█"), std::string::npos) << text;
}

TEST(TimelineTest, SurvivesTimesThatMakeNoSense) {
  EXPECT_FALSE(draw(run({task("a", "ok", "ran", 90, 50, 10)}, 5)).empty());
  EXPECT_FALSE(draw(run({task("a", "ok", "ran", 0, 0, 0)}, 0)).empty());
  EXPECT_FALSE(draw(run({})).empty());
  EXPECT_FALSE(draw({}).empty());
  EXPECT_EQ(draw(run({task("\x1b[2Jx", "ok", "ran", 0, 1, 2)})).find('\x1b'), std::string::npos);
}

TEST(TimesTest, ReadsWhatIsRendered) {
  for (const core::WallNanos time : {core::WallNanos{1}, kStart, kStart + 123'456'789})
    EXPECT_EQ(parse_timestamp(core::render_timestamp(time)), time);
  EXPECT_EQ(parse_timestamp("2026-11-26T21:37:14.1Z"), parse_timestamp("2026-11-26T21:37:14.100Z"));
  for (const char* text :
       {"", "-", "yesterday", "2026-13-26T21:37:14Z", "2026-11-26 21:37:14Z", "2026-11-26T21:37:14",
        "2026-11-26T21:37:14.Z", "2026-11-26T21:37:14.xZ"})
    EXPECT_EQ(parse_timestamp(text), 0) << text;
}

TEST(TimesTest, SaysDurationsInUnitsOfAPerson) {
  using std::chrono::nanoseconds;
  EXPECT_EQ(duration_text(nanoseconds(870)), "870 ns");
  EXPECT_EQ(duration_text(nanoseconds(12'340)), "12.3 µs");
  EXPECT_EQ(duration_text(nanoseconds(999'499'999)), "999 ms");
  EXPECT_EQ(duration_text(nanoseconds(999'999'999)), "1 s");
  EXPECT_EQ(duration_text(nanoseconds(1'240'000'000)), "1.24 s");
  EXPECT_EQ(duration_text(std::chrono::seconds(125)), "2 min 05 s");
  EXPECT_EQ(duration_text(std::chrono::minutes(187)), "3 h 07 min");
  EXPECT_EQ(duration_text(nanoseconds(-5)), "0 ns");
}

TEST(TimesTest, SaysHowLongAgo) {
  EXPECT_EQ(ago_text(std::chrono::seconds(1)), "just now");
  EXPECT_EQ(ago_text(std::chrono::seconds(45)), "45 seconds ago");
  EXPECT_EQ(ago_text(std::chrono::seconds(90)), "90 seconds ago");
  EXPECT_EQ(ago_text(std::chrono::minutes(90)), "90 minutes ago");
  EXPECT_EQ(ago_text(std::chrono::hours(72)), "3 days ago");
}

}  // namespace
}  // namespace every::cli
