#include "verbs/runs.h"

#include "node_access.h"
#include "node_request.h"
#include <boost/json.hpp>

namespace every::cli {
namespace {

std::string cell(const boost::json::object& row, std::string_view key) {
  const auto* value = row.if_contains(key);
  if (value == nullptr || value->is_null()) return "-";
  return value->is_string() ? std::string(value->as_string().c_str())
                            : boost::json::serialize(*value);
}

}  // namespace

void RunsVerb::define(Options& options) {
  options.number("--limit", "N", limit, 1, 1000, "How many (default 20)");
  options.flag("--json", output, Output::kJson, "As JSON");
  add_node_options(options, node);
}

core::Result<int> RunsVerb::run(const Console& console) {
  node.workers = 0;  // no guest runs: no worker processes
  EVERY_TRY_ASSIGN(const gateway::Response response,
                   ask(node, get("/-/runs?limit=" + std::to_string(limit)), console));
  if (response.status != 200) return std::unexpected(error_from(response));
  if (output == Output::kJson) {
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

const VerbInfo kRunsVerb{"runs", "List what ran, newest first",
                         "  every runs             the last 20\n"
                         "  every runs --json      with every CID, for other programs\n",
                         make_verb<RunsVerb>};

}  // namespace every::cli
