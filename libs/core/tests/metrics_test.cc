#include "every/core/metrics.h"

#include <array>
#include <thread>

#include <gtest/gtest.h>

namespace every::core {
namespace {

constexpr std::array kBounds{0.1, 1.0};

TEST(MetricsTest, GivesTheSameCounterForTheSameNameAndLabels) {
  Metrics metrics;
  metrics.counter("a_total", "A.", {{"k", "1"}}).add(2);
  metrics.counter("a_total", "A.", {{"k", "1"}}).add();
  metrics.counter("a_total", "A.", {{"k", "2"}}).add();
  const auto families = metrics.snapshot();
  ASSERT_EQ(families.size(), 1u);
  ASSERT_EQ(families[0].samples.size(), 2u);
  EXPECT_EQ(families[0].samples[0].value, 3);
  EXPECT_EQ(families[0].samples[1].value, 1);
}

TEST(MetricsTest, RendersTheTextFormOfPrometheus) {
  Metrics metrics;
  metrics.counter("b_total", "Things\nthat \\ happened.", {{"why", "a \"b\"\\\n"}}).add(7);
  metrics.gauge("a_now", "Now.").add(-3);
  Histogram& histogram = metrics.histogram("c_seconds", "Times.", kBounds);
  histogram.observe(0.05);
  histogram.observe(0.1);
  histogram.observe(5.0);
  EXPECT_EQ(render_prometheus(metrics.snapshot()),
            "# HELP a_now Now.\n# TYPE a_now gauge\na_now -3\n\n"
            "# HELP b_total Things\\nthat \\\\ happened.\n# TYPE b_total counter\n"
            "b_total{why=\"a \\\"b\\\"\\\\\\n\"} 7\n\n"
            "# HELP c_seconds Times.\n# TYPE c_seconds histogram\n"
            "c_seconds_bucket{le=\"0.1\"} 2\nc_seconds_bucket{le=\"1\"} 2\n"
            "c_seconds_bucket{le=\"+Inf\"} 3\nc_seconds_sum 5.15\nc_seconds_count 3\n\n");
}

TEST(MetricsTest, LosesNoCountOfSeveralThreads) {
  Metrics metrics;
  Histogram& histogram = metrics.histogram("c_seconds", "Times.", kBounds);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 1000; ++n) {
        metrics.counter("a_total", "A.").add();
        histogram.observe(0.5);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(metrics.counter("a_total", "A.").value(), 4000u);
  EXPECT_EQ(histogram.read().count, 4000u);
  EXPECT_EQ(histogram.read().sum, 2000.0);
}

TEST(MetricsTest, AsksACollectorAsLongAsItsTokenIsKept) {
  Metrics metrics;
  auto token = metrics.add_collector([](std::vector<MetricFamily>& families) {
    families.push_back({"x", "X.", MetricFamily::Type::kGauge, {{{}, 4, {}}}});
  });
  EXPECT_EQ(metrics.snapshot().size(), 1u);
  token.reset();
  EXPECT_TRUE(metrics.snapshot().empty());
}

TEST(MetricsTest, WritesNumbersSoThatTheyReadBack) {
  EXPECT_EQ(render_metric_value(25276514304.0), "25276514304");
  EXPECT_EQ(render_metric_value(0.04096), "0.04096");
  EXPECT_EQ(render_metric_value(1.0 / 0.0), "+Inf");
}

}  // namespace
}  // namespace every::core
