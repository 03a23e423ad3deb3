#include "every/gateway/service.h"

#include <condition_variable>
#include <future>
#include <unordered_map>

#include "admission.h"
#include "error_body.h"
#include "exchange.h"
#include "routes.h"

namespace every::gateway {
namespace {

// Of address and body: a few dozen tasks, which take a millisecond to read and plan.
constexpr std::size_t kSmallRequest = std::size_t{2} << 10;
// They wait for disks and other machines, not for this one's cores.
constexpr std::size_t kContentThreads = 8;
// They wait for compilers and guests.
constexpr std::size_t kLongThreads = 4;

core::Error stopping() {
  return {core::ErrorCode::kUnavailable,
          "the node is stopping; an unfinished run goes on when it is started again",
          {}};
}

/// What is said when no route matches: the original's words on its own paths.
Response no_route(const Request& request, const Target& target, const Match& match,
                  const workflow::FunctionTable& functions) {
  std::string allow;
  for (const Method method : match.others) {
    if (!allow.empty()) allow += ", ";
    allow += render_method(method);
    if (method == Method::kGet) allow += ", HEAD";
  }
  if (!target.segments.empty() && target.segments.front() == "-") {
    Response response =
        error_response({core::ErrorCode::kNotFound, "there is no " + request.target + " here", {}});
    if (allow.empty()) return response;
    response = error_response(
        {core::ErrorCode::kInvalidArgument, "this address takes " + allow + " only", {}});
    response.status = 405;
    response.headers.push_back({"Allow", allow});
    return response;
  }
  const bool known =
      !target.segments.empty() && functions.find(target.segments.front()).has_value();
  if (!known && !target.segments.empty()) return unknown_function();
  const bool get = request.method == Method::kGet || request.method == Method::kHead;
  Response response = text_response(404, get ? "not found" : "404 Not Found");
  if (!allow.empty()) response.headers.push_back({"Allow", allow});
  return response;
}

}  // namespace

struct Service::Impl {
  Impl(ServiceOptions options, runtime::Node& node, const core::Logger& logger)
      : pool("gateway", options.threads > 0 ? options.threads : core::usable_cores()),
        parts{std::move(options), node, logger, pool, content_pool, alarms, workflows} {}

  core::ThreadPool pool;
  core::ThreadPool content_pool{"content", kContentThreads};
  core::ThreadPool long_pool{"gateway-long", kLongThreads};
  Alarms alarms;
  WorkflowCache workflows;
  ServiceParts parts;

  struct Open {
    bool stopped = false;
    std::unordered_map<const Exchange*, std::weak_ptr<Exchange>> exchanges;
  };
  core::Guarded<Open> open;

  void forget(const Exchange* exchange) { open.lock()->exchanges.erase(exchange); }

  void dispatch(const ExchangePtr& exchange);
};

void Service::Impl::dispatch(const ExchangePtr& exchange) {
  const Request& request = exchange->request();
  if (auto refusal = refuse(request, parts.options)) return exchange->reply(std::move(*refusal));
  if (request.method == Method::kOptions) return exchange->reply(preflight(request));
  Match match = match_route(request.method, exchange->target());
  if (match.route == nullptr) {
    return exchange->reply(no_route(request, exchange->target(), match, *parts.node.functions()));
  }
  exchange->set_params(std::move(match.params));
  // A run that begins paused is on disk before it is answered.
  const bool is_small = request.body.size() + request.target.size() <= kSmallRequest &&
                        !exchange->target().is_on("paused");
  const Lane lane = match.route->lane;
  if (lane == Lane::kAtOnceIfSmall && is_small) return match.route->handler(exchange);
  core::ThreadPool& chosen = lane == Lane::kLong ? long_pool : pool;
  const auto posted =
      chosen.post([exchange, handler = match.route->handler] { handler(exchange); });
  if (posted == core::ThreadPool::Posted::kStopped) exchange->reply(error_response(stopping()));
}

Service::Service(ServiceOptions options, runtime::Node& node, const core::Logger& logger)
    : impl_(std::make_shared<Impl>(std::move(options), node, logger)) {}

Service::~Service() {
  stop();
}

void Service::handle(Request request, Respond respond) {
  auto target = parse_target(request.target);
  if (!target) {
    Response response = error_response(target.error());
    add_common_headers(response, request, impl_->parts.options);
    return respond(std::move(response));
  }
  // The entry goes with the answer, so that only open exchanges are kept.
  const auto key = std::make_shared<const Exchange*>(nullptr);
  std::weak_ptr<Impl> impl = impl_;
  auto tracked = [respond = std::move(respond), key, impl](Response response) mutable {
    if (const auto alive = impl.lock()) alive->forget(*key);
    respond(std::move(response));
  };
  const auto exchange = std::make_shared<Exchange>(impl_->parts, std::move(request),
                                                   std::move(target).value(), std::move(tracked));
  *key = exchange.get();
  bool stopped = false;
  {
    auto open = impl_->open.lock();
    stopped = open->stopped;
    if (!stopped) open->exchanges.emplace(exchange.get(), exchange);
  }
  if (stopped) return exchange->reply(error_response(stopping()));
  impl_->dispatch(exchange);
}

namespace {

/// The pieces of a stream, one after another.
void read_whole(Response& response) {
  const auto stream = std::exchange(response.stream, nullptr);
  while (stream) {
    std::promise<std::optional<std::string>> promise;
    auto arrives = promise.get_future();
    stream->next(
        [&promise](std::optional<std::string> piece) { promise.set_value(std::move(piece)); });
    const std::optional<std::string> piece = arrives.get();
    if (!piece && stream->is_cut_off())
      response = error_response({core::ErrorCode::kUnavailable, "the answer broke off", {}});
    if (!piece) return;
    response.body += *piece;
  }
}

}  // namespace

Response Service::handle_and_wait(Request request) {
  struct Slot {
    core::Guarded<std::optional<Response>> response;
    std::condition_variable arrived;
  };
  const auto slot = std::make_shared<Slot>();
  handle(std::move(request), [slot](Response response) {
    auto held = slot->response.lock();
    *held = std::move(response);
    slot->arrived.notify_all();
  });
  auto held = slot->response.lock();
  held.wait(slot->arrived, [](const std::optional<Response>& value) { return value.has_value(); });
  Response response = std::move(**held);
  if (response.stream) read_whole(response);
  return response;
}

void Service::stop() {
  std::vector<ExchangePtr> left;
  {
    auto open = impl_->open.lock();
    if (open->stopped) return;
    open->stopped = true;
  }
  impl_->pool.stop();
  impl_->content_pool.stop();
  impl_->long_pool.stop();
  {
    auto open = impl_->open.lock();
    for (const auto& [key, exchange] : open->exchanges) {
      if (auto alive = exchange.lock()) left.push_back(std::move(alive));
    }
  }
  impl_->alarms.stop();  // after their exchanges are held: an alarm may be all that keeps one
  for (const ExchangePtr& exchange : left) exchange->reply(error_response(stopping()));
}

}  // namespace every::gateway
