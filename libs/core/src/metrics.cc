#include "every/core/metrics.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "every/core/error.h"

namespace every::core {
namespace {

// As Prometheus asks: backslash and newline, and in labels the quote.
void append_escaped(std::string& out, std::string_view text, std::string_view also) {
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || also.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
}

void append_labels(std::string& out, const MetricLabels& labels, std::string_view bound = {}) {
  if (labels.empty() && bound.empty()) return;
  out += '{';
  const std::size_t begin = out.size();
  for (const auto& [name, value] : labels) {
    if (out.size() > begin) out += ',';
    out += name + "=\"";
    append_escaped(out, value, "\"");
    out += '"';
  }
  if (!bound.empty()) {
    if (out.size() > begin) out += ',';
    out += "le=\"";
    out += bound;
    out += '"';
  }
  out += '}';
}

void append_line(std::string& out, std::string_view name, std::string_view suffix,
                 const MetricLabels& labels, std::string_view bound, double value) {
  out += name;
  out += suffix;
  append_labels(out, labels, bound);
  out += ' ';
  out += render_metric_value(value);
  out += '\n';
}

std::string_view type_name(MetricFamily::Type type) {
  switch (type) {
    case MetricFamily::Type::kCounter:
      return "counter";
    case MetricFamily::Type::kHistogram:
      return "histogram";
    case MetricFamily::Type::kGauge:
      break;
  }
  return "gauge";
}

constexpr std::array kDurationBounds{0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025,
                                     0.005,   0.01,   0.025,   0.05,   0.1,   0.25,
                                     0.5,     1.0,    2.5,     5.0,    10.0};

}  // namespace

std::span<const double> duration_bounds() {
  return kDurationBounds;
}

Histogram::Histogram(std::span<const double> bounds)
    : bounds_(bounds.begin(), bounds.end()),
      buckets_(std::make_unique<std::atomic<std::uint64_t>[]>(bounds.size() + 1)) {
  EVERY_CHECK(std::ranges::is_sorted(bounds_));
}

void Histogram::observe(double value) {
  const auto bucket = std::ranges::lower_bound(bounds_, value) - bounds_.begin();
  buckets_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

Histogram::Reading Histogram::read() const {
  Reading reading;
  reading.bounds = bounds_;
  for (std::size_t i = 0; i <= bounds_.size(); ++i) {
    reading.count += buckets_[i].load(std::memory_order_relaxed);
    if (i < bounds_.size()) reading.below.push_back(reading.count);
  }
  reading.sum = sum_.load(std::memory_order_relaxed);
  return reading;
}

Metrics::Item& Metrics::item(std::string_view name, std::string_view help, MetricFamily::Type type,
                             MetricLabels labels) {
  auto named = std::ranges::find_if(named_, [&](const auto& entry) { return entry->name == name; });
  if (named == named_.end()) {
    named_.push_back(
        std::make_unique<Named>(Named{std::string(name), std::string(help), type, {}}));
    named = named_.end() - 1;
  }
  EVERY_CHECK((*named)->type == type);
  for (const auto& known : (*named)->items) {
    if (known->labels == labels) return *known;
  }
  (*named)->items.push_back(std::make_unique<Item>(Item{std::move(labels), {}, {}, {}}));
  return *(*named)->items.back();
}

Counter& Metrics::counter(std::string_view name, std::string_view help, MetricLabels labels) {
  const std::lock_guard lock(mutex_);
  Item& found = item(name, help, MetricFamily::Type::kCounter, std::move(labels));
  if (!found.counter) found.counter = std::make_unique<Counter>();
  return *found.counter;
}

Gauge& Metrics::gauge(std::string_view name, std::string_view help, MetricLabels labels) {
  const std::lock_guard lock(mutex_);
  Item& found = item(name, help, MetricFamily::Type::kGauge, std::move(labels));
  if (!found.gauge) found.gauge = std::make_unique<Gauge>();
  return *found.gauge;
}

Histogram& Metrics::histogram(std::string_view name, std::string_view help,
                              std::span<const double> bounds, MetricLabels labels) {
  const std::lock_guard lock(mutex_);
  Item& found = item(name, help, MetricFamily::Type::kHistogram, std::move(labels));
  if (!found.histogram) found.histogram = std::make_unique<Histogram>(bounds);
  return *found.histogram;
}

std::shared_ptr<void> Metrics::add_collector(Collect collect) {
  auto token = std::make_shared<Collect>(std::move(collect));
  const std::lock_guard lock(mutex_);
  std::erase_if(collectors_, [](const auto& known) { return known.expired(); });
  collectors_.push_back(token);
  return token;
}

std::vector<MetricFamily> Metrics::snapshot() const {
  std::vector<MetricFamily> families;
  std::vector<std::shared_ptr<Collect>> collectors;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& named : named_) {
      MetricFamily family{named->name, named->help, named->type, {}};
      for (const auto& known : named->items) {
        MetricFamily::Sample sample{known->labels, 0, {}};
        if (known->counter) sample.value = static_cast<double>(known->counter->value());
        if (known->gauge) sample.value = static_cast<double>(known->gauge->value());
        if (known->histogram) sample.histogram = known->histogram->read();
        family.samples.push_back(std::move(sample));
      }
      families.push_back(std::move(family));
    }
    for (const auto& weak : collectors_) {
      if (auto collector = weak.lock()) collectors.push_back(std::move(collector));
    }
  }
  for (const auto& collector : collectors) (*collector)(families);
  std::ranges::stable_sort(families, {}, &MetricFamily::name);
  return families;
}

std::string render_metric_value(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  std::array<char, 32> text{};
  // A whole number that a double holds exactly has no exponent.
  const bool whole = value == std::floor(value) && std::abs(value) < 9007199254740992.0;
  const auto end = whole ? std::to_chars(text.data(), text.data() + text.size(),
                                         static_cast<std::int64_t>(value))
                         : std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), end.ptr};
}

std::string render_prometheus(std::span<const MetricFamily> families) {
  std::string out;
  for (const MetricFamily& family : families) {
    out += "# HELP " + family.name + ' ';
    append_escaped(out, family.help, "");
    out += "\n# TYPE " + family.name + ' ';
    out += type_name(family.type);
    out += '\n';
    for (const MetricFamily::Sample& sample : family.samples) {
      if (family.type != MetricFamily::Type::kHistogram) {
        append_line(out, family.name, "", sample.labels, {}, sample.value);
        continue;
      }
      const Histogram::Reading& reading = sample.histogram;
      for (std::size_t i = 0; i < reading.bounds.size(); ++i) {
        append_line(out, family.name, "_bucket", sample.labels,
                    render_metric_value(reading.bounds[i]), static_cast<double>(reading.below[i]));
      }
      const auto count = static_cast<double>(reading.count);
      append_line(out, family.name, "_bucket", sample.labels, "+Inf", count);
      append_line(out, family.name, "_sum", sample.labels, {}, reading.sum);
      append_line(out, family.name, "_count", sample.labels, {}, count);
    }
    out += '\n';
  }
  return out;
}

}  // namespace every::core
