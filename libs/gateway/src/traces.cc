#include "every/gateway/traces.h"

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "otlp_spans.h"

#include "every/gateway/client.h"

namespace every::gateway {
namespace {

using core::ErrorCode;
using otlp::Item;

constexpr std::chrono::milliseconds kFirstPause{1000};
constexpr std::chrono::milliseconds kLongestPause{30'000};
constexpr std::size_t kLongestAnswer = std::size_t{1} << 20;

/// A collector's address taken apart.
struct Endpoint {
  NodeAddress address;
  std::string path;
};

core::Result<Endpoint> parse_endpoint(const std::string& url) {
  const std::size_t scheme = url.find("://");
  const std::size_t slash = scheme == std::string::npos ? scheme : url.find('/', scheme + 3);
  const std::string base = url.substr(0, slash);
  auto address = NodeAddress::parse(base);
  if (!address || url.find_first_of(" \t\r\n#") != std::string::npos)
    return core::fail(ErrorCode::kInvalidArgument,
                      "the endpoint of traces is no address; write http://HOST:4318, or https://");
  const std::size_t colon = base.rfind(':');
  // Without a port that of the scheme.
  if (colon == scheme || colon < base.rfind(']') + 1)
    address->port = address->scheme == NodeAddress::Scheme::kHttps ? 443 : 80;
  return Endpoint{std::move(*address), slash == std::string::npos ? "/" : url.substr(slash)};
}

bool may_be_tried_again(int status) {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

}  // namespace

/// What the thread works on; it may outlive the exporter, when a request does not end in time.
struct TraceExporter::State {
  State(TraceOptions the_options, Endpoint the_endpoint, const core::Logger& the_logger,
        core::Metrics& metrics)
      : options(std::move(the_options)),
        endpoint(std::move(the_endpoint)),
        logger(the_logger),
        sent(count(metrics, "sent")),
        dropped(count(metrics, "dropped")) {
    resource.emplace_back("service.name", options.service_name);
    resource.emplace_back("service.version", options.service_version);
    resource.insert(resource.end(), options.resource.begin(), options.resource.end());
  }

  static core::Counter& count(core::Metrics& metrics, const char* outcome) {
    return metrics.counter("every_trace_spans_total",
                           "Spans for the collector of traces, by what became of them.",
                           {{"outcome", outcome}});
  }

  void take(const std::shared_ptr<State>& self, Item item);
  void work();
  /// Sends items; takes no lock. out: why they were not taken, and whether they may be taken later
  struct Refusal {
    std::string why;
    enum class Again : std::uint8_t { kNo, kYes } again = Again::kYes;
  };
  [[nodiscard]] std::optional<Refusal> send(std::span<const Item> items) const;
  // Under the lock.
  void drop(std::size_t items);
  void tell_failing(const Refusal& refusal);

  const TraceOptions options;
  const Endpoint endpoint;
  const core::Logger& logger;  // not touched once it is abandoned; nor are the counters
  core::Counter& sent;
  core::Counter& dropped;
  std::vector<std::pair<std::string, std::string>> resource;

  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Item> waiting;
  bool stopping = false;
  bool abandoned = false;
  bool idle = true;  // the thread is gone, or was never there
  bool failing = false;
  bool told_dropping = false;
  std::thread thread;
};

void TraceExporter::State::drop(std::size_t items) {
  if (items == 0) return;
  dropped.add(items);
  if (std::exchange(told_dropping, true)) return;
  logger.warn("traces.drop", "traces",
              "spans are dropped: more than " + std::to_string(options.most_waiting) +
                  " wait for the collector; every_trace_spans_total counts them");
}

void TraceExporter::State::take(const std::shared_ptr<State>& self, Item item) {
  {
    const std::lock_guard lock(mutex);
    if (stopping) return;
    if (waiting.size() >= options.most_waiting) return drop(1);
    waiting.push_back(std::move(item));
    if (idle) {
      idle = false;
      thread = std::thread([self] { self->work(); });
    }
    if (waiting.size() > 1 && waiting.size() < options.batch) return;
  }
  changed.notify_all();
}

std::optional<TraceExporter::State::Refusal> TraceExporter::State::send(
    std::span<const Item> items) const {
  Request request{Method::kPost,
                  endpoint.path,
                  {{"Content-Type", "application/json"}},
                  otlp::render_request(resource, options.service_version, items)};
  request.headers.insert(request.headers.end(), options.headers.begin(), options.headers.end());
  const RemoteAccess access{.token = {},
                            .tls_ca = options.tls_ca,
                            .connect = options.timeout,
                            .silence = options.timeout,
                            .longest_answer = kLongestAnswer};
  const auto response = call_remote(endpoint.address, access, request);
  if (!response) {
    const std::string_view reason = response.error().find("reason");
    return Refusal{reason.empty() ? response.error().message : std::string(reason)};
  }
  if (response->status >= 200 && response->status < 300) return std::nullopt;
  return Refusal{"it answers " + std::to_string(response->status),
                 may_be_tried_again(response->status) ? Refusal::Again::kYes : Refusal::Again::kNo};
}

void TraceExporter::State::tell_failing(const Refusal& refusal) {
  if (std::exchange(failing, true)) return;
  logger.warn("traces.err", "traces",
              "traces are not taken at " + endpoint.address.render() + endpoint.path + ": " +
                  refusal.why +
                  (refusal.again == Refusal::Again::kYes ? "; it is tried again" : ""));
}

void TraceExporter::State::work() {
  std::chrono::milliseconds pause = kFirstPause;
  std::unique_lock lock(mutex);
  for (;;) {
    changed.wait(lock, [&] { return stopping || !waiting.empty(); });
    if (waiting.empty()) break;
    changed.wait_for(lock, options.delay,
                     [&] { return stopping || waiting.size() >= options.batch; });
    std::vector<Item> batch;
    const auto end =
        waiting.begin() + static_cast<std::ptrdiff_t>(std::min(waiting.size(), options.batch));
    std::move(waiting.begin(), end, std::back_inserter(batch));
    waiting.erase(waiting.begin(), end);
    lock.unlock();
    const auto refusal = send(batch);
    lock.lock();
    if (abandoned) return;
    if (!refusal) {
      sent.add(batch.size());
      pause = kFirstPause;
      told_dropping = false;
      if (std::exchange(failing, false))
        logger.info("traces", "traces", "traces are taken again at " + endpoint.address.render());
      continue;
    }
    tell_failing(*refusal);
    if (refusal->again == Refusal::Again::kNo) {
      drop(batch.size());
      continue;
    }
    // Back to where they were, as far as there is room: what is newer has had its place meanwhile.
    while (!batch.empty() && waiting.size() < options.most_waiting) {
      waiting.push_front(std::move(batch.back()));
      batch.pop_back();
    }
    drop(batch.size());
    if (stopping) {
      drop(std::exchange(waiting, {}).size());
      break;
    }
    changed.wait_for(lock, pause, [&] { return stopping; });
    pause = std::min(pause * 2, kLongestPause);
  }
  idle = true;
  changed.notify_all();
}

core::Result<std::unique_ptr<TraceExporter>> TraceExporter::open(TraceOptions options,
                                                                 const core::Logger& logger,
                                                                 core::Metrics& metrics) {
  EVERY_TRY_ASSIGN(Endpoint endpoint, parse_endpoint(options.endpoint));
  return std::unique_ptr<TraceExporter>(new TraceExporter(
      std::make_shared<State>(std::move(options), std::move(endpoint), logger, metrics)));
}

TraceExporter::~TraceExporter() {
  stop(std::chrono::milliseconds(0));
}

runtime::RunObserver TraceExporter::observer() {
  return [state = state_](const runtime::RunEvent& event) {
    if (!otlp::is_sampled(event.trace_parent)) return;
    if (event.kind == runtime::RunEvent::Kind::kTask) {
      runtime::TaskAnswer task = *event.task;
      task.value.reset();
      task.receipt_block.reset();
      task.last_lines.clear();
      state->take(state,
                  {std::string(event.run_id), std::string(event.trace_parent), std::move(task)});
    } else if (event.kind == runtime::RunEvent::Kind::kEnd && !runtime::goes_on(event.run->state)) {
      const runtime::RunAnswer& run = *event.run;
      state->take(state, {std::string(event.run_id), std::string(event.trace_parent),
                          runtime::RunAnswer{.id = run.id,
                                             .name = run.name,
                                             .workflow = run.workflow,
                                             .state = run.state,
                                             .tasks = {},
                                             .answer = run.answer,
                                             .error = run.error,
                                             .accepted = run.accepted,
                                             .finished = run.finished,
                                             .fork = run.fork,
                                             .node = run.node},
                          run.tasks.size()});
    }
  };
}

void TraceExporter::stop(std::chrono::milliseconds within) {
  std::thread thread;
  bool ended = false;
  {
    std::unique_lock lock(state_->mutex);
    state_->stopping = true;
    state_->changed.notify_all();
    ended = state_->changed.wait_for(lock, within, [&] { return state_->idle; });
    if (!ended) {
      state_->drop(state_->waiting.size());
      state_->waiting.clear();
      state_->abandoned = true;
    }
    thread = std::exchange(state_->thread, {});
  }
  if (!thread.joinable()) return;
  if (ended) {
    thread.join();
  } else {
    // A request that does not end: it touches nothing of ours any more.
    thread.detach();
  }
}

}  // namespace every::gateway
