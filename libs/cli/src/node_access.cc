#include "node_access.h"

#include <chrono>
#include <thread>

#include "answer.h"
#include "assemble.h"
#include "functions.h"
#include "node_request.h"
#include "places.h"
#include <boost/json.hpp>
#include <unistd.h>

#include "every/blocks/blocks.h"
#include "every/core/printable.h"
#include "every/gateway/access.h"
#include "every/gateway/client.h"
#include "every/gateway/server.h"
#include "every/gateway/service.h"

namespace every::cli {
namespace {

using core::ErrorCode;
using gateway::Request;
using gateway::Response;

/// This process is the owner. Other commands of the home come in over the socket meanwhile.
class OwnNode final : public NodeAccess {
 public:
  static core::Result<std::unique_ptr<NodeAccess>> open(std::unique_ptr<store::HomeLock> lock,
                                                        const Places& places,
                                                        const NodeChoices& choices,
                                                        const Console& console) {
    auto own = std::make_unique<OwnNode>();
    EVERY_TRY_ASSIGN(const settings::Settings settings, load_settings(places, choices, console));
    EVERY_TRY(lock->announce({::getpid(), 0}));
    EVERY_TRY_ASSIGN(const LogSetup log,
                     choose_log(choices, LogTarget::kStderr, system_environment, console));
    EVERY_TRY_ASSIGN(own->assembly_, assemble(std::move(lock), places, settings, log));
    own->service_ = std::make_unique<gateway::Service>(
        gateway::ServiceOptions{}, *own->assembly_->node, *own->assembly_->logger);
    gateway::ServerOptions options;
    options.hosts.clear();
    options.socket = places.socket();
    EVERY_TRY_ASSIGN(own->server_,
                     gateway::Server::open(options, *own->service_, *own->assembly_->logger));
    own->server_->start();
    return own;
  }

  ~OwnNode() override {
    if (server_) server_->drain();
    if (assembly_) assembly_->stop();
    if (service_) service_->stop();
  }

  [[nodiscard]] bool is_shared() const override { return false; }
  core::Result<Response> send(const Request& request) override {
    return service_->handle_and_wait(request);
  }

 private:
  std::unique_ptr<Assembly> assembly_;
  std::unique_ptr<gateway::Service> service_;
  std::unique_ptr<gateway::Server> server_;
};

class RemoteNode final : public NodeAccess {
 public:
  explicit RemoteNode(std::filesystem::path socket) : socket_(std::move(socket)) {}
  [[nodiscard]] bool is_shared() const override { return true; }
  core::Result<Response> send(const Request& request) override {
    return gateway::call_owner(socket_, request);
  }

 private:
  std::filesystem::path socket_;
};

/// A node that is asked over the network.
class NodeElsewhere final : public NodeAccess {
 public:
  static core::Result<std::unique_ptr<NodeAccess>> open(const NodeChoices& choices) {
    EVERY_TRY(refuse_choices_of_here(choices));
    auto node = std::make_unique<NodeElsewhere>();
    EVERY_TRY_ASSIGN(node->address_, gateway::NodeAddress::parse(*choices.remote.node));
    if (choices.remote.token_file) {
      EVERY_TRY_ASSIGN(node->access_.token, gateway::read_token(*choices.remote.token_file));
    }
    if (choices.remote.tls_ca) node->access_.tls_ca = *choices.remote.tls_ca;
    return node;
  }

  [[nodiscard]] bool is_shared() const override { return true; }
  core::Result<Response> send(const Request& request) override {
    EVERY_TRY_ASSIGN(Response response, gateway::call_remote(address_, access_, request));
    if (response.status != 401) return response;
    return core::fail(error_from(response).in(address_.render()));
  }

 private:
  static core::Status refuse_choices_of_here(const NodeChoices& choices) {
    const char* option = choices.home                    ? "--home"
                         : choices.config                ? "--config"
                         : choices.durability            ? "--durability"
                         : !choices.trusted_urls.empty() ? "--trust-url"
                                                         : nullptr;
    if (option == nullptr) return {};
    return core::fail(ErrorCode::kInvalidArgument,
                      std::string("--node asks a node elsewhere, and ") + option +
                          " is about one here; leave one of the two out");
  }

  gateway::NodeAddress address_;
  gateway::RemoteAccess access_;
};

/// What a failed task had written and where it was: `log`, one line each, `stack`, `backtrace`.
void add_details(core::Error& error, const boost::json::object& details) {
  const auto* log = details.if_contains("log");
  std::string lines;
  if (log != nullptr && log->is_array()) {
    for (const auto& entry : log->as_array()) {
      if (!entry.is_object()) continue;
      const boost::json::object& line = entry.as_object();
      if (!lines.empty()) lines += '\n';
      lines += text_at(line, "level") + " " + text_at(line, "category") + " " +
               core::printable_line(text_at(line, "message"));
    }
  }
  if (!lines.empty()) error.context.emplace_back("log", std::move(lines));
  for (const char* key : {"stack", "backtrace"}) {
    if (std::string value = text_at(details, key); !value.empty())
      error.context.emplace_back(key, std::move(value));
  }
}

}  // namespace

core::Result<std::unique_ptr<NodeAccess>> NodeAccess::open(const NodeChoices& choices,
                                                           const Console& console) {
  if (choices.remote.node) return NodeElsewhere::open(choices);
  if (choices.remote.token_file || choices.remote.tls_ca)
    return core::fail(
        ErrorCode::kInvalidArgument,
        std::string(choices.remote.token_file ? "--token-file" : "--tls-ca") +
            " is for a node elsewhere, and none is named: --node URL; this user's own "
            "node is asked without");
  EVERY_TRY_ASSIGN(const Places places, find_places(choices.home, system_environment));
  // An owner may be just starting or just ending: its lock is there before its socket, and a little longer.
  constexpr int kTries = 100;
  core::Error last{ErrorCode::kUnavailable, "the node that owns this home does not answer", {}};
  for (int i = 0; i < kTries; ++i) {
    auto lock = store::HomeLock::take(places.home);
    if (lock) return OwnNode::open(std::move(*lock), places, choices, console);
    if (lock.error().code != ErrorCode::kConflict) return std::unexpected(lock.error());
    auto remote = std::make_unique<RemoteNode>(places.socket());
    const auto health = remote->send({gateway::Method::kGet, "/-/healthz", {}, {}});
    if (health) return remote;
    last = health.error();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return std::unexpected(std::move(last));
}

core::Status NodeAccess::load(const std::vector<std::string>& paths) {
  const std::vector<std::string> labels = make_labels(paths);
  for (std::size_t i = 0; i < paths.size(); ++i) {
    EVERY_TRY_ASSIGN(FunctionFile file, read_function(paths[i], labels[i]));
    EVERY_TRY_ASSIGN(const ipld::Cid cid, blocks::cid_of_file(file.bytes));
    Request request{gateway::Method::kPost,
                    "/-/components?label=" + url_encode(file.label) +
                        "&origin=" + url_encode(file.origin) + "&cid=" + cid.render(),
                    {{"Content-Type", "application/wasm"}},
                    std::string(core::as_text(file.bytes))};
    EVERY_TRY_ASSIGN(const Response response, send(request));
    if (response.status == 200) continue;
    core::Error error = error_from(response);
    error.message = describe_loading_error(paths[i], error);
    return std::unexpected(std::move(error));
  }
  return {};
}

core::Error error_from(const Response& response) {
  core::Error error{ErrorCode::kInternal, response.body, {}};
  if (response.status >= 400 && response.status < 500) error.code = ErrorCode::kInvalidArgument;
  if (const std::string* summary = response.find_header(gateway::kSummaryHeader)) {
    error.message = *summary;
    return error;
  }
  boost::system::error_code problem;
  const auto body = boost::json::parse(response.body, problem);
  if (problem || !body.is_object()) return error;
  const boost::json::object& object = body.as_object();
  error.message = text_at(object, "error");
  if (const auto* row = core::find_error_code(text_at(object, "code"))) error.code = row->code;
  for (const char* key : {"task", "func", "cid"}) {
    if (std::string value = text_at(object, key); !value.empty())
      error.context.emplace_back(key, std::move(value));
  }
  const auto* details = object.if_contains("details");
  if (details != nullptr && details->is_object()) add_details(error, details->as_object());
  return error;
}

}  // namespace every::cli
