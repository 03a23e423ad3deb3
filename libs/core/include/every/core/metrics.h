#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Numbers a node keeps about itself, in the model of Prometheus.
namespace every::core {

/// Only ever grows. thread: any, without a lock.
class Counter {
 public:
  void add(std::uint64_t amount = 1) { value_.fetch_add(amount, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

/// Goes up and down. thread: any, without a lock.
class Gauge {
 public:
  void add(std::int64_t amount) { value_.fetch_add(amount, std::memory_order_relaxed); }
  [[nodiscard]] std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_ = 0;
};

/// How often a value fell below each of some bounds. thread: any, without a lock; a snapshot taken meanwhile may miss the newest value in one of
/// its numbers.
class Histogram {
 public:
  /// in: bounds   ascending
  explicit Histogram(std::span<const double> bounds);
  void observe(double value);
  void observe(std::chrono::nanoseconds duration) {
    observe(std::chrono::duration<double>(duration).count());
  }

  struct Reading {
    std::vector<double> bounds;
    std::vector<std::uint64_t> below;  ///< cumulative, one a bound
    std::uint64_t count = 0;
    double sum = 0;
  };
  [[nodiscard]] Reading read() const;

 private:
  std::vector<double> bounds_;
  std::unique_ptr<std::atomic<std::uint64_t>[]> buckets_;  // one more than bounds
  std::atomic<double> sum_ = 0;
};

/// Bounds for durations of tasks and commits, in seconds: 50 µs … 10 s.
[[nodiscard]] std::span<const double> duration_bounds();

using MetricLabels = std::vector<std::pair<std::string, std::string>>;

/// All samples of one name.
struct MetricFamily {
  enum class Type : std::uint8_t { kCounter, kGauge, kHistogram };
  struct Sample {
    MetricLabels labels;
    double value = 0;              ///< counters and gauges
    Histogram::Reading histogram;  ///< histograms
  };
  std::string name;
  std::string help;
  Type type = Type::kGauge;
  std::vector<Sample> samples;
};

/// Where metrics are made and read. What it hands out lives as long as it does. thread: any.
class Metrics {
 public:
  /// The one of that name and those labels; made when it is asked for first. in: help   a sentence; the first one given counts
  [[nodiscard]] Counter& counter(std::string_view name, std::string_view help,
                                 MetricLabels labels = {});
  [[nodiscard]] Gauge& gauge(std::string_view name, std::string_view help,
                             MetricLabels labels = {});
  [[nodiscard]] Histogram& histogram(std::string_view name, std::string_view help,
                                     std::span<const double> bounds, MetricLabels labels = {});

  /// Adds families that are read when somebody asks: `collect` is called by snapshot(), until the token returned is dropped.
  using Collect = std::function<void(std::vector<MetricFamily>&)>;
  [[nodiscard]] std::shared_ptr<void> add_collector(Collect collect);

  /// Everything as it stands, in order of names. cost: linear
  [[nodiscard]] std::vector<MetricFamily> snapshot() const;

 private:
  struct Item {
    MetricLabels labels;
    std::unique_ptr<Counter> counter;
    std::unique_ptr<Gauge> gauge;
    std::unique_ptr<Histogram> histogram;
  };
  struct Named {
    std::string name;
    std::string help;
    MetricFamily::Type type;
    std::vector<std::unique_ptr<Item>> items;
  };
  Item& item(std::string_view name, std::string_view help, MetricFamily::Type type,
             MetricLabels labels);

  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Named>> named_;
  std::vector<std::weak_ptr<Collect>> collectors_;
};

/// The text form of Prometheus (version 0.0.4).
/// source: https://prometheus.io/docs/instrumenting/exposition_formats/
[[nodiscard]] std::string render_prometheus(std::span<const MetricFamily> families);
/// A number as that form has it: shortest digits that read back, `+Inf`.
[[nodiscard]] std::string render_metric_value(double value);

}  // namespace every::core
