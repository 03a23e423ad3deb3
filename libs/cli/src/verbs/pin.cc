#include "verbs/pin.h"

#include <algorithm>

#include "answer.h"
#include "node_access.h"
#include "node_request.h"
#include <boost/json.hpp>

namespace every::cli {
namespace {

namespace json = boost::json;
using core::ErrorCode;
using gateway::Response;

void define_change(Options& options, NodeChoices& node, std::vector<std::string>& what,
                   Output& output) {
  options.words("WHAT", what,
                "Runs by their ids, or CIDs: receipts, components, other content with all it "
                "links to");
  options.flag("--json", output, Output::kJson, "As JSON, one line each");
  add_remote_options(options, node);
  add_node_options(options, node);
}

/// Posts each of the words; `told` is said of it.
core::Result<int> change(NodeChoices& node, const std::vector<std::string>& what, Output output,
                         const char* target, const char* told, const Console& console) {
  if (what.empty())
    return core::fail(ErrorCode::kInvalidArgument, "name a run (`every runs` lists them) or a CID");
  node.workers = 0;  // no guest runs: no worker processes
  for (const std::string& word : what) {
    const json::object request{{"what", word}};
    EVERY_TRY_ASSIGN(const Response response,
                     ask(node, json_post(target, json::serialize(request)), console));
    EVERY_TRY_ASSIGN(const json::object pin, report_in(response));
    if (output == Output::kJson) {
      print(response.body + "\n");
    } else {
      console.done(told + text_at(pin, "kind") + " " + text_at(pin, "what"));
    }
  }
  return 0;
}

}  // namespace

void PinAddVerb::define(Options& options) {
  define_change(options, node, what, output);
}

core::Result<int> PinAddVerb::run(const Console& console) {
  return change(node, what, output, "/-/pins", "Pinned ", console);
}

const VerbInfo kPinAddVerb{"pin add", "Keep a run, a result or content whatever its age",
                           "  every pin add <RUN>             with its tasks, log and components\n"
                           "  every pin add bafybei...        a component, a file, a directory\n",
                           make_verb<PinAddVerb>};

void PinRmVerb::define(Options& options) {
  define_change(options, node, what, output);
}

core::Result<int> PinRmVerb::run(const Console& console) {
  return change(node, what, output, "/-/pins/remove", "No longer pinned: ", console);
}

const VerbInfo kPinRmVerb{
    "pin rm", "Keep it no longer than others; the next `every gc --apply` may remove it",
    "  every pin rm <RUN>\n"
    "  every pin rm bafybei...         also what `every ipfs add` or `every car import` brought\n",
    make_verb<PinRmVerb>};

void PinLsVerb::define(Options& options) {
  options.flag("--json", output, Output::kJson, "As JSON");
  add_remote_options(options, node);
  add_node_options(options, node);
}

core::Result<int> PinLsVerb::run(const Console& console) {
  node.workers = 0;  // no guest runs: no worker processes
  EVERY_TRY_ASSIGN(const Response response, ask(node, get("/-/pins"), console));
  EVERY_TRY_ASSIGN(const json::object report, report_in(response));
  if (output == Output::kJson) {
    print(response.body + "\n");
    return 0;
  }
  std::string text;
  for (const json::value& value : list_at(report, "pins")) {
    if (!value.is_object()) continue;
    const json::object& pin = value.get_object();
    std::string kind = text_at(pin, "kind");
    kind.resize(std::max<std::size_t>(kind.size(), 8), ' ');
    text += kind + " " + text_at(pin, "what") + "  " + text_at(pin, "since").substr(0, 19) + "\n";
  }
  if (text.empty()) console.line("Nothing is pinned, and nothing was added");
  print(text);
  return 0;
}

const VerbInfo kPinLsVerb{"pin ls", "List what is pinned, and what was added or imported",
                          "  every pin ls\n"
                          "  every pin ls --json\n",
                          make_verb<PinLsVerb>};

}  // namespace every::cli
