#include "verbs/run.h"

#include <iostream>
#include <iterator>

#include "answer.h"
#include "node_access.h"
#include "node_request.h"
#include "run_view.h"
#include "run_wait.h"
#include "timeline.h"
#include "why_view.h"
#include <boost/json.hpp>

#include "every/core/file.h"
#include "every/ipld/dag_cbor.h"
#include "every/ipld/dag_json.h"

namespace every::cli {
namespace {

using gateway::Response;

constexpr std::size_t kMostBytes = std::size_t{1} << 30;

core::Result<std::string> read_content(const std::string& path) {
  if (path == "-")
    return std::string(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
  EVERY_TRY_ASSIGN(const core::Bytes bytes, core::read_file(path, kMostBytes));
  return std::string(core::as_text(bytes));
}

/// A workflow as it is sent: JSON, or DAG-CBOR, whatever the file is called.
struct Document {
  std::string content;
  const char* type = "application/json";

  [[nodiscard]] gateway::Request post_to(std::string target) && {
    return {
        gateway::Method::kPost, std::move(target), {{"Content-Type", type}}, std::move(content)};
  }
};

/// A map of CBOR begins as no JSON does (major type 5: RFC 8949, section 3.1).
bool looks_like_cbor(std::string_view content) {
  return !content.empty() && (static_cast<unsigned char>(content.front()) >> 5U) == 5U;
}

/// A mistake in a file is told with its place before anything starts.
core::Result<Document> read_document(const std::string& path) {
  const std::string name = path == "-" ? "standard input" : path;
  Document document;
  EVERY_TRY_ASSIGN(document.content, read_content(path));
  if (looks_like_cbor(document.content)) {
    document.type = "application/vnd.ipld.dag-cbor";
    const auto parsed = ipld::dag_cbor::decode(core::as_bytes(document.content),
                                               ipld::dag_cbor::Strictness::kRequest);
    if (!parsed) return core::fail(core::Error(parsed.error()).in(name));
  } else if (const auto parsed = ipld::dag_json::decode(document.content); !parsed) {
    return core::fail(core::Error(parsed.error()).in(name));
  }
  return document;
}

/// Of a run's JSON: prints it, and gives the exit code of its state. in: whys   the answer to why its tasks ran, or empty
core::Result<int> print_run(const Response& response, const std::string& whys) {
  if (whys.empty()) {
    print(response.body + "\n");
  } else {
    EVERY_TRY_ASSIGN(boost::json::object run, parse_object(response.body));
    EVERY_TRY_ASSIGN(const boost::json::object explained, parse_object(whys));
    run["why"] = list_at(explained, "tasks");
    print(boost::json::serialize(run) + "\n");
  }
  EVERY_TRY(outcome_of_run(response.body));
  return 0;
}

/// What is said of why tasks ran, for a person beside the answer.
core::Status tell_why(const std::string& whys, const Console& console) {
  EVERY_TRY_ASSIGN(const boost::json::object explained, parse_object(whys));
  std::string text = render_whys(explained, terminal_width());
  if (!text.empty() && text.back() == '\n') text.pop_back();
  console.line(text);
  return {};
}

core::Result<int> explain_only(const RunVerb& command, Document document, const Console& console) {
  std::string target = "/-/workflows/why";
  if (command.name) target += "?name=" + url_encode(*command.name);
  EVERY_TRY_ASSIGN(const Response response,
                   ask(command.node, std::move(document).post_to(target), console));
  if (response.status != 200) return std::unexpected(error_from(response));
  if (command.output == Output::kJson) {
    print(response.body + "\n");
    return 0;
  }
  EVERY_TRY_ASSIGN(const boost::json::object explained, parse_object(response.body));
  print(render_whys(explained, terminal_width()));
  return 0;
}

/// What the routes that run a workflow are told beside it.
std::string query_of(const RunVerb& command) {
  std::string query = command.reuse == runtime::Reuse::kFresh ? "fresh=1" : "fresh=0";
  if (command.start == runtime::Start::kPaused) query += "&paused=1";
  if (command.name) query += "&name=" + url_encode(*command.name);
  return query;
}

core::Result<int> hand_over(const RunVerb& command, Document document, const Console& console) {
  // A run that is paused waits for its node.
  if (command.start == runtime::Start::kAtOnce) EVERY_TRY(need_node(command.node));
  const std::string target = "/-/runs?" + query_of(command);
  EVERY_TRY_ASSIGN(const Response response,
                   ask(command.node, std::move(document).post_to(target), console));
  if (response.status != 202) return std::unexpected(error_from(response));
  print_accepted(response, command.output, console);
  return 0;
}

}  // namespace

void RunVerb::define(Options& options) {
  options
      .word("WORKFLOW", workflow,
            "A workflow file, JSON or DAG-CBOR, short or full form; - reads standard input")
      .completes(Completion::kFiles);
  add_function_option(options, node);
  options.flag("--fresh", reuse, runtime::Reuse::kFresh, "Run every task, whatever is known");
  options.value("--name", "NAME", name, "What the run is called in every runs (default: test)");
  options.flag("--detach", wait, Wait::kForAccept,
               "Hand the run to the node that is running and print its id; it goes on whatever "
               "happens here");
  options.flag(
      "--paused", start, runtime::Start::kPaused,
      "Start nothing of it yet and print its id: every runs step takes it a task at a time");
  options.flag("--explain", explain, Explain::kAfter,
               "Say of each task why it ran, or did not (with --json in `why`)");
  options.flag("--explain-only", explain, Explain::kInstead,
               "Say what would run and why, and run nothing");
  options.flag("--json", output, Output::kJson,
               "Print every task with its CIDs, output and whether it was replayed");
  add_remote_options(options, node);
  add_node_options(options, node);
}

core::Result<int> RunVerb::run(const Console& console) {
  EVERY_TRY_ASSIGN(Document document, read_document(workflow));
  if (explain == Explain::kInstead) return explain_only(*this, std::move(document), console);
  if (wait == Wait::kForAccept || start == runtime::Start::kPaused)
    return hand_over(*this, std::move(document), console);
  std::string target = "/-/workflows?" + query_of(*this) + kTellPause;
  if (output == Output::kText) target += "&answer=body";
  const gateway::Request request = std::move(document).post_to(target);
  std::string whys;
  EVERY_TRY_ASSIGN(const Response response,
                   converse(node, console, [&](NodeAccess& access) -> core::Result<Response> {
                     EVERY_TRY_ASSIGN(Response answer,
                                      send_and_wait(access, request, output, console));
                     const std::string* run = answer.find_header("every-run");
                     if (explain == Explain::kAfter && run != nullptr) {
                       EVERY_TRY_ASSIGN(const Response told,
                                        access.send(get("/-/runs/" + url_encode(*run) + "/why")));
                       if (told.status != 200) return std::unexpected(error_from(told));
                       whys = told.body;
                     }
                     return answer;
                   }));
  if (!whys.empty() && output == Output::kText) EVERY_TRY(tell_why(whys, console));
  if (response.status != 200) return std::unexpected(error_from(response));
  if (output == Output::kJson) return print_run(response, whys);
  print_body(response);
  return 0;
}

const VerbInfo kRunVerb{
    "run", "Run a workflow, here or on the node that is running already",
    "  every run add.json --fn math.wasm            prints the answer\n"
    "  every run add.json --fn math.wasm --json     every task with its CIDs and receipt\n"
    "  every run long.json --detach                 prints the run's id; see every runs show\n"
    "  every run long.json --paused                 the same, and nothing of it starts: every runs "
    "step\n"
    "  every run add.json --explain                 and why each task ran, or did not\n"
    "  cat add.json | every run - --fn math.wasm    from standard input\n"
    "  every run add.json --node https://node.example:3000 --token-file token\n",
    make_verb<RunVerb>};

}  // namespace every::cli
