#include <algorithm>
#include <array>
#include <atomic>
#include <deque>
#include <map>
#include <set>

#include "admission.h"
#include "error_body.h"
#include "rpc_methods.h"

#include "every/gateway/rpc.h"

namespace every::gateway {
namespace {

using rpc::Answered;
using rpc::RpcParts;
using rpc::RunSubscription;

/// Subscriptions whose run is over are known until they are ended or this many came after them.
constexpr std::size_t kMostEnded = 4096;

struct Gauges {
  explicit Gauges(core::Metrics& metrics)
      : connections(metrics.gauge("every_rpc_connections", "WebSocket connections that are open.")),
        subscriptions(metrics.gauge("every_rpc_subscriptions",
                                    "Subscriptions to runs that have more to tell.")),
        notifications(metrics.counter("every_rpc_notifications_total",
                                      "Outcomes of tasks told to subscribers.")) {}
  core::Gauge& connections;
  core::Gauge& subscriptions;
  core::Counter& notifications;
};

/// One WebSocket connection and what it is subscribed to.
class Connection final : public WebSocketListener,
                         public rpc::Subscriber,
                         public std::enable_shared_from_this<Connection> {
 public:
  Connection(const RpcParts& parts, Gauges& gauges, std::atomic<std::ptrdiff_t>& all_held,
             const std::shared_ptr<WebSocket>& socket)
      : parts_(parts), gauges_(gauges), all_held_(all_held), socket_(socket) {
    gauges_.connections.add(1);
  }
  ~Connection() override {
    all_held_ -= held_;
    gauges_.connections.add(-1);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // WebSocketListener
  void on_message(std::string message, std::shared_ptr<void> done) override {
    parts_.pool.post([self = shared_from_this(), message = std::move(message),
                      done = std::move(done)] { self->serve(message); });
  }
  void on_sent() override { wake(); }
  void on_closed() override {
    std::map<std::string, std::shared_ptr<RunSubscription>> live;
    {
      auto state = state_.lock();
      state->closed = true;
      live.swap(state->live);
      state->network.clear();
    }
    gauges_.subscriptions.add(-static_cast<std::int64_t>(live.size()));
    for (const auto& [id, subscription] : live) subscription->cancel();
    wake();
  }

  // rpc::Subscriber
  bool may_subscribe() override {
    auto state = state_.lock();
    return state->live.size() + state->network.size() < parts_.options.subscriptions;
  }
  void add(std::shared_ptr<RunSubscription> subscription) override {
    bool closed = false;
    {
      auto state = state_.lock();
      closed = state->closed;
      if (!closed) state->live.emplace(subscription->id(), subscription);
    }
    if (closed) return subscription->cancel();
    gauges_.subscriptions.add(1);
  }
  void add_network(std::string id) override { state_.lock()->network.insert(std::move(id)); }
  bool remove(Kind kind, const std::string& id) override {
    std::shared_ptr<RunSubscription> gone;
    {
      auto state = state_.lock();
      if (kind == Kind::kNetwork) return state->network.erase(id) > 0;
      if (const auto live = state->live.find(id); live != state->live.end()) {
        gone = std::move(live->second);
        state->live.erase(live);
      } else {
        return std::erase(state->ended, id) > 0;
      }
    }
    gauges_.subscriptions.add(-1);
    gone->cancel();
    return true;
  }

  // rpc::NotificationSink
  void post(std::move_only_function<void()> job) override { parts_.pool.post(std::move(job)); }
  void send(std::string message) override {
    if (const auto socket = socket_.lock()) socket->send(std::move(message));
  }
  bool full() const override {
    const auto socket = socket_.lock();
    return socket != nullptr && socket->queued() >= kSendWindow;
  }
  void hold(std::ptrdiff_t bytes) override {
    const std::ptrdiff_t held = held_.fetch_add(bytes) + bytes;
    const std::ptrdiff_t all = all_held_.fetch_add(bytes) + bytes;
    const RpcOptions& options = parts_.options;
    const bool too_much = held > static_cast<std::ptrdiff_t>(options.backlog_bytes);
    const bool too_much_of_all = all > static_cast<std::ptrdiff_t>(options.all_backlog_bytes);
    if (bytes < 0 || !(too_much || too_much_of_all)) return;
    if (dropped_.exchange(true)) return;
    const std::string why =
        "more than " +
        std::to_string(too_much ? options.backlog_bytes : options.all_backlog_bytes) +
        " bytes of notifications wait" + (too_much ? "" : " for all clients") +
        "; read them faster";
    parts_.logger.warn("rpc.slow", "rpc", "a subscriber was dropped: " + why);
    on_closed();
    if (const auto socket = socket_.lock()) socket->close(CloseReason::kTryAgainLater, why);
  }
  void count_notification() override { gauges_.notifications.add(); }
  void wait_for_room(std::function<void()> resume) override {
    state_.lock()->waiting.push_back(std::move(resume));
    // Room may have come between the question and now.
    if (!full()) wake();
  }
  void ended(const std::string& subscription) override {
    {
      auto state = state_.lock();
      if (state->live.erase(subscription) == 0) return;
      state->ended.push_back(subscription);
      if (state->ended.size() > kMostEnded) state->ended.pop_front();
    }
    gauges_.subscriptions.add(-1);
  }

  void say_goodbye() {
    if (const auto socket = socket_.lock())
      socket->close(CloseReason::kGoingAway, "the node is stopping");
  }

 private:
  struct State {
    std::map<std::string, std::shared_ptr<RunSubscription>> live;
    std::deque<std::string> ended;
    std::set<std::string> network;
    std::vector<std::function<void()>> waiting;
    bool closed = false;
  };

  void serve(const std::string& message) {
    Answered answered = rpc::answer(parts_, message, shared_from_this());
    const auto socket = socket_.lock();
    if (socket == nullptr) return;
    if (!answered.text.empty()) socket->send(std::move(answered.text));
    if (answered.opened.empty()) return;
    // A client that reads a reply and a notification in one go may not have learned yet that the subscription is its own, and would leave the
    // notification alone (the original's does). So the first one waits until the reply has been taken in.
    socket->after_arrival([opened = std::move(answered.opened)] {
      for (const auto& subscription : opened) subscription->open();
    });
  }

  void wake() {
    std::vector<std::function<void()>> waiting;
    waiting.swap(state_.lock()->waiting);
    for (const auto& resume : waiting) resume();
  }

  const RpcParts& parts_;
  Gauges& gauges_;
  std::atomic<std::ptrdiff_t>& all_held_;  // of all connections
  const std::weak_ptr<WebSocket> socket_;
  core::Guarded<State> state_;
  std::atomic<std::ptrdiff_t> held_ = 0;
  std::atomic<bool> dropped_ = false;
};

ServiceOptions admission_options(const RpcOptions& options) {
  ServiceOptions admission;
  admission.hosts = options.hosts;
  admission.origins = options.origins;
  return admission;
}

core::Error stopping() {
  return {core::ErrorCode::kUnavailable, "the node is stopping; try again when it is back", {}};
}

bool is_json(const Request& request) {
  const std::string* type = request.find_header("content-type");
  if (type == nullptr) return false;
  std::string_view text = *type;
  text = text.substr(0, text.find(';'));
  while (text.ends_with(' ')) text.remove_suffix(1);
  return equals_ignoring_case(text, "application/json") ||
         equals_ignoring_case(text, "application/json-rpc");
}

}  // namespace

struct RpcService::Impl final : WebSocketAcceptor {
  Impl(RpcOptions the_options, runtime::Node& node, core::Metrics& metrics,
       const core::Logger& logger, RequestHandler* the_other)
      : pool("rpc", the_options.threads > 0 ? the_options.threads : core::usable_cores()),
        parts{std::move(the_options), node, metrics, logger, pool},
        admission(admission_options(parts.options)),
        gauges(metrics),
        other(the_other) {}

  core::ThreadPool pool;
  const RpcParts parts;
  const ServiceOptions admission;
  Gauges gauges;
  RequestHandler* const other;
  std::atomic<bool> stopped = false;
  std::atomic<std::ptrdiff_t> all_held = 0;
  core::Guarded<std::vector<std::weak_ptr<Connection>>> connections;

  std::expected<void, Response> admit(const Request& request) override {
    if (stopped) return std::unexpected(error_response(stopping()));
    auto refusal = refuse(request, admission);
    if (!refusal) return {};
    add_common_headers(*refusal, request, admission);
    return std::unexpected(std::move(*refusal));
  }

  std::shared_ptr<WebSocketListener> open(const std::shared_ptr<WebSocket>& socket) override {
    auto connection = std::make_shared<Connection>(parts, gauges, all_held, socket);
    {
      auto known = connections.lock();
      std::erase_if(*known, [](const auto& weak) { return weak.expired(); });
      known->push_back(connection);
    }
    // One that was let in and is opened after the others were told.
    if (stopped) connection->say_goodbye();
    return connection;
  }

  /// On the pool.
  [[nodiscard]] Response answer_http(const Request& request) const {
    if (request.method == Method::kPost) {
      if (!is_json(request)) {
        return text_response(415,
                             "Supplied content type is not allowed. Content-Type: "
                             "application/json is required");
      }
      Answered answered = rpc::answer(parts, request.body, nullptr);
      const int status = answered.json == Answered::Json::kYes ? 200 : 400;
      return json_response(status, std::move(answered.text));
    }
    const std::string_view path =
        std::string_view(request.target).substr(0, request.target.find('?'));
    constexpr std::array<std::string_view, 4> kShortcuts{"/health", "/metrics", "/node",
                                                         "/rpc_discover"};
    const bool get = request.method == Method::kGet || request.method == Method::kHead;
    if (!get || std::ranges::find(kShortcuts, path) == kShortcuts.end()) {
      Response response =
          text_response(405, "Used HTTP Method is not allowed. POST or OPTIONS is required");
      response.headers.push_back({"Allow", "POST, OPTIONS"});
      return response;
    }
    const auto reply = rpc::call_plain(parts, path.substr(1), {});
    if (*reply) return json_response(200, **reply);
    return json_response(500, rpc::render_failure(reply->error(), "null"));
  }
};

RpcService::RpcService(RpcOptions options, runtime::Node& node, core::Metrics& metrics,
                       const core::Logger& logger, RequestHandler* other)
    : impl_(std::make_shared<Impl>(std::move(options), node, metrics, logger, other)) {}

RpcService::~RpcService() {
  stop();
}

WebSocketAcceptor* RpcService::web_sockets() {
  return impl_.get();
}

void RpcService::handle(Request request, Respond respond) {
  if (impl_->other != nullptr && request.target.starts_with("/ipfs/"))
    return impl_->other->handle(std::move(request), std::move(respond));
  auto refusal = impl_->stopped ? std::optional(error_response(stopping()))
                                : refuse(request, impl_->admission);
  if (!refusal && request.method == Method::kOptions) refusal = preflight(request);
  if (refusal) {
    add_common_headers(*refusal, request, impl_->admission);
    return respond(std::move(*refusal));
  }
  struct Task {
    Request request;
    Respond respond;
  };
  // Kept outside of the job, so that it is there to answer with when the pool takes no more.
  auto task = std::make_shared<Task>(Task{std::move(request), std::move(respond)});
  const auto posted = impl_->pool.post([impl = impl_.get(), task] {
    Response response = impl->answer_http(task->request);
    add_common_headers(response, task->request, impl->admission);
    task->respond(std::move(response));
  });
  if (posted == core::ThreadPool::Posted::kStopped) {
    Response response = error_response(stopping());
    add_common_headers(response, task->request, impl_->admission);
    task->respond(std::move(response));
  }
}

void RpcService::stop() {
  if (impl_->stopped.exchange(true)) return;
  // What the last runs told is rendered first.
  impl_->pool.stop();
  const auto connections = *impl_->connections.lock();
  for (const auto& weak : connections) {
    if (const auto connection = weak.lock()) connection->say_goodbye();
  }
}

}  // namespace every::gateway
