#include "metrics_json.h"

#include "js_json.h"

namespace every::gateway {
namespace {

using core::MetricFamily;

std::string render_labels(const core::MetricLabels& labels) {
  if (labels.empty()) return "null";
  ObjectWriter object;
  for (const auto& [name, value] : labels) object.text(name, value);
  return std::move(object).finish();
}

std::string render_sample(const MetricFamily& family, const MetricFamily::Sample& sample) {
  ObjectWriter object;
  if (family.type != MetricFamily::Type::kHistogram) {
    object.text("type", "metric").raw("labels", render_labels(sample.labels));
    return std::move(object.text("value", core::render_metric_value(sample.value))).finish();
  }
  const core::Histogram::Reading& reading = sample.histogram;
  ObjectWriter buckets;
  for (std::size_t i = 0; i < reading.bounds.size(); ++i) {
    buckets.text(core::render_metric_value(reading.bounds[i]), std::to_string(reading.below[i]));
  }
  buckets.text("+Inf", std::to_string(reading.count));
  object.text("type", "Histogram").raw("labels", render_labels(sample.labels));
  object.raw("buckets", std::move(buckets).finish());
  object.text("count", std::to_string(reading.count));
  return std::move(object.text("sum", core::render_metric_value(reading.sum))).finish();
}

}  // namespace

std::string render_metrics_json(std::span<const MetricFamily> families, std::string_view prefix) {
  std::string list = "[";
  for (const MetricFamily& family : families) {
    if (!family.name.starts_with(prefix)) continue;
    std::string data = "[";
    for (const MetricFamily::Sample& sample : family.samples) {
      if (data.size() > 1) data += ',';
      data += render_sample(family, sample);
    }
    ObjectWriter object;
    object.text("metric_type",
                family.type == MetricFamily::Type::kHistogram ? "histogram" : "gauge");
    object.text("metric_name", family.name).text("help", family.help).raw("data", data + "]");
    if (list.size() > 1) list += ',';
    list += std::move(object).finish();
  }
  ObjectWriter answer;
  return std::move(answer.raw("metrics", list + "]")).finish();
}

}  // namespace every::gateway
