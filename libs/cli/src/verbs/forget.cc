#include "verbs/forget.h"

#include "answer.h"
#include "node_access.h"
#include "node_request.h"
#include <boost/json.hpp>

namespace every::cli {

namespace json = boost::json;
using gateway::Response;

void ForgetVerb::define(Options& options) {
  options.word("CID", cid,
               "A receipt, an instruction, or a component, all of whose results are meant");
  options.flag("--dependants", dependants, Dependants::kForgetToo,
               "And all results that rest on what is forgotten");
  options.flag("--json", output, Output::kJson, "As JSON");
  add_remote_options(options, node);
  add_node_options(options, node);
}

core::Result<int> ForgetVerb::run(const Console& console) {
  node.workers = 0;  // no guest runs: no worker processes
  const json::object request{{"cid", cid}, {"dependants", dependants == Dependants::kForgetToo}};
  EVERY_TRY_ASSIGN(const Response response,
                   ask(node, json_post("/-/forget", json::serialize(request)), console));
  EVERY_TRY_ASSIGN(const json::object report, report_in(response));
  if (output == Output::kJson) {
    print(response.body + "\n");
    return 0;
  }
  const std::uint64_t receipts = count_at(report, "receipts");
  std::string text =
      "Forgot " + std::to_string(receipts) + (receipts == 1 ? " result" : " results");
  if (const auto dependants_too = count_at(report, "dependants"); dependants_too > 0)
    text += ", " + std::to_string(dependants_too) + " of them because they rest on others";
  if (const auto already = count_at(report, "already"); already > 0)
    text += "; " + std::to_string(already) + " had been before";
  console.done(text +
               "; what is forgotten stays readable, and is executed again when it is asked for");
  return 0;
}

const VerbInfo kForgetVerb{"forget", "Never use a result again; it stays readable",
                           "  every forget bafyrmi...                 a receipt\n"
                           "  every forget bafybei... --dependants    all results of a component, "
                           "and what rests on them\n",
                           make_verb<ForgetVerb>};

}  // namespace every::cli
