#include "verbs/runs.h"

#include <cstdio>
#include <functional>

#include "node_access.h"
#include "node_request.h"
#include "run_view.h"
#include <boost/json.hpp>

namespace every::cli {
namespace {

using gateway::Response;

/// Prints an answer as it came, or as a person reads it. out: the exit code
core::Result<int> show(
    const Response& response, Output output,
    const std::function<core::Result<std::string>(std::string_view json)>& render) {
  if (output == Output::kJson) {
    print(response.body + "\n");
    return 0;
  }
  EVERY_TRY_ASSIGN(const std::string text, render(response.body));
  print(text);
  return 0;
}

core::Result<std::string> newest_run(const NodeChoices& node, const Console& console) {
  EVERY_TRY_ASSIGN(const Response response, ask_about_runs(node, get("/-/runs?limit=1"), console));
  boost::system::error_code problem;
  const auto body = boost::json::parse(response.body, problem);
  const auto* runs = problem || !body.is_object() ? nullptr : body.as_object().if_contains("runs");
  if (runs == nullptr || !runs->is_array())
    return core::fail(core::ErrorCode::kMalformed, "the node's answer has no list of runs");
  if (runs->as_array().empty())
    return core::fail(core::ErrorCode::kNotFound,
                      "nothing has run yet, so there is no run to show");
  return std::string(runs->as_array().front().at("id").as_string());
}

}  // namespace

core::Result<Response> ask_about_runs(NodeChoices node, const gateway::Request& request,
                                      const Console& console) {
  node.workers = 0;
  EVERY_TRY_ASSIGN(Response response, ask(node, request, console));
  if (response.status >= 300) return std::unexpected(error_from(response));
  return response;
}

void RunsVerb::define(Options& options) {
  options.number("--limit", "N", limit, 1, 1000, "How many (default 20)");
  options.flag("--json", output, Output::kJson, "As JSON");
  add_remote_options(options, node);
  add_node_options(options, node);
}

core::Result<int> RunsVerb::run(const Console& console) {
  EVERY_TRY_ASSIGN(const Response response,
                   ask_about_runs(node, get("/-/runs?limit=" + std::to_string(limit)), console));
  return show(response, output, render_runs);
}

const VerbInfo kRunsVerb{"runs", "List what ran, newest first",
                         "  every runs                    the last 20\n"
                         "  every runs --limit 100 --json with every CID, for other programs\n"
                         "  every runs show               the newest one with its tasks\n",
                         make_verb<RunsVerb>};

void RunsShowVerb::define(Options& options) {
  options.optional_word("RUN", id, "Its id, as `every runs` lists it (default: the newest)");
  options.flag("--all", tasks, TimelineLook::Show::kAll,
               "A line for every task (default: of more than 40 those that matter)");
  options.flag("--json", output, Output::kJson, "As JSON");
  add_remote_options(options, node);
  add_node_options(options, node);
}

core::Result<int> RunsShowVerb::run(const Console& console) {
  if (!id) {
    EVERY_TRY_ASSIGN(id, newest_run(node, console));
  }
  EVERY_TRY_ASSIGN(const Response response,
                   ask_about_runs(node, get("/-/runs/" + url_encode(*id)), console));
  return show(response, output, [this](std::string_view json) {
    return render_run(json, {.width = terminal_width(),
                             .colour = colour_of(stdout),
                             .now = core::SystemClock().wall(),
                             .show = tasks});
  });
}

const VerbInfo kRunsShowVerb{"runs show", "Show one run as a timeline, with outputs and receipts",
                             "  every runs show                 the newest\n"
                             "  every runs show <RUN> --json    one of `every runs`\n",
                             make_verb<RunsShowVerb>};

void RunsCancelVerb::define(Options& options) {
  options.word("RUN", id, "Its id, as `every runs` lists it");
  options.flag("--json", output, Output::kJson, "Print the run as JSON");
  add_remote_options(options, node);
  add_node_options(options, node);
}

core::Result<int> RunsCancelVerb::run(const Console& console) {
  EVERY_TRY_ASSIGN(
      const Response response,
      ask_about_runs(node, json_post("/-/runs/" + url_encode(id) + "/cancel", ""), console));
  if (output == Output::kJson) {
    print(response.body + "\n");
  } else {
    console.done(response.status == 202 ? "Run " + id + " is being cancelled"
                                        : "Run " + id + " is cancelled");
  }
  return 0;
}

const VerbInfo kRunsCancelVerb{"runs cancel", "Cancel a run that is under way",
                               "  every runs cancel <RUN>         one of `every runs`\n",
                               make_verb<RunsCancelVerb>};

}  // namespace every::cli
