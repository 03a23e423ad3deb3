#include <iostream>
#include <iterator>

#include "node_access.h"
#include "verbs.h"
#include <boost/json.hpp>

#include "every/core/file.h"
#include "every/ipld/dag_json.h"

namespace every::cli {
namespace {

using gateway::Method;
using gateway::Request;
using gateway::Response;

constexpr std::size_t kMostBytes = std::size_t{1} << 30;

core::Result<std::string> read_text(const std::string& path) {
  if (path == "-")
    return std::string(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
  EVERY_TRY_ASSIGN(const core::Bytes bytes, core::read_file(path, kMostBytes));
  return std::string(core::as_text(bytes));
}

/// Text that is JSON; a mistake in it is told with file, line and column before anything starts.
core::Result<std::string> read_document(const std::string& path) {
  EVERY_TRY_ASSIGN(std::string text, read_text(path));
  if (const auto parsed = ipld::dag_json::decode(text); !parsed)
    return core::fail(core::Error(parsed.error()).in(path == "-" ? "standard input" : path));
  return text;
}

void print(const std::string& bytes) {
  std::fwrite(bytes.data(), 1, bytes.size(), stdout);
  std::fflush(stdout);
}

/// The body as the gateway gives it; a newline after what is text.
void print_body(const Response& response) {
  print(response.body);
  const std::string* type = response.find_header("content-type");
  const bool is_text =
      type != nullptr && (type->starts_with("text/") || type->starts_with("application/json"));
  if (is_text && !response.body.ends_with('\n')) print("\n");
}

/// Sends, and tries again while the owner is just ending.
core::Result<Response> ask(const NodeChoices& choices, const Request& request,
                           const Console& console) {
  constexpr int kTries = 5;
  for (int i = 1;; ++i) {
    EVERY_TRY_ASSIGN(const auto node, NodeAccess::open(choices, console));
    EVERY_TRY(node->load(choices.functions));
    auto response = node->send(request);
    const bool gone =
        response ? response->status == 503 : response.error().code == core::ErrorCode::kUnavailable;
    if (!gone || i == kTries) return response;
  }
}

core::Error error_of_run(const boost::json::object& run) {
  const auto* error = run.if_contains("error");
  if (error == nullptr || !error->is_object())
    return {core::ErrorCode::kInternal, "the run did not complete", {}};
  return error_from(Response{500, {}, boost::json::serialize(*error)});
}

/// Of a run's JSON: prints it, and gives the exit code of its state.
core::Result<int> print_run(const Response& response, const Console& console) {
  print(response.body + "\n");
  boost::system::error_code problem;
  const auto run = boost::json::parse(response.body, problem);
  if (problem || !run.is_object())
    return core::fail(core::ErrorCode::kMalformed, "the node's answer is not JSON");
  const auto* state = run.as_object().if_contains("state");
  if (state != nullptr && state->is_string() && state->as_string() == "completed") return 0;
  const core::Error error = error_of_run(run.as_object());
  console.error(error);
  return exit_code(error);
}

Request json_post(std::string target, std::string body) {
  return {
      Method::kPost, std::move(target), {{"Content-Type", "application/json"}}, std::move(body)};
}

std::string cell(const boost::json::object& row, std::string_view key) {
  const auto* value = row.if_contains(key);
  if (value == nullptr || value->is_null()) return "-";
  return value->is_string() ? std::string(value->as_string().c_str())
                            : boost::json::serialize(*value);
}

}  // namespace

core::Result<int> run_workflow(const RunCommand& command, const Console& console) {
  EVERY_TRY_ASSIGN(std::string document, read_document(command.workflow));
  std::string target = "/-/workflows?fresh=";
  target += command.reuse == runtime::Reuse::kFresh ? "1" : "0";
  if (command.output == Output::kText) target += "&answer=body";
  EVERY_TRY_ASSIGN(const Response response,
                   ask(command.node, json_post(target, std::move(document)), console));
  if (response.status != 200) return std::unexpected(error_from(response));
  if (command.output == Output::kJson) return print_run(response, console);
  print_body(response);
  return 0;
}

core::Result<int> run_call(const CallCommand& command, const Console& console) {
  boost::json::array arguments;
  for (const std::string& text : command.arguments) arguments.emplace_back(text);
  std::string name;
  for (const char c : command.function)
    name += c == '#' ? std::string("%23") : c == '/' ? std::string("%2F") : std::string(1, c);
  const std::string target =
      "/-/call/" + name + (command.reuse == runtime::Reuse::kFresh ? "?fresh=1" : "");
  EVERY_TRY_ASSIGN(
      const Response response,
      ask(command.node, json_post(target, boost::json::serialize(arguments)), console));
  if (response.status == 404)
    return core::fail(core::ErrorCode::kNotFound, "there is no function '" + command.function +
                                                      "'; give its component with --fn FILE.wasm");
  if (response.status != 200) return std::unexpected(error_from(response));
  print_body(response);
  return 0;
}

core::Result<int> run_runs(const RunsCommand& command, const Console& console) {
  const Request request{Method::kGet, "/-/runs?limit=" + std::to_string(command.limit), {}, {}};
  NodeChoices choices = command.node;
  choices.workers = 0;  // no guest runs: no worker processes
  EVERY_TRY_ASSIGN(const Response response, ask(choices, request, console));
  if (response.status != 200) return std::unexpected(error_from(response));
  if (command.output == Output::kJson) {
    print(response.body + "\n");
    return 0;
  }
  boost::system::error_code problem;
  const auto body = boost::json::parse(response.body, problem);
  if (problem || !body.is_object())
    return core::fail(core::ErrorCode::kMalformed, "the node's answer is not JSON");
  for (const auto& value : body.at("runs").as_array()) {
    const boost::json::object& run = value.as_object();
    print(cell(run, "id") + "  " + cell(run, "accepted") + "  " + cell(run, "state") + "  " +
          cell(run, "tasks") + " tasks  " + cell(run, "name") + "\n");
  }
  return 0;
}

}  // namespace every::cli
