#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "every/core/error.h"
#include "every/core/log.h"
#include "every/core/metrics.h"
#include "every/gateway/message.h"
#include "every/runtime/run.h"

namespace every::gateway {

/// Where traces go, and how much of them may wait.
struct TraceOptions {
  std::string endpoint;         ///< `http(s)://HOST[:PORT]/v1/traces`
  std::vector<Header> headers;  ///< of each request; may be secrets: never logged
  std::string service_name = "every";
  std::string service_version = {};
  std::vector<std::pair<std::string, std::string>> resource = {};  ///< further attributes of it
  std::filesystem::path tls_ca = {};  ///< PEM; empty: the system's authorities
  std::chrono::milliseconds timeout = std::chrono::seconds(10);  ///< of a request
  std::size_t most_waiting = 8192;                               ///< spans; what is more is dropped
  std::size_t batch = 512;                                       ///< spans in a request
  std::chrono::milliseconds delay = std::chrono::seconds(1);     ///< for a request to become fuller
};

/// Sends the runs of a node to a collector of OpenTelemetry as they go: one trace a run, one span a task. OTLP over HTTP, JSON.
///
/// Its own thread does it; whoever tells it of events never waits. What the collector does not take waits, and is dropped and counted beyond a
/// bound. source: docs/formats/traces.md. thread: any
class TraceExporter {
 public:
  /// `logger` and `metrics` outlive it. errors: kInvalidArgument an endpoint that is none
  [[nodiscard]] static core::Result<std::unique_ptr<TraceExporter>> open(TraceOptions options,
                                                                         const core::Logger& logger,
                                                                         core::Metrics& metrics);
  ~TraceExporter();
  TraceExporter(const TraceExporter&) = delete;
  TraceExporter& operator=(const TraceExporter&) = delete;

  /// Takes the events of all runs. Outlives this without harm.
  [[nodiscard]] runtime::RunObserver observer();
  /// Sends what waits, no longer than this; the rest is dropped. Nothing is taken afterwards.
  void stop(std::chrono::milliseconds within);

 private:
  struct State;
  explicit TraceExporter(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace every::gateway
