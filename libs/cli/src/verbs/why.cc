#include "verbs/why.h"

#include <algorithm>

#include "answer.h"
#include "node_access.h"
#include "node_request.h"
#include "timeline.h"
#include "why_view.h"
#include <boost/json.hpp>

#include "every/core/clock.h"

namespace every::cli {
namespace {

using gateway::Response;

/// Whether a word looks like the id of a run (docs/formats/store.md): else it is a task of the newest.
bool is_run_id(const std::string& word) {
  constexpr std::size_t kLength = 26;
  return word.size() == kLength && std::ranges::all_of(word, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'v');
         });
}

core::Result<std::string> newest_run(NodeAccess& access) {
  EVERY_TRY_ASSIGN(const Response response, access.send(get("/-/runs?limit=1")));
  EVERY_TRY_ASSIGN(const boost::json::object body, report_in(response));
  const auto& runs = list_at(body, "runs");
  if (runs.empty() || !runs.front().is_object())
    return core::fail(core::ErrorCode::kNotFound,
                      "nothing has run yet, so there is nothing to explain");
  return text_at(runs.front().as_object(), "id");
}

}  // namespace

void WhyVerb::define(Options& options) {
  options.optional_word("RUN", run_word, "Its id, as `every runs` lists it (default: the newest)");
  options.optional_word(
      "TASK", task,
      "Its name, its index from 0, or the CID of its instruction (default: every task)");
  options.flag("--json", output, Output::kJson,
               "As JSON, with every difference and both build records");
  add_remote_options(options, node);
  add_node_options(options, node);
}

core::Result<int> WhyVerb::run(const Console& console) {
  // A word alone may be a task of the newest run.
  std::optional<std::string> id = run_word;
  std::optional<std::string> of = task;
  if (id && !of && !is_run_id(*id)) of = std::exchange(id, std::nullopt);
  node.workers = 0;  // no guest runs: no worker processes
  const auto talk = [&](NodeAccess& access) -> core::Result<Response> {
    std::string run_id = id.value_or(std::string());
    if (!id) {
      EVERY_TRY_ASSIGN(run_id, newest_run(access));
    }
    const std::string target = "/-/runs/" + url_encode(run_id);
    return access.send(get(of ? target + "/tasks/" + url_encode(*of) + "/why" : target + "/why"));
  };
  EVERY_TRY_ASSIGN(const Response response, converse(node, console, talk));
  if (response.status != 200) return std::unexpected(error_from(response));
  if (output == Output::kJson) {
    print(response.body + "\n");
    return 0;
  }
  EVERY_TRY_ASSIGN(const boost::json::object body, parse_object(response.body));
  print(of ? render_why(body, core::SystemClock().wall()) : render_whys(body, terminal_width()));
  return 0;
}

const VerbInfo kWhyVerb{
    "why", "Say why a task ran again, or did not",
    "  every why                     each task of the newest run, in a line\n"
    "  every why resize              the task resize of the newest run\n"
    "  every why <RUN> resize        what differs from the nearest that ran before\n"
    "  every why <RUN> 0 --json      the first task, for other programs\n",
    make_verb<WhyVerb>};

}  // namespace every::cli
