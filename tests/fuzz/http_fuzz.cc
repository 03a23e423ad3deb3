#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <optional>

#include "fuzz.h"
#include "target.h"
#include <boost/json.hpp>

#include "every/core/clock.h"
#include "every/core/log.h"
#include "every/core/metrics.h"
#include "every/gateway/rpc.h"
#include "every/gateway/service.h"
#include "every/gateway/testing/fake_node.h"

using namespace every;
using fuzz::require;
using gateway::Method;
using gateway::Request;
using gateway::Response;

namespace {

class NullSink final : public core::LogSink {
 public:
  void write(const core::LogRecord&) override {}
};

/// Both ports of a node.
struct Ports {
  bool changed = false;  ///< by what it was asked
  NullSink sink;
  core::SystemClock clock;
  core::Logger logger{sink, clock, core::LogLevel::kTrace, core::LogLevel::kTrace};
  core::Metrics metrics;
  gateway::testing::FakeNode node;
  gateway::Service service{options(), node, logger};
  gateway::RpcService rpc{rpc_options(), node, metrics, logger, &service};

  static gateway::ServiceOptions options() {
    gateway::ServiceOptions options;
    options.threads = 1;
    return options;
  }
  static gateway::RpcOptions rpc_options() {
    gateway::RpcOptions options;
    options.threads = 1;
    return options;
  }
  ~Ports() {
    rpc.stop();
    service.stop();
  }
};

/// The input up to a line's end, without it; the input then begins behind it.
std::string take_line(std::string_view& input) {
  std::string_view line = input.substr(0, input.find('\n'));
  input.remove_prefix(std::min(input.size(), line.size() + 1));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return std::string(line);
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

/// A request as the HTTP parser hands it on: what that refuses (control characters) never comes here.
std::optional<Request> take_request(std::string_view input) {
  Request request;
  std::string line = take_line(input);
  const std::size_t space = line.find(' ');
  if (space == std::string::npos) return std::nullopt;
  request.method = gateway::parse_method(line.substr(0, space));
  request.target = line.substr(space + 1, line.find(' ', space + 1) - space - 1);
  if (request.target.empty() || std::ranges::any_of(request.target, is_control))
    return std::nullopt;
  for (line = take_line(input); !line.empty(); line = take_line(input)) {
    const std::size_t colon = line.find(": ");
    if (colon == std::string::npos || std::ranges::any_of(line, is_control)) return std::nullopt;
    request.headers.push_back({line.substr(0, colon), line.substr(colon + 2)});
  }
  request.body = std::string(input);
  return request;
}

template <typename T>
T within_seconds(std::future<T> future, const char* what) {
  require(future.wait_for(std::chrono::seconds(20)) == std::future_status::ready, what);
  return future.get();
}

Response ask(gateway::RequestHandler& handler, Request request) {
  std::promise<Response> answered;
  auto future = answered.get_future();
  handler.handle(std::move(request),
                 [&answered](Response response) { answered.set_value(std::move(response)); });
  Response response = within_seconds(std::move(future), "every request is answered");
  while (const auto stream = response.stream) {
    std::promise<std::optional<std::string>> came;
    auto piece = came.get_future();
    stream->next([&came](std::optional<std::string> got) { came.set_value(std::move(got)); });
    const auto text = within_seconds(std::move(piece), "every stream goes on");
    if (text) require(!text->empty(), "a piece is never empty");
    if (!text) response.stream = nullptr;
  }
  return response;
}

void require_sound(const Response& response) {
  require(gateway::reason_phrase(response.status) != "Unknown", "the status has a name");
  for (const gateway::Header& header : response.headers) {
    require(!header.name.empty() && std::ranges::none_of(header.name, is_control) &&
                std::ranges::none_of(header.value, is_control),
            "a header is one line");
  }
  require(response.status != 405 || response.find_header("allow") != nullptr,
          "a refused method comes with those that are taken");
  const std::string* type = response.find_header("content-type");
  require(type != nullptr || response.body.empty(), "a body has a type");
  if (type == nullptr || !type->starts_with("application/json") || response.body.empty()) return;
  boost::json::error_code failed;
  boost::json::parse_options deep;
  deep.max_depth = 4096;
  const auto json = boost::json::parse(response.body, failed, {}, deep);
  require(!failed, "JSON is JSON");
  const auto* object = json.if_object();
  const auto* code = object != nullptr ? object->if_contains("code") : nullptr;
  require(code == nullptr || *code != "internal", "nothing a client says is our own fault");
}

void try_target(const std::string& text) {
  const auto target = gateway::parse_target(text);
  if (!target) return;
  std::string path;
  for (const std::string& segment : target->segments)
    path += "/" + gateway::encode_component(segment);
  const auto again = gateway::parse_target(path.empty() ? "/" : path);
  require(again && again->segments == target->segments, "a path is written as it is read");
}

/// One request. The first byte says by whom and to which port: `0` over the network, `1` by the node's user, `2` with a token, `3` without
/// the token that is asked for; `4`–`7` the same to the JSON-RPC port.
void try_request(std::string_view input, Ports& ports) {
  if (input.empty()) return;
  auto request = take_request(input.substr(1));
  if (!request) return;
  const auto who = static_cast<unsigned char>(input.front());
  request->peer = static_cast<gateway::Peer>(who % 4);
  try_target(request->target);
  gateway::RequestHandler& handler =
      who % 8 < 4 ? static_cast<gateway::RequestHandler&>(ports.service) : ports.rpc;
  ports.changed =
      ports.changed || (request->method != Method::kGet && request->method != Method::kHead);
  require_sound(ask(handler, std::move(*request)));
  ports.changed = ports.changed || ports.node.runs() > 0;
}

}  // namespace

/// Requests to one node, one after another, with a line `%%` between them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::string_view kBetween = "\n%%\n";
  static std::unique_ptr<Ports> ports;
  // An input means the same whatever came before it.
  if (!ports || ports->changed) ports = std::make_unique<Ports>();
  std::string_view input = core::as_text(core::BytesView(data, size));
  while (!input.empty()) {
    const std::string_view one = input.substr(0, input.find(kBetween));
    input.remove_prefix(std::min(input.size(), one.size() + kBetween.size()));
    try_request(one, *ports);
  }
  return 0;
}
