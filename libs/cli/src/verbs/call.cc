#include "verbs/call.h"

#include <algorithm>

#include "node_access.h"
#include "node_request.h"
#include "run_view.h"
#include "run_wait.h"
#include <boost/json.hpp>

#include "every/core/text.h"

namespace every::cli {
namespace {

using gateway::Request;
using gateway::Response;

core::Result<std::vector<std::string>> known_functions(NodeAccess& node) {
  EVERY_TRY_ASSIGN(const Response response, node.send(get("/")));
  boost::system::error_code problem;
  const auto list = boost::json::parse(response.body, problem);
  std::vector<std::string> names;
  if (problem || !list.is_array()) return names;
  for (const auto& pair : list.as_array()) {
    if (pair.is_array() && !pair.as_array().empty() && pair.as_array().front().is_string())
      names.emplace_back(pair.as_array().front().as_string());
  }
  return names;
}

core::Error unknown_function(const std::string& name, std::vector<std::string> known) {
  core::Error error{core::ErrorCode::kNotFound, "there is no function '" + name + "'", {}};
  if (known.empty()) {
    error.message += ", and none is loaded; give its component with --fn FILE.wasm";
  } else if (const auto near = core::nearest(name, known); !near.empty()) {
    error.message += "; did you mean " + std::string(near) + "?";
  } else {
    constexpr std::size_t kMost = 10;
    const std::size_t more = known.size() > kMost ? known.size() - kMost : 0;
    known.resize(std::min(known.size(), kMost));
    error.message += "; there is " + core::join_words(known) +
                     (more > 0 ? " (and " + std::to_string(more) + " more)" : "") +
                     "; give the component of another with --fn FILE.wasm";
  }
  return error;
}

}  // namespace

void CallVerb::define(Options& options) {
  options.word("FUNCTION", function, "Its name");
  options.words("ARGUMENT", arguments, "Its arguments in order, or as name=value");
  add_function_option(options, node);
  options.flag("--fresh", reuse, runtime::Reuse::kFresh, "Run it, whatever is known");
  options.flag("--paused", start, runtime::Start::kPaused,
               "Do not start it yet and print its run's id; see every runs step");
  options.flag("--json", output, Output::kJson,
               "Print the run: CIDs, receipt, output, whether it was replayed");
  add_remote_options(options, node);
  add_node_options(options, node);
}

core::Result<int> CallVerb::run(const Console& console) {
  boost::json::array texts;
  for (const std::string& text : arguments) texts.emplace_back(text);
  std::string target = "/-/call/" + url_encode(function) +
                       (reuse == runtime::Reuse::kFresh ? "?fresh=1" : "?fresh=0");
  const bool starts_paused = start == runtime::Start::kPaused;
  target += starts_paused ? "&paused=1" : kTellPause;
  if (output == Output::kJson) target += "&answer=run";
  const Request request = json_post(target, boost::json::serialize(texts));
  std::vector<std::string> known;
  const auto answer = converse(node, console, [&](NodeAccess& access) -> core::Result<Response> {
    EVERY_TRY_ASSIGN(Response response, starts_paused
                                            ? access.send(request)
                                            : send_and_wait(access, request, output, console));
    if (response.status == 404) {
      EVERY_TRY_ASSIGN(known, known_functions(access));
    }
    return response;
  });
  EVERY_TRY_ASSIGN(const Response response, answer);
  if (response.status == 404) return core::fail(unknown_function(function, known));
  if (starts_paused && response.status == 202) {
    print_accepted(response, output, console);
    return 0;
  }
  if (response.status != 200) return std::unexpected(error_from(response));
  if (output == Output::kJson) {
    print(response.body + "\n");
    EVERY_TRY(outcome_of_run(response.body));
  } else {
    print_body(response);
  }
  return 0;
}

const VerbInfo kCallVerb{
    "call", "Call one function",
    "  every call add 3.1 5.2 --fn math.wasm          by position\n"
    "  every call add a=3.1 b=5.2 --fn math.wasm      by name\n"
    "  every call greet '{\"name\":\"Ada\"}' --fn g.wasm   records and lists as JSON\n",
    make_verb<CallVerb>};

}  // namespace every::cli
