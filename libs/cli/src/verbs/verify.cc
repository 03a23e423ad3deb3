#include "verbs/verify.h"

#include <charconv>

#include "answer.h"
#include "node_access.h"
#include "node_request.h"
#include "run_view.h"
#include <boost/json.hpp>

namespace every::cli {
namespace {

namespace json = boost::json;
using core::ErrorCode;
using gateway::Response;

core::Result<json::object> answer_to(const NodeChoices& node, const gateway::Request& request,
                                     const Console& console) {
  EVERY_TRY_ASSIGN(const Response response, ask(node, request, console));
  return report_in(response);
}

/// What all pages of a verification came to.
struct Sum {
  std::uint64_t same = 0, different = 0, unable = 0, now_trusted = 0;
  json::array findings;

  void add(const json::object& report) {
    same += count_at(report, "same");
    different += count_at(report, "different");
    unable += count_at(report, "unable");
    now_trusted += count_at(report, "now_trusted");
    for (const json::value& finding : list_at(report, "findings")) findings.push_back(finding);
  }
  [[nodiscard]] json::object render() const {
    return {{"same", same},
            {"different", different},
            {"unable", unable},
            {"now_trusted", now_trusted},
            {"findings", findings}};
  }
};

json::object request_of(const VerifyVerb& verb, double share, std::int64_t after) {
  json::object request{{"what", json::value_from(verb.what)}, {"share", share}, {"after", after}};
  if (verb.engine) request["engine"] = *verb.engine;
  if (verb.profile) request["profile"] = *verb.profile;
  return request;
}

void show(const Sum& sum, const Console& console) {
  for (const auto& value : sum.findings) {
    if (!value.is_object()) continue;
    const json::object& finding = value.get_object();
    const std::string outcome = text_at(finding, "outcome");
    const std::string func = text_at(finding, "func");
    std::string line = text_at(finding, "receipt") + (func.empty() ? "" : "  " + func);
    if (const std::string why = text_at(finding, "why"); !why.empty()) line += ": " + why;
    if (const std::string other = text_at(finding, "other"); !other.empty())
      line += "\n    now " + other;
    if (outcome == "same") {
      console.done(line);
    } else if (outcome == "different") {
      console.failed(line);
    } else {
      console.warn("not verified: " + line);
    }
  }
  std::string text = std::to_string(sum.same) + " the same";
  if (sum.now_trusted > 0)
    text += " (" + std::to_string(sum.now_trusted) + " imported, used from now on)";
  if (sum.different > 0) text += ", " + std::to_string(sum.different) + " different";
  if (sum.unable > 0) text += ", " + std::to_string(sum.unable) + " not verified";
  if (sum.different > 0) {
    console.failed(text);
  } else if (sum.unable > 0) {
    console.warn(text);
  } else {
    console.done(text);
  }
}

core::Result<int> show_quarantine(const VerifyVerb& verb, const Console& console) {
  EVERY_TRY_ASSIGN(const json::object answer, answer_to(verb.node, get("/-/quarantine"), console));
  if (verb.output == Output::kJson) {
    print(json::serialize(answer) + "\n");
    return 0;
  }
  const json::array& components = list_at(answer, "components");
  if (components.empty()) {
    console.done("No component is in quarantine");
    return 0;
  }
  std::vector<std::vector<std::string>> rows{{"COMPONENT", "SINCE", "WAS", "BECAME"}};
  for (const auto& value : components) {
    if (!value.is_object()) continue;
    const json::object& entry = value.get_object();
    const bool failed = text_at(entry, "kept") == text_at(entry, "other");
    rows.push_back({text_at(entry, "component"), short_time(text_at(entry, "since")),
                    text_at(entry, "kept"), failed ? "a failure" : text_at(entry, "other")});
  }
  print(render_table(rows));
  return 0;
}

core::Result<int> let_out(const VerifyVerb& verb, const Console& console) {
  EVERY_TRY_ASSIGN(
      const json::object answer,
      answer_to(verb.node,
                json_post("/-/quarantine/" + url_encode(*verb.release) + "/release", "{}"),
                console));
  if (verb.output == Output::kJson) {
    print(json::serialize(answer) + "\n");
  } else {
    console.done("Component " + text_at(answer, "released") +
                 " runs again; results that were known are in use again, too (`every forget` ends "
                 "that)");
  }
  return 0;
}

}  // namespace

core::Result<double> parse_share(const std::string& text) {
  std::string_view digits = text;
  const bool percent = digits.ends_with('%');
  if (percent) digits.remove_suffix(1);
  double number = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const double share = percent ? number / 100 : number;
  if (problem != std::errc() || end != digits.data() + digits.size() || !(share > 0 && share <= 1))
    return core::fail(ErrorCode::kInvalidArgument,
                      "'" + text + "' is no share: write 5% or 0.05, above 0 and at most all");
  return share;
}

void VerifyVerb::define(Options& options) {
  options.words("WHAT", what, "Receipts (CIDs) or runs (ids of `every runs`)");
  options.flag("--all", scope, Scope::kAll, "All results that are known here");
  options.value("--sample", "P", sample, "Of all, a share at random: 5% or 0.05");
  options.value("--engine", "NAME", engine,
                "Only results made with this engine, as `every receipt` names it");
  options.number("--profile", "N", profile, 0, UINT32_MAX,
                 "Only results made under this determinism profile");
  options.flag("--quarantined", scope, Scope::kQuarantine,
               "List the components that gave two results for one instruction");
  options.value("--release", "COMPONENT", release, "Let such a component run again");
  options.flag("--json", output, Output::kJson, "As JSON");
  add_remote_options(options, node);
  add_node_options(options, node);
}

core::Result<int> VerifyVerb::run(const Console& console) {
  if (release) return let_out(*this, console);
  if (scope == Scope::kQuarantine) return show_quarantine(*this, console);
  const bool all = scope == Scope::kAll || sample || ((engine || profile) && what.empty());
  if (all != what.empty())
    return core::fail(ErrorCode::kInvalidArgument,
                      all ? "name receipts and runs, or say --all; not both"
                          : "say what to verify: receipts, runs, or --all (--sample 5% for some)");
  double share = 1;
  if (sample) {
    EVERY_TRY_ASSIGN(share, parse_share(*sample));
  }
  Sum sum;
  std::int64_t after = 0;
  for (;;) {
    const std::string body = json::serialize(request_of(*this, share, after));
    EVERY_TRY_ASSIGN(const json::object report,
                     answer_to(node, json_post("/-/verify", body), console));
    sum.add(report);
    const json::value* next = report.if_contains("next");
    if (next == nullptr || !next->is_int64()) break;
    after = next->get_int64();
    if (output == Output::kText)
      console.busy(std::to_string(sum.same + sum.different + sum.unable) + " verified so far");
  }
  if (output == Output::kJson) {
    print(json::serialize(sum.render()) + "\n");
  } else {
    show(sum, console);
  }
  if (sum.different > 0) return core::info(ErrorCode::kIntegrity).exit_code;
  return sum.unable > 0 && !all ? core::info(ErrorCode::kUnavailable).exit_code : 0;
}

const VerbInfo kVerifyVerb{
    "verify", "Execute results again and compare: a difference is an alarm",
    "  every verify <RUN>                   every result of a run\n"
    "  every verify --all --sample 5%       some of all; the exit code tells of a difference\n"
    "  every verify --quarantined           components that gave two results\n"
    "  every verify --release bafybei...    let one run again\n",
    make_verb<VerifyVerb>};

}  // namespace every::cli
