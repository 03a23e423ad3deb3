#include "verbs/gc.h"

#include <string>

#include "answer.h"
#include "node_access.h"
#include "node_request.h"
#include "sizes.h"
#include <boost/json.hpp>

#include "every/core/text.h"

namespace every::cli {
namespace {

namespace json = boost::json;
using gateway::Response;

std::string counted(std::uint64_t count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::string describe_runs(const json::object& report) {
  return counted(count_at(report, "runs"), "run", "runs") + " beyond the limits of `every.keep` (" +
         size_text(count_at(report, "run_bytes")) + "); results stay";
}

std::string describe_content(const json::object& report) {
  const std::uint64_t components = count_at(report, "components");
  std::string text = counted(count_at(report, "blocks"), "block", "blocks") +
                     " of content that nothing names (" +
                     size_text(count_at(report, "block_bytes")) + ")";
  if (components > 0) text += ", " + counted(components, "component", "components") + " among it";
  return text;
}

void show(const json::object& report, GcVerb::Apply apply, const Console& console) {
  const bool done = apply == GcVerb::Apply::kYes;
  const std::uint64_t results = count_at(report, "results");
  const bool any = count_at(report, "runs") + count_at(report, "blocks") + results > 0;
  if (count_at(report, "runs") > 0) console.line("  " + describe_runs(report));
  if (results > 0)
    console.line("  " + counted(results, "result", "results") + " that no run has any more");
  if (count_at(report, "blocks") > 0) console.line("  " + describe_content(report));
  console.line("  Stays: " + counted(count_at(report, "kept_runs"), "run", "runs") + ", " +
               counted(count_at(report, "kept_results"), "result", "results") + ", " +
               counted(count_at(report, "kept_blocks"), "block", "blocks") + " of content (" +
               size_text(count_at(report, "kept_block_bytes")) + ")");
  if (const auto earlier = count_at(report, "earlier_blocks"); earlier > 0)
    console.line("  " + counted(earlier, "block", "blocks") +
                 " of these came before it was noted who added what; with --earlier they go, too");
  if (done) {
    console.done(any ? "Removed; " + size_text(count_at(report, "bytes_given_back")) +
                           " went back to the file system"
                     : "Nothing to remove; " + size_text(count_at(report, "bytes_given_back")) +
                           " went back to the file system");
  } else if (any) {
    console.done("Nothing was removed; `every gc --apply` removes it");
  } else {
    console.done("Nothing to remove");
  }
}

}  // namespace

void GcVerb::define(Options& options) {
  options.flag("--apply", apply, Apply::kYes, "Remove it; without, it is only told what would go");
  options.number("--results", "DAYS", result_days, 0, 36'500,
                 "Results older than so many days, too, that no run that stays has; they are "
                 "computed again when they are asked for");
  options.flag("--earlier", earlier, Earlier::kAll,
               "Content from before it was noted who added what, too, unless it is pinned or "
               "needed");
  options.flag("--json", output, Output::kJson, "As JSON");
  add_remote_options(options, node);
  add_node_options(options, node);
}

core::Result<int> GcVerb::run(const Console& console) {
  node.workers = 0;  // no guest runs: no worker processes
  json::object request{{"apply", apply == Apply::kYes}, {"earlier", earlier == Earlier::kAll}};
  if (result_days) request["results_older_than_days"] = *result_days;
  EVERY_TRY_ASSIGN(const Response response,
                   ask(node, json_post("/-/gc", json::serialize(request)), console));
  EVERY_TRY_ASSIGN(const json::object report, report_in(response));
  if (output == Output::kJson) {
    print(response.body + "\n");
    return 0;
  }
  show(report, apply, console);
  return 0;
}

const VerbInfo kGcVerb{
    "gc", "Tell, or remove, what nothing needs: expired runs, components, content",
    "  every gc                                 what would go, and what stays\n"
    "  every gc --apply                         and it goes; results and what you added stay\n"
    "  every gc --results 90 --apply            and results of 90 days ago that no run has\n"
    "  every pin add bafybei...                 this stays, whatever happens\n",
    make_verb<GcVerb>};

}  // namespace every::cli
