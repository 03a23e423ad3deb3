#include "verbs/call.h"

#include "node_access.h"
#include "node_request.h"
#include <boost/json.hpp>

namespace every::cli {

void CallVerb::define(Options& options) {
  options.word("FUNCTION", function, "Its name");
  options.words("ARGUMENT", arguments, "Its arguments in order, or as name=value");
  add_function_option(options, node);
  options.flag("--fresh", reuse, runtime::Reuse::kFresh, "Run it, whatever is known");
  add_node_options(options, node);
}

core::Result<int> CallVerb::run(const Console& console) {
  boost::json::array texts;
  for (const std::string& text : arguments) texts.emplace_back(text);
  const std::string target =
      "/-/call/" + url_encode(function) + (reuse == runtime::Reuse::kFresh ? "?fresh=1" : "");
  EVERY_TRY_ASSIGN(const gateway::Response response,
                   ask(node, json_post(target, boost::json::serialize(texts)), console));
  if (response.status == 404)
    return core::fail(core::ErrorCode::kNotFound, "there is no function '" + function +
                                                      "'; give its component with --fn FILE.wasm");
  if (response.status != 200) return std::unexpected(error_from(response));
  print_body(response);
  return 0;
}

const VerbInfo kCallVerb{
    "call", "Call one function",
    "  every call add 3.1 5.2 --fn math.wasm          by position\n"
    "  every call add a=3.1 b=5.2 --fn math.wasm      by name\n"
    "  every call greet '{\"name\":\"Ada\"}' --fn g.wasm   records and lists as JSON\n",
    make_verb<CallVerb>};

}  // namespace every::cli
