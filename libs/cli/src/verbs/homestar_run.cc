#include "verbs/homestar_run.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "answer.h"
#include "node_access.h"
#include "node_request.h"
#include "panel.h"
#include "run_view.h"
#include <boost/json.hpp>

#include "every/core/file.h"
#include "every/invocation/invocation.h"
#include "every/ipld/dag_cbor.h"
#include "every/ipld/dag_json.h"
#include "every/wasm/url.h"

namespace every::cli {
namespace {

namespace json = boost::json;
using core::ErrorCode;
using gateway::Response;

constexpr std::size_t kMostBytes = std::size_t{1} << 30;

core::Result<ipld::Value> read_value(const std::filesystem::path& file) {
  EVERY_TRY_ASSIGN(const core::Bytes bytes, core::read_file(file, kMostBytes));
  if (file.extension() == ".cbor")
    return ipld::dag_cbor::decode(bytes, ipld::dag_cbor::Strictness::kRequest);
  if (file.has_extension() && file.extension() != ".json")
    return core::fail(ErrorCode::kUnsupported,
                      "unsupported workflow file type: " + file.extension().string().substr(1) +
                          "; .json and .cbor are read");
  return ipld::dag_json::decode(core::as_text(bytes));
}

core::Result<invocation::Workflow> read_workflow(const std::string& file) {
  auto value = read_value(file);
  auto workflow = value ? invocation::Workflow::parse(*value, wasm::normalize_url)
                        : core::Result<invocation::Workflow>(core::fail(value.error()));
  if (workflow) return workflow;
  // The original's sentence; why is below it.
  core::Error error{workflow.error().code,
                    "runtime error: failed to validate/parse workflow @ path: \"" + file + "\"",
                    {}};
  return core::fail(std::move(error).with("cause", workflow.error().message));
}

/// Every Link of a value, in order of appearance, but those of awaits, which name instructions.
void collect_links(const ipld::Value& value, std::vector<std::string>& out) {
  if (invocation::Await::parse(value)) return;
  if (const auto* link = value.if_link()) out.push_back(link->render());
  if (const auto* list = value.if_list()) {
    for (const ipld::Value& item : *list) collect_links(item, out);
  }
  if (const auto* map = value.if_map()) {
    for (const auto& [key, item] : *map) collect_links(item, out);
  }
}

/// What the tasks need, each once: components, and content that is linked to.
Rows resources_of(const invocation::Workflow& workflow) {
  std::vector<std::string> all;
  for (const invocation::Task& task : workflow.tasks) {
    all.push_back(task.run.rsc);
    collect_links(task.run.input, all);
  }
  Rows rows{{"Resources"}};
  for (const std::string& resource : all) {
    const std::vector<std::string> row{resource};
    if (std::ranges::find(rows, row) == rows.end()) rows.push_back(row);
  }
  return rows;
}

core::Result<std::string> ran_of(const Control& node, const std::string& receipt) {
  EVERY_TRY_ASSIGN(const Response response, node.send(get("/-/receipts/" + receipt)));
  EVERY_TRY_ASSIGN(const json::object object, report_in(response));
  const auto* ran = object.if_contains("ran");
  if (ran == nullptr || !ran->is_object())
    return core::fail(ErrorCode::kMalformed, "receipt " + receipt + " does not say what ran");
  return text_at(ran->as_object(), "/");
}

/// What was known, by the receipts' CIDs, each once: receipt, invocation, instruction. And how many tasks that are.
struct Replayed {
  std::size_t tasks = 0;
  Rows rows{{"Replayed Receipt", "Invocation Ran", "Instruction"}};
};
core::Result<Replayed> replayed_of(const Control& node, const json::object& run) {
  Replayed replayed;
  std::map<std::string, std::string> instructions;
  const auto* tasks = run.if_contains("tasks");
  if (tasks == nullptr || !tasks->is_array())
    return core::fail(ErrorCode::kMalformed, "the node's answer has no tasks");
  for (const json::value& value : tasks->as_array()) {
    const json::object* task = value.if_object();
    const auto* flag = task != nullptr ? task->if_contains("replayed") : nullptr;
    if (flag == nullptr || flag->kind() != json::kind::bool_ || !flag->as_bool()) continue;
    ++replayed.tasks;
    instructions[text_at(*task, "receipt")] = text_at(*task, "instruction");
  }
  for (const auto& [receipt, instruction] : instructions) {
    EVERY_TRY_ASSIGN(std::string ran, ran_of(node, receipt));
    replayed.rows.push_back({receipt, std::move(ran), instruction});
  }
  if (replayed.rows.size() == 1) replayed.rows.push_back({"<none>", "", ""});
  return replayed;
}

/// The run as it stands once what is known has been found.
core::Result<json::object> submit(const Control& node, const std::string& name,
                                  const std::string& document) {
  EVERY_TRY_ASSIGN(const Response accepted,
                   node.send(json_post("/-/runs?name=" + url_encode(name), document)));
  if (accepted.status != 202) return std::unexpected(error_from(accepted));
  EVERY_TRY_ASSIGN(const json::object run, parse_object(accepted.body));
  // What is known is there at once; what runs is not waited for.
  EVERY_TRY_ASSIGN(const Response standing,
                   node.send(get("/-/runs/" + text_at(run, "id") + "?wait=50ms")));
  if (standing.status != 200) return std::unexpected(error_from(standing));
  return parse_object(standing.body);
}

}  // namespace

void HomestarRunVerb::define(Options& options) {
  options.word("FILE", file, "A workflow file, .json or .cbor").completes(Completion::kFiles);
  options.value("--name", "NAME", name, "Local name given to a workflow");
  add_rpc_options(options, rpc);
}

core::Result<int> HomestarRunVerb::run(const Console& /*console*/) {
  EVERY_TRY_ASSIGN(const Control node, Control::open(rpc, Face::kHomestar));
  EVERY_TRY_ASSIGN(const invocation::Workflow workflow, read_workflow(file));
  EVERY_TRY_ASSIGN(const ipld::Cid cid, workflow.cid());
  EVERY_TRY_ASSIGN(const std::string document, ipld::dag_json::encode(workflow.render()));
  const std::string called = name.value_or(cid.render());
  EVERY_TRY_ASSIGN(const json::object run, submit(node, called, document));
  EVERY_TRY_ASSIGN(const Replayed replayed, replayed_of(node, run));
  const std::string head =
      render_grid({{"cid", "name", "num_tasks", "progress_count", "timestamp"},
                   {cid.render(), called, std::to_string(workflow.tasks.size()),
                    std::to_string(replayed.tasks), short_time(text_at(run, "accepted"))}});
  print(render_panel(panel_title("run"),
                     {{head}, {render_grid(resources_of(workflow))}, {render_grid(replayed.rows)}},
                     paint_of(Face::kHomestar)));
  return 0;
}

}  // namespace every::cli
