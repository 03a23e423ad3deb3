#include "verbs/receipt.h"

#include "answer.h"
#include "node_access.h"
#include "node_request.h"
#include <boost/json.hpp>

#include "every/ipld/cid.h"
#include "every/ipld/dag_json.h"

namespace every::cli {
namespace {

using ipld::Value;

std::string json_of(const Value& value) {
  const auto text = ipld::dag_json::encode(value);
  return text ? *text : "(" + text.error().message + ")";
}

std::string link_or_json(const Value& value) {
  const auto* link = value.if_link();
  return link != nullptr ? link->render() : json_of(value);
}

/// `ok 8.3`, or `error` and its message.
std::string outcome_of(const Value& out) {
  const auto* pair = out.if_list();
  if (pair == nullptr || pair->size() != 2) return json_of(out);
  const auto* tag = (*pair)[0].if_string();
  return (tag != nullptr ? *tag : json_of((*pair)[0])) + "  " + json_of((*pair)[1]);
}

core::Result<std::string> describe(const std::string& cid, std::string_view json) {
  EVERY_TRY_ASSIGN(const Value receipt, ipld::dag_json::decode(json));
  const auto* map = receipt.if_map();
  if (map == nullptr) return core::fail(core::ErrorCode::kMalformed, cid + " is not a receipt");
  const auto row = [map](const char* title, const char* key, auto render) {
    const Value* value = map->find(key);
    if (value == nullptr) return std::string();
    return std::string(title) + (value->is_null() ? "none" : render(*value)) + "\n";
  };
  std::string text = "receipt    " + cid + "\n";
  text += row("ran        ", "ran", link_or_json);
  text += row("result     ", "out", outcome_of);
  text += row("meta       ", "meta", json_of);
  text += row("issuer     ", "iss", json_of);
  text += row("proofs     ", "prf", json_of);
  return text;
}

/// Where it comes from and whether it is used, as `GET /-/receipts/:cid/origin` says it.
std::string describe_origin(const gateway::Response& response) {
  const auto origin = report_in(response);
  if (!origin) return "used       no: it belongs to one run, or nothing says what it answers\n";
  const std::string use = text_at(*origin, "use");
  const std::string engine = text_at(*origin, "engine");
  std::string text = "answers    " + text_at(*origin, "instruction") + "\nfrom       " +
                     (text_at(*origin, "provenance") == "local" ? "here" : "elsewhere");
  if (!engine.empty()) text += ", " + engine;
  if (const auto* profile = origin->if_contains("profile");
      profile != nullptr && profile->is_number())
    text += ", determinism profile " + boost::json::serialize(*profile);
  text += "\nused       ";
  text += use == "hit"         ? "yes"
          : use == "untrusted" ? "no: nobody trusted attests it"
          : use == "forgotten" ? "no: it was forgotten"
                               : "no: it was made under another determinism profile";
  for (const std::string& key : texts_at(*origin, "attested_by")) text += "\nattested   " + key;
  return text + "\n";
}

}  // namespace

void ReceiptVerb::define(Options& options) {
  options.word("CID", cid, "Its CID, as `every run --json`, the log and Every-Receipt give it");
  options.flag("--json", form, Form::kJson, "As DAG-JSON");
  options.flag("--cbor", form, Form::kCbor, "The DAG-CBOR block itself, which hashes to the CID");
  add_remote_options(options, node);
  add_node_options(options, node);
}

core::Result<int> ReceiptVerb::run(const Console& console) {
  EVERY_TRY_ASSIGN(const ipld::Cid parsed, ipld::Cid::parse_reference(cid));
  gateway::Request request = get("/-/receipts/" + parsed.render());
  if (form == Form::kCbor) request.headers.push_back({"Accept", "application/vnd.ipld.dag-cbor"});
  node.workers = 0;  // no guest runs: no worker processes
  gateway::Response origin;
  const auto talk = [&](NodeAccess& access) -> core::Result<gateway::Response> {
    if (form == Form::kPretty) {
      EVERY_TRY_ASSIGN(origin, access.send(get("/-/receipts/" + parsed.render() + "/origin")));
    }
    return access.send(request);
  };
  EVERY_TRY_ASSIGN(const gateway::Response response, converse(node, console, talk));
  if (response.status != 200) return std::unexpected(error_from(response));
  if (form == Form::kCbor) {
    print(response.body);
  } else if (form == Form::kJson) {
    print(response.body + "\n");
  } else {
    EVERY_TRY_ASSIGN(const std::string text, describe(parsed.render(), response.body));
    print(text + describe_origin(origin));
  }
  return 0;
}

const VerbInfo kReceiptVerb{
    "receipt", "Show a receipt",
    "  every receipt bafyrmi...               what it says\n"
    "  every receipt bafyrmi... --cbor > r    the bytes that hash to its CID\n",
    make_verb<ReceiptVerb>};

}  // namespace every::cli
