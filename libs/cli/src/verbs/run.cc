#include "verbs/run.h"

#include <iostream>
#include <iterator>

#include "node_access.h"
#include "node_request.h"
#include <boost/json.hpp>

#include "every/core/file.h"
#include "every/ipld/dag_json.h"

namespace every::cli {
namespace {

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

}  // namespace

void RunVerb::define(Options& options) {
  options.word("WORKFLOW", workflow, "A workflow file, short or full form; - reads standard input")
      .completes(Completion::kFiles);
  add_function_option(options, node);
  options.flag("--fresh", reuse, runtime::Reuse::kFresh, "Run every task, whatever is known");
  options.flag("--json", output, Output::kJson,
               "Print every task with its CIDs, output and whether it was replayed");
  add_node_options(options, node);
}

core::Result<int> RunVerb::run(const Console& console) {
  EVERY_TRY_ASSIGN(std::string document, read_document(workflow));
  std::string target = "/-/workflows?fresh=";
  target += reuse == runtime::Reuse::kFresh ? "1" : "0";
  if (output == Output::kText) target += "&answer=body";
  EVERY_TRY_ASSIGN(const Response response,
                   ask(node, json_post(target, std::move(document)), console));
  if (response.status != 200) return std::unexpected(error_from(response));
  if (output == Output::kJson) return print_run(response, console);
  print_body(response);
  return 0;
}

const VerbInfo kRunVerb{
    "run", "Run a workflow, here or on the node that is running already",
    "  every run add.json --fn math.wasm            prints the answer\n"
    "  every run add.json --fn math.wasm --json     every task with its CIDs and receipt\n"
    "  cat add.json | every run - --fn math.wasm    from standard input\n",
    make_verb<RunVerb>};

}  // namespace every::cli
